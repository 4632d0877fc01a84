package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * A part of an EMR request in the form of EMR's JSON protocol, for members that the typed words lack. Immutable: every
 * tree that is passed in or returned is a copy.
 */
public final class RawRequest {
    /** Adds nothing to a request. */
    public static final RawRequest NONE = new RawRequest(JsonNodeFactory.instance.objectNode());

    private final ObjectNode tree;

    private RawRequest(ObjectNode tree) {
        this.tree = tree;
    }

    /** @param tree an object whose member names are EMR's, such as {@code ManagedScalingPolicy} */
    @JsonCreator
    public static RawRequest of(ObjectNode tree) {
        return tree.isEmpty() ? NONE : new RawRequest(tree.deepCopy());
    }

    public boolean isEmpty() {
        return tree.isEmpty();
    }

    @JsonValue
    public ObjectNode tree() {
        return tree.deepCopy();
    }

    /** Adds every text in it: a placeholder is filled in there when the request is sent. */
    void texts(ImmutableList.Builder<String> texts) {
        texts(tree, texts);
    }

    /** With every text in it replaced. */
    public RawRequest withTexts(UnaryOperator<String> replace) {
        return isEmpty() ? this : new RawRequest((ObjectNode) withTexts(tree, replace));
    }

    private static JsonNode withTexts(JsonNode node, UnaryOperator<String> replace) {
        if (node.isTextual()) {
            return JsonNodeFactory.instance.textNode(replace.apply(node.textValue()));
        }
        if (node instanceof ArrayNode array) {
            ArrayNode copy = JsonNodeFactory.instance.arrayNode();
            array.forEach(child -> copy.add(withTexts(child, replace)));
            return copy;
        }
        if (node instanceof ObjectNode object) {
            ObjectNode copy = JsonNodeFactory.instance.objectNode();
            object.properties().forEach(member -> copy.set(member.getKey(), withTexts(member.getValue(), replace)));
            return copy;
        }
        return node;
    }

    private static void texts(JsonNode node, ImmutableList.Builder<String> texts) {
        if (node.isTextual()) {
            texts.add(node.textValue());
        }
        node.forEach(child -> texts(child, texts));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RawRequest that && tree.equals(that.tree);
    }

    @Override
    public int hashCode() {
        return Objects.hash(tree);
    }

    @Override
    public String toString() {
        return tree.toString();
    }
}
