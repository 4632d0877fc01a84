package dev.emrys.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import java.util.function.Consumer;

/** Turns the JSON form of an earlier version of the spec into the next one, version by version. */
final class SpecUpcasters {
    /** At index 0 from version 1 to version 2, and so on. */
    private static final ImmutableList<Consumer<ObjectNode>> UPCASTERS = ImmutableList.of(
            SpecUpcasters::toVersion2,
            // Version 3 may leave members out, see RepeatedMembers; one with all of them is right too.
            pipeline -> {});

    private SpecUpcasters() {}

    /** @return the version that {@link #upcast} leads to */
    static int newest() {
        return UPCASTERS.size() + 1;
    }

    /** Changes the pipeline's tree in place. */
    static void upcast(ObjectNode pipeline, int version) {
        UPCASTERS.subList(version - 1, UPCASTERS.size()).forEach(upcaster -> upcaster.accept(pipeline));
    }

    /**
     * Version 2 says {@code location} for {@code place}, and has one list of tasks with a {@code type} each for the
     * list of steps.
     */
    private static void toVersion2(ObjectNode pipeline) {
        rename(pipeline, "place", "location");
        for (JsonNode cluster : pipeline.path("clusters")) {
            rename(cluster, "place", "location");
            cluster.path("instanceGroups").forEach(group -> rename(group, "place", "location"));
        }
        rename(pipeline, "steps", "tasks");
        for (JsonNode task : pipeline.path("tasks")) {
            rename(task, "place", "location");
            if (task instanceof ObjectNode step) {
                step.set("type", JsonNodeFactory.instance.textNode("step"));
            }
        }
    }

    private static void rename(JsonNode node, String from, String to) {
        if (node instanceof ObjectNode object && object.has(from)) {
            object.set(to, object.remove(from));
        }
    }
}
