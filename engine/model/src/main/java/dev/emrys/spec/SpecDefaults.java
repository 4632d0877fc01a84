package dev.emrys.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;

/**
 * What a member of the JSON form means when it is missing. An addition to the spec gets its default here and needs no
 * new version. A member without a default, such as a name, is required.
 */
final class SpecDefaults {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private static final ObjectNode NO_LOCATION = LocationDefaults.missing();

    private static final ImmutableMap<String, JsonNode> PIPELINE = ImmutableMap.of(
            "description", JSON.nullNode(),
            "params", JSON.objectNode(),
            "clusters", JSON.arrayNode(),
            "tasks", JSON.arrayNode(),
            "location", NO_LOCATION,
            "budget", JSON.nullNode(),
            "existingClusters", JSON.arrayNode());

    private static final ImmutableMap<String, JsonNode> EXISTING_CLUSTER = ImmutableMap.of(
            "id", JSON.nullNode(),
            "clusterName", JSON.nullNode(),
            "states", JSON.arrayNode(),
            "location", NO_LOCATION);

    private static final ImmutableMap<String, JsonNode> BUDGET = ImmutableMap.of("location", NO_LOCATION);

    private static final ImmutableMap<String, JsonNode> CLUSTER = ImmutableMap.<String, JsonNode>builder()
            .put("applications", JSON.arrayNode())
            .put("configurations", JSON.arrayNode())
            .put("tags", JSON.objectNode())
            .put("logUri", JSON.nullNode())
            .put("stepConcurrency", JSON.numberNode(1))
            .put("idleTimeout", JSON.textNode(ClusterSpec.DEFAULT_IDLE_TIMEOUT.toString()))
            .put("subnetId", JSON.nullNode())
            .put("keyName", JSON.nullNode())
            .put("bootstrapActions", JSON.arrayNode())
            .put("rawRequest", JSON.objectNode())
            .put("location", NO_LOCATION)
            .put("options", JSON.nullNode())
            .buildOrThrow();

    private static final ImmutableMap<String, JsonNode> INSTANCE_GROUP =
            ImmutableMap.of("spot", JSON.nullNode(), "location", NO_LOCATION, "options", JSON.nullNode());

    private static final ImmutableMap<String, JsonNode> TASK =
            ImmutableMap.of("after", JSON.arrayNode(), "location", NO_LOCATION);

    private static final ImmutableMap<String, JsonNode> RETRY = ImmutableMap.of("limits", JSON.objectNode());

    private static final ImmutableMap<String, JsonNode> STEP =
            ImmutableMap.of("timeout", JSON.nullNode(), "logs", JSON.nullNode(), "runtimeRole", JSON.nullNode());

    private static final ImmutableMap<String, JsonNode> OPERATION = ImmutableMap.of("timeout", JSON.nullNode());

    private static final ImmutableMap<String, JsonNode> NOTEBOOK_EXECUTION =
            ImmutableMap.of("parameters", JSON.objectNode());

    private SpecDefaults() {}

    /** Adds what is missing to the pipeline's tree, in place. */
    static void fill(ObjectNode pipeline) {
        fill(pipeline, PIPELINE);
        fill(pipeline.path("budget"), BUDGET);
        for (JsonNode cluster : pipeline.path("clusters")) {
            fill(cluster, CLUSTER);
            fill(cluster.path("retry"), RETRY);
            OptionalMembers.fill(cluster.path("options"), ClusterOptions.class);
            for (JsonNode group : cluster.path("instanceGroups")) {
                fill(group, INSTANCE_GROUP);
                OptionalMembers.fill(group.path("options"), GroupOptions.class);
            }
        }
        for (JsonNode cluster : pipeline.path("existingClusters")) {
            fill(cluster, EXISTING_CLUSTER);
            fill(cluster.path("retry"), RETRY);
        }
        pipeline.path("tasks").forEach(SpecDefaults::fillTask);
    }

    /** Adds what is missing to a task's tree, in place. */
    static void fillTask(JsonNode task) {
        fill(task, TASK);
        fill(task.path("retry"), RETRY);
        if (task.path("type").asText().equals("step")) {
            fill(task, STEP);
            OptionalMembers.fill(task.path("logs"), StepLogs.class);
        } else if (task.path("type").asText().equals("operation")) {
            fill(task, OPERATION);
            fillOperation(task.path("operation"));
        }
    }

    private static void fillOperation(JsonNode operation) {
        switch (operation.path("type").asText()) {
            case "resize" -> OptionalMembers.fill(operation, ClusterOperation.Resize.class);
            case "managed-scaling" -> OptionalMembers.fill(operation, ClusterOperation.ScalingLimits.class);
            case "auto-termination" -> OptionalMembers.fill(operation, ClusterOperation.AutoTermination.class);
            case "await-step", "cancel-step" -> OptionalMembers.fill(operation.path("step"), StepChoice.class);
            case "notebook-execution" -> {
                OptionalMembers.fill(operation, NotebookExecution.class);
                fill(operation, NOTEBOOK_EXECUTION);
            }
            default -> {}
        }
    }

    private static void fill(JsonNode node, ImmutableMap<String, JsonNode> defaults) {
        if (node instanceof ObjectNode object) {
            defaults.forEach((name, value) -> {
                if (!object.has(name)) {
                    object.set(name, value);
                }
            });
            LocationDefaults.fill(object.path("location"));
        }
    }
}
