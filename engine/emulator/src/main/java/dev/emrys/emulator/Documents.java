package dev.emrys.emulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.services.emr.model.Cluster;
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest;
import software.amazon.awssdk.services.emr.model.Step;

/**
 * Converts records to stored documents and back. Every document has a version; all released versions are read. The
 * documents of steps and clusters that have ended are without confidential values.
 */
final class Documents {

    static final String CLUSTER = "cluster";
    static final String CLUSTER_REQUEST = "cluster-request";
    /** The kind of a cluster request in stores of the first version. */
    static final String CLUSTER_REQUEST_V0 = "blueprint";

    static final String STEP = "step";

    private static final int VERSION = 1;

    private Documents() {}

    static boolean isClusterRequest(StoredDocument document) {
        return document.kind().equals(CLUSTER_REQUEST) || document.kind().equals(CLUSTER_REQUEST_V0);
    }

    static StoredDocument of(ClusterRecord record) {
        ObjectNode json = document().put("sequence", record.sequence());
        putInstant(json, "phaseDue", record.phaseEndsAt());
        putInstant(json, "quietSince", record.idleSince());
        putInstant(json, "hiddenUntil", record.hiddenUntil());
        if (record.idleTimeout() != null) {
            json.put("idleTimeout", record.idleTimeout());
        }
        json.put("released", record.runnerNotified());
        if (record.bootstrapAction() != null) {
            json.put("bootstrapAction", record.bootstrapAction());
        }
        json.set("cluster", tree(record.cluster(), record.isTerminal()));
        return new StoredDocument(CLUSTER, record.id(), SdkJson.text(json));
    }

    /** @param ended whether the cluster has ended */
    static StoredDocument of(ClusterRequest clusterRequest, boolean ended) {
        ObjectNode json = document();
        clusterRequest.groupIds().forEach(json.putArray("groupIds")::add);
        json.set("request", tree(clusterRequest.request(), ended));
        return new StoredDocument(CLUSTER_REQUEST, clusterRequest.clusterId(), SdkJson.text(json));
    }

    static StoredDocument of(StepRecord record) {
        ObjectNode json = document()
                .put("clusterId", record.clusterId())
                .put("sequence", record.sequence())
                .put("force", record.force())
                .put("startReported", record.startReported());
        putInstant(json, "hiddenUntil", record.hiddenUntil());
        json.set("step", tree(record.step(), !record.active()));
        return new StoredDocument(STEP, record.id(), SdkJson.text(json));
    }

    static StoredDocument of(AccountResource resource) {
        ObjectNode json = document().put("sequence", resource.sequence());
        json.set("value", resource.json());
        return new StoredDocument(resource.kind(), resource.id(), SdkJson.text(json));
    }

    /** Replaces the document of a resource that was removed, until it is deleted from the store. */
    static StoredDocument ofRemoved(String kind, String id) {
        return new StoredDocument(kind, id, SdkJson.text(document().put("removed", true)));
    }

    /** Null if the resource was removed. */
    static @Nullable AccountResource resource(StoredDocument document) {
        JsonNode json = parse(document);
        return json.path("removed").booleanValue()
                ? null
                : new AccountResource(
                        document.kind(), document.id(), json.get("sequence").longValue(), (ObjectNode)
                                json.get("value"));
    }

    static ClusterRecord cluster(StoredDocument document) {
        JsonNode json = parse(document);
        return new ClusterRecord(
                json.get("sequence").longValue(),
                SdkJson.read(json.get("cluster"), Cluster.builder()),
                instant(json, "phaseDue"),
                Instant.ofEpochMilli(json.get("quietSince").longValue()),
                instant(json, "hiddenUntil"),
                json.has("idleTimeout") ? json.get("idleTimeout").longValue() : null,
                json.get("released").booleanValue(),
                json.has("bootstrapAction") ? json.get("bootstrapAction").intValue() : null);
    }

    static ClusterRequest clusterRequest(StoredDocument document) {
        JsonNode json = parse(document);
        ImmutableList.Builder<String> ids = ImmutableList.builder();
        json.get("groupIds").forEach(id -> ids.add(id.textValue()));
        return new ClusterRequest(
                document.id(), SdkJson.read(json.get("request"), RunJobFlowRequest.builder()), ids.build());
    }

    static StepRecord step(StoredDocument document) {
        JsonNode json = parse(document);
        return new StepRecord(
                json.get("clusterId").textValue(),
                json.get("sequence").longValue(),
                SdkJson.read(json.get("step"), Step.builder()),
                instant(json, "hiddenUntil"),
                json.get("force").booleanValue(),
                json.path("startReported").booleanValue());
    }

    private static ObjectNode tree(SdkPojo pojo, boolean ended) {
        ObjectNode tree = SdkJson.tree(pojo);
        return ended ? ConfidentialValues.hide(tree) : tree;
    }

    static ObjectNode document() {
        return JsonNodeFactory.instance.objectNode().put("version", VERSION);
    }

    static JsonNode parse(StoredDocument document) {
        JsonNode json = SdkJson.parse(document.json());
        int version = json.path("version").intValue();
        if (version != VERSION) {
            throw new IllegalStateException("The emulator's " + document.kind() + " " + document.id()
                    + " was stored in version " + version + ", and this Emrys reads version " + VERSION
                    + ": use the Emrys that wrote it, or start with an empty local account.");
        }
        return json;
    }

    static void putInstant(ObjectNode json, String member, @Nullable Instant instant) {
        if (instant != null) {
            json.put(member, instant.toEpochMilli());
        }
    }

    static @Nullable Instant instant(JsonNode json, String member) {
        return json.has(member) ? Instant.ofEpochMilli(json.get(member).longValue()) : null;
    }
}
