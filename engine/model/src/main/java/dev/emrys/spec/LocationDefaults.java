package dev.emrys.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;

/** What a location, or a member of one, means when it is missing. */
final class LocationDefaults {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private static final ImmutableMap<String, JsonNode> MEMBERS =
            ImmutableMap.of("column", JSON.numberNode(0), "calledFrom", JSON.nullNode());

    private LocationDefaults() {}

    /** A new tree: trees are changed in place. */
    static ObjectNode missing() {
        return JSON.objectNode()
                .put("file", SourceLocation.UNKNOWN.file())
                .put("line", 0)
                .put("column", 0)
                .putNull("calledFrom");
    }

    static void fill(JsonNode node) {
        for (JsonNode location = node; location.isObject(); location = location.path("calledFrom")) {
            ObjectNode current = (ObjectNode) location;
            MEMBERS.forEach((name, value) -> {
                if (!current.has(name)) {
                    current.set(name, value);
                }
            });
        }
    }
}
