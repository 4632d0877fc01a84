package dev.emrys.emulator;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import software.amazon.awssdk.services.emr.model.AddTagsRequest;
import software.amazon.awssdk.services.emr.model.AddTagsResponse;
import software.amazon.awssdk.services.emr.model.AutoTerminationPolicy;
import software.amazon.awssdk.services.emr.model.Cluster;
import software.amazon.awssdk.services.emr.model.GetAutoTerminationPolicyRequest;
import software.amazon.awssdk.services.emr.model.GetAutoTerminationPolicyResponse;
import software.amazon.awssdk.services.emr.model.ModifyClusterRequest;
import software.amazon.awssdk.services.emr.model.ModifyClusterResponse;
import software.amazon.awssdk.services.emr.model.PutAutoTerminationPolicyRequest;
import software.amazon.awssdk.services.emr.model.PutAutoTerminationPolicyResponse;
import software.amazon.awssdk.services.emr.model.RemoveAutoTerminationPolicyRequest;
import software.amazon.awssdk.services.emr.model.RemoveAutoTerminationPolicyResponse;
import software.amazon.awssdk.services.emr.model.RemoveTagsRequest;
import software.amazon.awssdk.services.emr.model.RemoveTagsResponse;
import software.amazon.awssdk.services.emr.model.Tag;

/** The operations that change a cluster's settings. Each method is one turn's body. */
final class SettingCalls {

    private final Lifecycle lifecycle;

    SettingCalls(Lifecycle lifecycle) {
        this.lifecycle = lifecycle;
    }

    /** For SetTerminationProtection and its like: all of the clusters or none. */
    void change(Ledger ledger, List<String> ids, UnaryOperator<Cluster> change) {
        if (ids.isEmpty()) {
            throw Errors.validation("At least one job flow ID must be specified.");
        }
        for (String id : ids) {
            Shelf shelf = ledger.find(id);
            if (shelf == null) {
                throw Errors.validation("Specified job flow ID not valid");
            } else if (!shelf.cluster().modifiable()) {
                throw Errors.validation(Errors.SHUTTING_DOWN);
            }
            ledger.put(shelf, shelf.cluster().with(change.apply(shelf.cluster().cluster())));
            lifecycle.advance(ledger, shelf);
        }
    }

    ModifyClusterResponse modify(Ledger ledger, ModifyClusterRequest request) {
        Shelf shelf = modifiable(ledger, request.clusterId());
        Cluster.Builder cluster = shelf.cluster().cluster().toBuilder();
        if (request.stepConcurrencyLevel() != null) {
            RunJobFlowRules.checkConcurrency(request.stepConcurrencyLevel());
            cluster.stepConcurrencyLevel(request.stepConcurrencyLevel());
        }
        if (request.extendedSupport() != null) {
            cluster.extendedSupport(request.extendedSupport());
        }
        Cluster changed = cluster.build();
        ledger.put(shelf, shelf.cluster().with(changed));
        lifecycle.advance(ledger, shelf);
        return ModifyClusterResponse.builder()
                .stepConcurrencyLevel(changed.stepConcurrencyLevel())
                .extendedSupport(changed.extendedSupport())
                .build();
    }

    AddTagsResponse addTags(Ledger ledger, AddTagsRequest request) {
        Shelf shelf = modifiable(ledger, request.resourceId());
        RunJobFlowRules.checkTags(request.tags());
        Map<String, Tag> tags = tagsOf(shelf);
        request.tags().forEach(tag -> tags.put(tag.key(), tag));
        RunJobFlowRules.checkTags(List.copyOf(tags.values()));
        setTags(ledger, shelf, tags);
        return AddTagsResponse.builder().build();
    }

    RemoveTagsResponse removeTags(Ledger ledger, RemoveTagsRequest request) {
        Shelf shelf = modifiable(ledger, request.resourceId());
        Map<String, Tag> tags = tagsOf(shelf);
        request.tagKeys().forEach(tags::remove);
        setTags(ledger, shelf, tags);
        return RemoveTagsResponse.builder().build();
    }

    PutAutoTerminationPolicyResponse putPolicy(Ledger ledger, PutAutoTerminationPolicyRequest request) {
        Shelf shelf = modifiable(ledger, request.clusterId());
        AutoTerminationPolicy policy = request.autoTerminationPolicy() == null
                ? AutoTerminationPolicy.builder().build()
                : request.autoTerminationPolicy();
        Release release = Release.parse(shelf.cluster().cluster().releaseLabel());
        if (release == null || !release.has530Features()) {
            throw Errors.validation("Auto-termination is not supported for release label "
                    + shelf.cluster().cluster().releaseLabel() + ".");
        }
        ledger.put(shelf, shelf.cluster().withIdleTimeout(RunJobFlowRules.idleTimeout(policy)));
        lifecycle.watchIdleness(ledger, shelf);
        return PutAutoTerminationPolicyResponse.builder().build();
    }

    GetAutoTerminationPolicyResponse getPolicy(Ledger ledger, GetAutoTerminationPolicyRequest request) {
        Long seconds = ledger.cluster(request.clusterId()).cluster().idleTimeout();
        return GetAutoTerminationPolicyResponse.builder()
                .autoTerminationPolicy(
                        seconds == null
                                ? null
                                : AutoTerminationPolicy.builder()
                                        .idleTimeout(seconds)
                                        .build())
                .build();
    }

    RemoveAutoTerminationPolicyResponse removePolicy(Ledger ledger, RemoveAutoTerminationPolicyRequest request) {
        Shelf shelf = modifiable(ledger, request.clusterId());
        ledger.put(shelf, shelf.cluster().withIdleTimeout(null));
        return RemoveAutoTerminationPolicyResponse.builder().build();
    }

    private static Shelf modifiable(Ledger ledger, String clusterId) {
        Shelf shelf = ledger.cluster(clusterId);
        if (!shelf.cluster().modifiable()) {
            throw Errors.invalid("ClusterNotModifiable", Errors.SHUTTING_DOWN);
        }
        return shelf;
    }

    private static Map<String, Tag> tagsOf(Shelf shelf) {
        Map<String, Tag> tags = new LinkedHashMap<>();
        shelf.cluster().cluster().tags().forEach(tag -> tags.put(tag.key(), tag));
        return tags;
    }

    private static void setTags(Ledger ledger, Shelf shelf, Map<String, Tag> tags) {
        Cluster changed =
                shelf.cluster().cluster().toBuilder().tags(tags.values()).build();
        ledger.put(shelf, shelf.cluster().with(changed));
    }
}
