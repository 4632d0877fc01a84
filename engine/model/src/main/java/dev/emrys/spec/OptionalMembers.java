package dev.emrys.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/**
 * Adds what is missing to the tree of a record whose JSON form leaves members out: a nullable one is null, a list and
 * a map are empty, a location is unknown. Any other member is required.
 */
final class OptionalMembers {
    private OptionalMembers() {}

    static void fill(JsonNode node, Class<?> type) {
        if (!(node instanceof ObjectNode object) || !type.isRecord()) {
            return;
        }
        for (RecordComponent component : type.getRecordComponents()) {
            JsonNode there = object.get(component.getName());
            if (there != null) {
                fillWithin(there, component);
                continue;
            }
            JsonNode missing = missing(component);
            if (missing != null) {
                object.set(component.getName(), missing);
            }
        }
    }

    private static void fillWithin(JsonNode there, RecordComponent component) {
        if (component.getType() == SourceLocation.class) {
            LocationDefaults.fill(there);
        } else if (component.getType() == ImmutableList.class) {
            Type element = ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
            if (element instanceof Class<?> elementType) {
                there.forEach(child -> fill(child, elementType));
            }
        } else {
            fill(there, component.getType());
        }
    }

    private static @Nullable JsonNode missing(RecordComponent component) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        if (component.getType() == ImmutableList.class) {
            return json.arrayNode();
        }
        if (component.getType() == ImmutableMap.class) {
            return json.objectNode();
        }
        if (component.getType() == SourceLocation.class) {
            return LocationDefaults.missing();
        }
        return component.getAnnotatedType().isAnnotationPresent(Nullable.class) ? json.nullNode() : null;
    }
}
