package dev.emrys.emulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import dev.emrys.emulator.ClusterParts.Addition;
import dev.emrys.emulator.ClusterParts.Fleet;
import dev.emrys.emulator.ClusterParts.Group;
import dev.emrys.emulator.ClusterParts.Loss;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.services.emr.model.InstanceFleetConfig;
import software.amazon.awssdk.services.emr.model.InstanceGroupConfig;
import software.amazon.awssdk.services.emr.model.ManagedScalingPolicy;
import software.amazon.awssdk.services.emr.model.ShrinkPolicy;
import software.amazon.awssdk.utils.builder.SdkBuilder;

/** Converts the parts of clusters to stored documents and back. Stores of earlier versions have none. */
final class PartsDocuments {

    static final String CLUSTER_PARTS = "cluster-parts";

    private PartsDocuments() {}

    /** @param ended whether the cluster has ended: then the document is without confidential values */
    static StoredDocument of(String clusterId, ClusterParts parts, boolean ended) {
        ObjectNode json = Documents.document();
        ArrayNode groups = json.putArray("groups");
        parts.groups().forEach(group -> groups.add(tree(group)));
        ArrayNode fleets = json.putArray("fleets");
        parts.fleets().forEach(fleet -> fleets.add(tree(fleet)));
        put(json, "managedScaling", parts.managedScaling());
        ArrayNode losses = json.putArray("losses");
        parts.losses().forEach(loss -> losses.add(tree(loss)));
        ArrayNode changes = json.putArray("sizeChanges");
        parts.sizeChanges().forEach(change -> changes.add(tree(change)));
        return new StoredDocument(CLUSTER_PARTS, clusterId, SdkJson.text(ended ? ConfidentialValues.hide(json) : json));
    }

    static ClusterParts parts(StoredDocument document) {
        JsonNode json = Documents.parse(document);
        ImmutableList.Builder<Group> groups = ImmutableList.builder();
        json.get("groups").forEach(group -> groups.add(group(group)));
        ImmutableList.Builder<Fleet> fleets = ImmutableList.builder();
        json.get("fleets").forEach(fleet -> fleets.add(fleet(fleet)));
        ImmutableList.Builder<Loss> losses = ImmutableList.builder();
        json.path("losses").forEach(loss -> losses.add(loss(loss)));
        ImmutableList.Builder<SizeChange> changes = ImmutableList.builder();
        json.path("sizeChanges").forEach(change -> changes.add(sizeChange(change)));
        return new ClusterParts(
                groups.build(),
                fleets.build(),
                optional(json, "managedScaling", ManagedScalingPolicy.builder()),
                losses.build(),
                changes.build());
    }

    private static ObjectNode tree(SizeChange change) {
        ObjectNode json = SdkJson.MAPPER.createObjectNode().put("partId", change.partId());
        json.put("before", change.before()).put("after", change.after());
        Documents.putInstant(json, "at", change.at());
        Documents.putInstant(json, "endsAt", change.endsAt());
        return json;
    }

    private static SizeChange sizeChange(JsonNode json) {
        return new SizeChange(
                json.get("partId").textValue(),
                json.get("before").intValue(),
                json.get("after").intValue(),
                Instant.ofEpochMilli(json.get("at").longValue()),
                Instant.ofEpochMilli(json.get("endsAt").longValue()));
    }

    private static ObjectNode tree(Loss loss) {
        ObjectNode json = SdkJson.MAPPER.createObjectNode().put("partId", loss.partId());
        json.put("index", loss.index());
        Documents.putInstant(json, "at", loss.at());
        Documents.putInstant(json, "replacedAt", loss.replacedAt());
        json.put("ofSpot", loss.ofSpot());
        return json;
    }

    private static Loss loss(JsonNode json) {
        return new Loss(
                json.get("partId").textValue(),
                json.get("index").intValue(),
                Instant.ofEpochMilli(json.get("at").longValue()),
                Instant.ofEpochMilli(json.get("replacedAt").longValue()),
                json.path("ofSpot").asBoolean(true));
    }

    private static ObjectNode tree(Group group) {
        ObjectNode json = SdkJson.MAPPER.createObjectNode().put("id", group.id());
        put(json, "config", group.config());
        putAddition(json, group.addition());
        json.put("countBefore", group.countBefore());
        Documents.putInstant(json, "changeEndsAt", group.changeEndsAt());
        json.put("reconfigured", group.reconfigured());
        json.put("configurationsVersion", group.configurationsVersion());
        put(json, "shrinkPolicy", group.shrinkPolicy());
        Documents.putInstant(json, "policyAttachedAt", group.policyAttachedAt());
        return json;
    }

    private static Group group(JsonNode json) {
        return new Group(
                json.get("id").textValue(),
                SdkJson.read(json.get("config"), InstanceGroupConfig.builder()),
                addition(json),
                json.get("countBefore").intValue(),
                Documents.instant(json, "changeEndsAt"),
                json.get("reconfigured").booleanValue(),
                json.get("configurationsVersion").longValue(),
                optional(json, "shrinkPolicy", ShrinkPolicy.builder()),
                Documents.instant(json, "policyAttachedAt"));
    }

    private static ObjectNode tree(Fleet fleet) {
        ObjectNode json = SdkJson.MAPPER.createObjectNode().put("id", fleet.id());
        put(json, "config", fleet.config());
        putAddition(json, fleet.addition());
        put(json, "before", fleet.before());
        Documents.putInstant(json, "changeEndsAt", fleet.changeEndsAt());
        return json;
    }

    private static Fleet fleet(JsonNode json) {
        return new Fleet(
                json.get("id").textValue(),
                SdkJson.read(json.get("config"), InstanceFleetConfig.builder()),
                addition(json),
                optional(json, "before", InstanceFleetConfig.builder()),
                Documents.instant(json, "changeEndsAt"));
    }

    private static void putAddition(ObjectNode json, @Nullable Addition addition) {
        if (addition != null) {
            Documents.putInstant(json, "addedAt", addition.at());
            Documents.putInstant(json, "readyAt", addition.readyAt());
        }
    }

    private static @Nullable Addition addition(JsonNode json) {
        Instant at = Documents.instant(json, "addedAt");
        Instant readyAt = Documents.instant(json, "readyAt");
        return at == null || readyAt == null ? null : new Addition(at, readyAt);
    }

    private static void put(ObjectNode json, String member, @Nullable SdkPojo pojo) {
        if (pojo != null) {
            json.set(member, SdkJson.tree(pojo));
        }
    }

    private static <B extends SdkPojo & SdkBuilder<B, T>, T> @Nullable T optional(
            JsonNode json, String member, B builder) {
        return json.has(member) ? SdkJson.read(json.get(member), builder) : null;
    }
}
