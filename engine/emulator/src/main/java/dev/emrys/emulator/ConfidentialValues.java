package dev.emrys.emulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.google.common.collect.ImmutableSet;
import java.util.Map;
import software.amazon.awssdk.services.emr.model.Step;

/** The texts of steps, configurations and bootstrap actions, which may be secrets. */
final class ConfidentialValues {
    static final String HIDDEN = "****";

    /** The names in the API of the members that contain such texts, of any type. */
    private static final ImmutableSet<String> MEMBERS = ImmutableSet.of("Jar", "MainClass", "Args", "Properties");

    private ConfidentialValues() {}

    /**
     * Replaces each of these texts in the JSON of a step, cluster or request; names and numbers of properties and
     * arguments stay.
     */
    static ObjectNode hide(ObjectNode tree) {
        for (Map.Entry<String, JsonNode> member : tree.properties()) {
            member.setValue(MEMBERS.contains(member.getKey()) ? hidden(member.getValue()) : visit(member.getValue()));
        }
        return tree;
    }

    private static JsonNode visit(JsonNode value) {
        if (value instanceof ObjectNode tree) {
            return hide(tree);
        }
        if (value instanceof ArrayNode list) {
            list.forEach(ConfidentialValues::visit);
        }
        return value;
    }

    private static JsonNode hidden(JsonNode value) {
        if (value instanceof ObjectNode properties) {
            properties.properties().forEach(property -> property.setValue(hidden(property.getValue())));
        } else if (value instanceof ArrayNode arguments) {
            for (int i = 0; i < arguments.size(); i++) {
                arguments.set(i, hidden(arguments.get(i)));
            }
        } else {
            return TextNode.valueOf(HIDDEN);
        }
        return value;
    }

    /** Whether the step was read from JSON in which its texts are hidden. */
    static boolean areHidden(Step step) {
        return HIDDEN.equals(step.config().jar());
    }
}
