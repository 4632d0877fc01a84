package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import dev.emrys.emulator.ClusterParts.Fleet;
import dev.emrys.emulator.ClusterParts.Group;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.AddInstanceFleetRequest;
import software.amazon.awssdk.services.emr.model.AddInstanceFleetResponse;
import software.amazon.awssdk.services.emr.model.AddInstanceGroupsRequest;
import software.amazon.awssdk.services.emr.model.AddInstanceGroupsResponse;
import software.amazon.awssdk.services.emr.model.InstanceFleetConfig;
import software.amazon.awssdk.services.emr.model.InstanceFleetModifyConfig;
import software.amazon.awssdk.services.emr.model.InstanceFleetType;
import software.amazon.awssdk.services.emr.model.InstanceGroupConfig;
import software.amazon.awssdk.services.emr.model.InstanceGroupModifyConfig;
import software.amazon.awssdk.services.emr.model.InstanceRoleType;
import software.amazon.awssdk.services.emr.model.MarketType;
import software.amazon.awssdk.services.emr.model.ModifyInstanceFleetRequest;
import software.amazon.awssdk.services.emr.model.ModifyInstanceFleetResponse;
import software.amazon.awssdk.services.emr.model.ModifyInstanceGroupsRequest;
import software.amazon.awssdk.services.emr.model.ModifyInstanceGroupsResponse;
import software.amazon.awssdk.services.emr.model.ReconfigurationType;

/**
 * The operations that add and change instance groups and fleets. Each method is the body of one transaction. A change
 * takes as long as a cluster is STARTING; the shown states follow from the time. Steps run on this machine, so no
 * change makes them slower or faster.
 *
 * <p>EMR's texts for changes that are not valid are not documented, but for those of unknown clusters.
 */
final class InstanceChangeCalls {

    private final Transactor transactor;
    private final EmulatorSettings settings;

    InstanceChangeCalls(Transactor transactor, EmulatorSettings settings) {
        this.transactor = transactor;
        this.settings = settings;
    }

    AddInstanceGroupsResponse addGroups(AccountState account, AddInstanceGroupsRequest request) {
        ClusterEntry entry = SettingCalls.modifiableJobFlow(account, request.jobFlowId());
        require(!Instances.hasFleets(entry), "Instance groups cannot be added to a cluster with instance fleets.");
        require(!request.instanceGroups().isEmpty(), "At least one instance group must be specified.");
        Instant now = transactor.now();
        ClusterParts parts = entry.parts();
        require(hasCore(parts), "Clusters with task nodes must also define core nodes.");
        ImmutableList.Builder<String> ids = ImmutableList.builder();
        for (InstanceGroupConfig config : request.instanceGroups()) {
            require(
                    config.instanceRole() == InstanceRoleType.TASK,
                    "Only task instance groups can be added to a cluster that exists.");
            RunJobFlowRules.checkCount(config.instanceRole(), config.instanceCount());
            ReleaseRules.checkInstanceType(entry.cluster().cluster().releaseLabel(), config.instanceType());
            if (config.autoScalingPolicy() != null) {
                ScalingCalls.check(config.autoScalingPolicy());
            }
            String id = transactor.newId("ig-");
            parts = parts.plus(Group.added(id, config, now, changeEnd(now)));
            ids.add(id);
        }
        RunJobFlowRules.checkTaskGroups(parts.groups().stream()
                .filter(group -> group.config().instanceRole() == InstanceRoleType.TASK)
                .count());
        account.put(entry, parts);
        return AddInstanceGroupsResponse.builder()
                .jobFlowId(request.jobFlowId())
                .instanceGroupIds(ids.build())
                .clusterArn(entry.cluster().cluster().clusterArn())
                .build();
    }

    ModifyInstanceGroupsResponse modifyGroups(AccountState account, ModifyInstanceGroupsRequest request) {
        for (InstanceGroupModifyConfig change : request.instanceGroups()) {
            ClusterEntry entry = entryOfGroup(account, request.clusterId(), change.instanceGroupId());
            if (!entry.cluster().modifiable()) {
                throw Errors.validation(Errors.SHUTTING_DOWN);
            }
            ClusterParts parts =
                    entry.parts().change(change.instanceGroupId(), group -> modified(entry, group, change));
            Group before = entry.parts().group(change.instanceGroupId());
            Instant now = transactor.now();
            account.put(
                    entry,
                    before == null || change.instanceCount() == null
                            ? parts
                            : parts.plus(new SizeChange(
                                    before.id(),
                                    entry.parts().running(before, now),
                                    change.instanceCount(),
                                    now,
                                    changeEnd(now))));
        }
        return ModifyInstanceGroupsResponse.builder().build();
    }

    AddInstanceFleetResponse addFleet(AccountState account, AddInstanceFleetRequest request) {
        ClusterEntry entry = SettingCalls.modifiable(account, request.clusterId());
        InstanceFleetConfig config = request.instanceFleet();
        requireValid(
                Instances.hasFleets(entry), "An instance fleet cannot be added to a cluster with instance groups.");
        requireValid(
                config.instanceFleetType() == InstanceFleetType.TASK
                        && entry.parts().fleets().stream()
                                .noneMatch(fleet -> fleet.config().instanceFleetType() == InstanceFleetType.TASK),
                "Only a task instance fleet can be added, and only to a cluster without one.");
        requireValid(
                entry.parts().fleets().stream()
                        .anyMatch(fleet -> fleet.config().instanceFleetType() == InstanceFleetType.CORE),
                "Clusters with task nodes must also define core nodes.");
        RunJobFlowRules.checkFleet(config);
        ReleaseRules.checkFleetTypes(entry.cluster().cluster().releaseLabel(), config);
        Instant now = transactor.now();
        String id = transactor.newId("if-");
        account.put(entry, entry.parts().plus(Fleet.added(id, config, now, changeEnd(now))));
        return AddInstanceFleetResponse.builder()
                .clusterId(request.clusterId())
                .instanceFleetId(id)
                .clusterArn(entry.cluster().cluster().clusterArn())
                .build();
    }

    ModifyInstanceFleetResponse modifyFleet(AccountState account, ModifyInstanceFleetRequest request) {
        ClusterEntry entry = SettingCalls.modifiable(account, request.clusterId());
        InstanceFleetModifyConfig change = request.instanceFleet();
        Fleet fleet = entry.parts().fleet(change.instanceFleetId());
        if (fleet == null) {
            throw Errors.invalid(
                    "InvalidInstanceFleet", "Instance fleet id '" + change.instanceFleetId() + "' is not valid.");
        }
        InstanceFleetType type = fleet.config().instanceFleetType();
        requireValid(type != InstanceFleetType.MASTER, "The primary instance fleet cannot be modified.");
        InstanceFleetConfig.Builder config = fleet.config().toBuilder();
        if (change.targetOnDemandCapacity() != null) {
            config.targetOnDemandCapacity(change.targetOnDemandCapacity());
        }
        if (change.targetSpotCapacity() != null) {
            config.targetSpotCapacity(change.targetSpotCapacity());
        }
        if (change.resizeSpecifications() != null) {
            config.resizeSpecifications(change.resizeSpecifications());
        }
        if (change.hasInstanceTypeConfigs()) {
            config.instanceTypeConfigs(change.instanceTypeConfigs());
        }
        if (change.context() != null) {
            config.context(change.context());
        }
        InstanceFleetConfig changed = config.build();
        requireValid(
                type == InstanceFleetType.TASK
                        || orZero(changed.targetOnDemandCapacity()) + orZero(changed.targetSpotCapacity()) >= 1,
                "The CORE instance fleet must have a target capacity of at least 1.");
        RunJobFlowRules.checkTypes(changed);
        ReleaseRules.checkFleetTypes(entry.cluster().cluster().releaseLabel(), changed);
        Instant now = transactor.now();
        Instant end = changeEnd(now);
        ClusterParts parts = entry.parts().changeFleet(fleet.id(), one -> one.changed(changed, now, end));
        for (MarketType market : ImmutableList.of(MarketType.SPOT, MarketType.ON_DEMAND)) {
            parts = parts.plus(new SizeChange(
                    SizeChange.ofFleet(fleet.id(), market),
                    entry.parts().running(fleet, market, now),
                    FleetCounts.instances(changed, market),
                    now,
                    end));
        }
        account.put(entry, parts);
        return ModifyInstanceFleetResponse.builder().build();
    }

    private Group modified(ClusterEntry entry, Group group, InstanceGroupModifyConfig change) {
        require(
                change.ec2InstanceIdsToTerminate().isEmpty(),
                "Emrys's emulator does not emulate EC2InstanceIdsToTerminate: give an InstanceCount.");
        require(
                change.instanceCount() == null || !change.hasConfigurations(),
                "An instance group cannot be resized and reconfigured in the same request.");
        Instant now = transactor.now();
        Instant end = changeEnd(now);
        Group changed = change.shrinkPolicy() == null ? group : group.withShrinkPolicy(change.shrinkPolicy());
        if (change.instanceCount() != null) {
            InstanceRoleType role = group.config().instanceRole();
            require(role != InstanceRoleType.MASTER, "The primary instance group cannot be resized.");
            RunJobFlowRules.checkCount(role, change.instanceCount());
            return changed.resized(change.instanceCount(), now, end);
        } else if (change.hasConfigurations()) {
            Release release = Release.parse(entry.cluster().cluster().releaseLabel());
            require(
                    release != null && release.atLeast(5, 21),
                    "Instance groups can be reconfigured from release label emr-5.21.0 on.");
            boolean merge = change.reconfigurationType() == ReconfigurationType.MERGE;
            InstanceGroupConfig config = group.config().toBuilder()
                    .configurations(
                            merge
                                    ? Configurations.merged(group.config().configurations(), change.configurations())
                                    : change.configurations())
                    .build();
            return changed.reconfigured(config, now, end);
        }
        return changed;
    }

    private static ClusterEntry entryOfGroup(AccountState account, @Nullable String clusterId, String groupId) {
        if (clusterId != null) {
            ClusterEntry entry = account.cluster(clusterId);
            require(entry.parts().group(groupId) != null, unknownGroup(groupId));
            return entry;
        }
        return account.all().stream()
                .filter(entry -> entry.parts().group(groupId) != null)
                .findFirst()
                .orElseThrow(() -> Errors.validation(unknownGroup(groupId)));
    }

    private static String unknownGroup(String id) {
        return "Instance group id '" + id + "' is not valid.";
    }

    private static boolean hasCore(ClusterParts parts) {
        return parts.groups().stream().anyMatch(group -> group.config().instanceRole() == InstanceRoleType.CORE);
    }

    private Instant changeEnd(Instant now) {
        return now.plus(settings.starting());
    }

    private static int orZero(@Nullable Integer number) {
        return number == null ? 0 : number;
    }

    /** For the operations whose model has no InvalidRequestException. */
    private static void require(boolean valid, String message) {
        if (!valid) {
            throw Errors.validation(message);
        }
    }

    private static void requireValid(boolean valid, String message) {
        if (!valid) {
            throw Errors.invalid("InvalidRequest", message);
        }
    }
}
