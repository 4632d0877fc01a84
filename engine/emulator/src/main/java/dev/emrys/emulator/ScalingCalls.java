package dev.emrys.emulator;

import dev.emrys.emulator.ClusterParts.Group;
import java.util.LinkedHashSet;
import java.util.Set;
import software.amazon.awssdk.services.emr.model.AutoScalingPolicy;
import software.amazon.awssdk.services.emr.model.AutoScalingPolicyDescription;
import software.amazon.awssdk.services.emr.model.AutoScalingPolicyState;
import software.amazon.awssdk.services.emr.model.GetManagedScalingPolicyRequest;
import software.amazon.awssdk.services.emr.model.GetManagedScalingPolicyResponse;
import software.amazon.awssdk.services.emr.model.InstanceRoleType;
import software.amazon.awssdk.services.emr.model.PutAutoScalingPolicyRequest;
import software.amazon.awssdk.services.emr.model.PutAutoScalingPolicyResponse;
import software.amazon.awssdk.services.emr.model.PutManagedScalingPolicyRequest;
import software.amazon.awssdk.services.emr.model.PutManagedScalingPolicyResponse;
import software.amazon.awssdk.services.emr.model.RemoveAutoScalingPolicyRequest;
import software.amazon.awssdk.services.emr.model.RemoveAutoScalingPolicyResponse;
import software.amazon.awssdk.services.emr.model.RemoveManagedScalingPolicyRequest;
import software.amazon.awssdk.services.emr.model.RemoveManagedScalingPolicyResponse;
import software.amazon.awssdk.services.emr.model.ScalingConstraints;
import software.amazon.awssdk.services.emr.model.ScalingRule;

/**
 * The operations on scaling policies. Each method is the body of one transaction. Policies are checked, stored and
 * shown; no cluster is resized by them. EMR's texts for policies that are not valid are not documented.
 */
final class ScalingCalls {

    private final Transactor transactor;
    private final EmulatorSettings settings;

    ScalingCalls(Transactor transactor, EmulatorSettings settings) {
        this.transactor = transactor;
        this.settings = settings;
    }

    PutManagedScalingPolicyResponse putManaged(AccountState account, PutManagedScalingPolicyRequest request) {
        ClusterEntry entry = SettingCalls.modifiable(account, request.clusterId());
        String label = entry.cluster().cluster().releaseLabel();
        Release release = Release.parse(label);
        if (release == null || !release.has530Features()) {
            throw Errors.validation("Managed scaling is not supported for release label " + label + ".");
        }
        RunJobFlowRules.checkLimits(request.managedScalingPolicy().computeLimits(), Instances.hasFleets(entry));
        account.put(entry, entry.parts().withManagedScaling(request.managedScalingPolicy()));
        return PutManagedScalingPolicyResponse.builder().build();
    }

    GetManagedScalingPolicyResponse getManaged(AccountState account, GetManagedScalingPolicyRequest request) {
        return GetManagedScalingPolicyResponse.builder()
                .managedScalingPolicy(
                        account.cluster(request.clusterId()).parts().managedScaling())
                .build();
    }

    RemoveManagedScalingPolicyResponse removeManaged(AccountState account, RemoveManagedScalingPolicyRequest request) {
        ClusterEntry entry = SettingCalls.modifiable(account, request.clusterId());
        account.put(entry, entry.parts().withManagedScaling(null));
        return RemoveManagedScalingPolicyResponse.builder().build();
    }

    PutAutoScalingPolicyResponse putAutomatic(AccountState account, PutAutoScalingPolicyRequest request) {
        ClusterEntry entry = SettingCalls.modifiable(account, request.clusterId());
        Group group = group(entry, request.instanceGroupId());
        require(
                group.config().instanceRole() != InstanceRoleType.MASTER,
                "An automatic scaling policy cannot be attached to the primary instance group.");
        String role = entry.cluster().cluster().autoScalingRole();
        require(
                role != null && !role.isEmpty(),
                "An automatic scaling policy needs a cluster that was created with an AutoScalingRole.");
        check(request.autoScalingPolicy());
        account.put(
                entry,
                entry.parts()
                        .change(
                                group.id(),
                                one -> one.with(one.config().toBuilder()
                                                .autoScalingPolicy(request.autoScalingPolicy())
                                                .build())
                                        .withPolicyAttachedAt(transactor.now().plus(settings.starting()))));
        AutoScalingPolicyDescription described =
                SdkJson.read(SdkJson.tree(request.autoScalingPolicy()), AutoScalingPolicyDescription.builder());
        return PutAutoScalingPolicyResponse.builder()
                .clusterId(request.clusterId())
                .instanceGroupId(group.id())
                .autoScalingPolicy(Instances.inState(described, AutoScalingPolicyState.PENDING))
                .clusterArn(entry.cluster().cluster().clusterArn())
                .build();
    }

    RemoveAutoScalingPolicyResponse removeAutomatic(AccountState account, RemoveAutoScalingPolicyRequest request) {
        ClusterEntry entry = SettingCalls.modifiable(account, request.clusterId());
        Group group = group(entry, request.instanceGroupId());
        account.put(
                entry,
                entry.parts()
                        .change(
                                group.id(),
                                one -> one.with(one.config().toBuilder()
                                                .autoScalingPolicy((AutoScalingPolicy) null)
                                                .build())
                                        .withPolicyAttachedAt(null)));
        return RemoveAutoScalingPolicyResponse.builder().build();
    }

    static void check(AutoScalingPolicy policy) {
        ScalingConstraints limits = policy.constraints();
        require(
                limits.minCapacity() >= 0 && limits.minCapacity() <= limits.maxCapacity(),
                "MinCapacity must be at least 0 and at most MaxCapacity.");
        require(!policy.rules().isEmpty(), "An automatic scaling policy must have at least one rule.");
        Set<String> names = new LinkedHashSet<>();
        for (ScalingRule rule : policy.rules()) {
            require(names.add(rule.name()), "The scaling rule '" + rule.name() + "' is given twice.");
        }
    }

    private static Group group(ClusterEntry entry, String id) {
        Group group = entry.parts().group(id);
        if (group == null) {
            throw Errors.invalid("InvalidInstanceGroup", "Instance group id '" + id + "' is not valid.");
        }
        return group;
    }

    private static void require(boolean valid, String message) {
        if (!valid) {
            throw Errors.validation(message);
        }
    }
}
