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

/** The operations that change a cluster's settings. Each method is the body of one transaction. */
final class SettingCalls {

    private final Lifecycle lifecycle;

    SettingCalls(Lifecycle lifecycle) {
        this.lifecycle = lifecycle;
    }

    /** For SetTerminationProtection and similar operations: changes all of the clusters or none. */
    void change(AccountState account, List<String> ids, UnaryOperator<Cluster> change) {
        if (ids.isEmpty()) {
            throw Errors.validation("At least one job flow ID must be specified.");
        }
        for (String id : ids) {
            ClusterEntry entry = modifiableJobFlow(account, id);
            account.put(entry, entry.cluster().with(change.apply(entry.cluster().cluster())));
            lifecycle.advance(account, entry);
        }
    }

    ModifyClusterResponse modify(AccountState account, ModifyClusterRequest request) {
        ClusterEntry entry = modifiable(account, request.clusterId());
        Cluster.Builder cluster = entry.cluster().cluster().toBuilder();
        if (request.stepConcurrencyLevel() != null) {
            RunJobFlowRules.checkConcurrency(request.stepConcurrencyLevel());
            cluster.stepConcurrencyLevel(request.stepConcurrencyLevel());
        }
        if (request.extendedSupport() != null) {
            cluster.extendedSupport(request.extendedSupport());
        }
        Cluster changed = cluster.build();
        account.put(entry, entry.cluster().with(changed));
        lifecycle.advance(account, entry);
        return ModifyClusterResponse.builder()
                .stepConcurrencyLevel(changed.stepConcurrencyLevel())
                .extendedSupport(changed.extendedSupport())
                .build();
    }

    AddTagsResponse addTags(AccountState account, AddTagsRequest request) {
        ClusterEntry entry = modifiable(account, request.resourceId());
        RunJobFlowRules.checkTags(request.tags());
        Map<String, Tag> tags = tagsOf(entry);
        request.tags().forEach(tag -> tags.put(tag.key(), tag));
        RunJobFlowRules.checkTags(List.copyOf(tags.values()));
        setTags(account, entry, tags);
        return AddTagsResponse.builder().build();
    }

    RemoveTagsResponse removeTags(AccountState account, RemoveTagsRequest request) {
        ClusterEntry entry = modifiable(account, request.resourceId());
        Map<String, Tag> tags = tagsOf(entry);
        request.tagKeys().forEach(tags::remove);
        setTags(account, entry, tags);
        return RemoveTagsResponse.builder().build();
    }

    PutAutoTerminationPolicyResponse putPolicy(AccountState account, PutAutoTerminationPolicyRequest request) {
        ClusterEntry entry = modifiable(account, request.clusterId());
        AutoTerminationPolicy policy = request.autoTerminationPolicy() == null
                ? AutoTerminationPolicy.builder().build()
                : request.autoTerminationPolicy();
        Release release = Release.parse(entry.cluster().cluster().releaseLabel());
        if (release == null || !release.has530Features()) {
            throw Errors.validation("Auto-termination is not supported for release label "
                    + entry.cluster().cluster().releaseLabel() + ".");
        }
        account.put(entry, entry.cluster().withIdleTimeout(RunJobFlowRules.idleTimeout(policy)));
        lifecycle.scheduleIdleCheck(account, entry);
        return PutAutoTerminationPolicyResponse.builder().build();
    }

    GetAutoTerminationPolicyResponse getPolicy(AccountState account, GetAutoTerminationPolicyRequest request) {
        Long seconds = account.cluster(request.clusterId()).cluster().idleTimeout();
        return GetAutoTerminationPolicyResponse.builder()
                .autoTerminationPolicy(
                        seconds == null
                                ? null
                                : AutoTerminationPolicy.builder()
                                        .idleTimeout(seconds)
                                        .build())
                .build();
    }

    RemoveAutoTerminationPolicyResponse removePolicy(AccountState account, RemoveAutoTerminationPolicyRequest request) {
        ClusterEntry entry = modifiable(account, request.clusterId());
        account.put(entry, entry.cluster().withIdleTimeout(null));
        return RemoveAutoTerminationPolicyResponse.builder().build();
    }

    /** For the operations that call a cluster a job flow: their model has no InvalidRequestException. */
    static ClusterEntry modifiableJobFlow(AccountState account, String id) {
        ClusterEntry entry = account.find(id);
        if (entry == null) {
            throw Errors.validation(Errors.UNKNOWN_JOB_FLOW);
        } else if (!entry.cluster().modifiable()) {
            throw Errors.validation(Errors.SHUTTING_DOWN);
        }
        return entry;
    }

    static ClusterEntry modifiable(AccountState account, String clusterId) {
        ClusterEntry entry = account.cluster(clusterId);
        if (!entry.cluster().modifiable()) {
            throw Errors.invalid("ClusterNotModifiable", Errors.SHUTTING_DOWN);
        }
        return entry;
    }

    private static Map<String, Tag> tagsOf(ClusterEntry entry) {
        Map<String, Tag> tags = new LinkedHashMap<>();
        entry.cluster().cluster().tags().forEach(tag -> tags.put(tag.key(), tag));
        return tags;
    }

    private static void setTags(AccountState account, ClusterEntry entry, Map<String, Tag> tags) {
        Cluster changed =
                entry.cluster().cluster().toBuilder().tags(tags.values()).build();
        account.put(entry, entry.cluster().with(changed));
    }
}
