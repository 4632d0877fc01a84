package dev.emrys.emulator;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.InstanceFleetConfig;
import software.amazon.awssdk.services.emr.model.InstanceGroupConfig;
import software.amazon.awssdk.services.emr.model.InstanceRoleType;
import software.amazon.awssdk.services.emr.model.JobFlowInstancesConfig;
import software.amazon.awssdk.services.emr.model.ManagedScalingPolicy;
import software.amazon.awssdk.services.emr.model.MarketType;
import software.amazon.awssdk.services.emr.model.ShrinkPolicy;

/**
 * The parts of a cluster that operations change: its instance groups or fleets and its managed scaling policy. Those of
 * a cluster that no operation has changed follow from its RunJobFlow request.
 *
 * @param groups empty if the cluster has fleets
 * @param fleets empty if the cluster has groups
 * @param losses the instances that were lost, in the order of time
 * @param sizeChanges of all groups and fleets, in the order of time
 */
record ClusterParts(
        ImmutableList<Group> groups,
        ImmutableList<Fleet> fleets,
        @Nullable ManagedScalingPolicy managedScaling,
        ImmutableList<Loss> losses,
        ImmutableList<SizeChange> sizeChanges) {

    /**
     * An instance that was interrupted or has failed.
     *
     * @param partId see {@link #partOfFleet}; of a group its id
     * @param index its position among the instances of the part
     * @param replacedAt when the instance that replaces it is ready
     * @param ofSpot whether it was a Spot Instance that was interrupted
     */
    record Loss(String partId, int index, Instant at, Instant replacedAt, boolean ofSpot) {
        /** Stores of the first version have the id of the fleet for its Spot Instances. */
        static String partOfFleet(String fleetId, MarketType market) {
            return market == MarketType.SPOT ? fleetId : SizeChange.ofFleet(fleetId, market);
        }

        boolean isOpen(Instant now) {
            return now.isBefore(replacedAt);
        }
    }

    /** When a group or fleet was added, and when its first instances are ready. */
    record Addition(Instant at, Instant readyAt) {}

    /**
     * An instance group.
     *
     * @param config as requested, with all later changes
     * @param addition when it was added to the cluster; absent if it was created with it
     * @param countBefore the number of instances until {@code changeEndsAt}
     * @param changeEndsAt when a change of the count or of the configurations ends
     * @param reconfigured whether that change is one of the configurations
     * @param configurationsVersion how often the configurations have changed
     * @param policyAttachedAt when the automatic scaling policy becomes ATTACHED; it is PENDING before
     */
    record Group(
            String id,
            InstanceGroupConfig config,
            @Nullable Addition addition,
            int countBefore,
            @Nullable Instant changeEndsAt,
            boolean reconfigured,
            long configurationsVersion,
            @Nullable ShrinkPolicy shrinkPolicy,
            @Nullable Instant policyAttachedAt) {

        static Group created(String id, InstanceGroupConfig config) {
            return new Group(id, config, null, config.instanceCount(), null, false, 0, null, null);
        }

        static Group added(String id, InstanceGroupConfig config, Instant now, Instant ready) {
            return new Group(id, config, new Addition(now, ready), 0, ready, false, 0, null, ready);
        }

        Group with(InstanceGroupConfig changed) {
            return new Group(
                    id,
                    changed,
                    addition,
                    countBefore,
                    changeEndsAt,
                    reconfigured,
                    configurationsVersion,
                    shrinkPolicy,
                    policyAttachedAt);
        }

        Group resized(int count, Instant now, Instant ends) {
            return new Group(
                    id,
                    config.toBuilder().instanceCount(count).build(),
                    addition,
                    runningCount(now),
                    ends,
                    false,
                    configurationsVersion,
                    shrinkPolicy,
                    policyAttachedAt);
        }

        Group reconfigured(InstanceGroupConfig changed, Instant now, Instant ends) {
            return new Group(
                    id,
                    changed,
                    addition,
                    runningCount(now),
                    ends,
                    true,
                    configurationsVersion + 1,
                    shrinkPolicy,
                    policyAttachedAt);
        }

        Group withShrinkPolicy(ShrinkPolicy policy) {
            return new Group(
                    id,
                    config,
                    addition,
                    countBefore,
                    changeEndsAt,
                    reconfigured,
                    configurationsVersion,
                    policy,
                    policyAttachedAt);
        }

        Group withPolicyAttachedAt(@Nullable Instant attached) {
            return new Group(
                    id,
                    config,
                    addition,
                    countBefore,
                    changeEndsAt,
                    reconfigured,
                    configurationsVersion,
                    shrinkPolicy,
                    attached);
        }

        boolean changing(Instant now) {
            return changeEndsAt != null && now.isBefore(changeEndsAt);
        }

        int runningCount(Instant now) {
            return changing(now) ? countBefore : config.instanceCount();
        }
    }

    /**
     * An instance fleet.
     *
     * @param config as requested, with all later changes
     * @param addition when it was added to the cluster; absent if it was created with it
     * @param before the configuration whose capacities are provisioned until {@code changeEndsAt}
     * @param changeEndsAt when a change of the capacities ends
     */
    record Fleet(
            String id,
            InstanceFleetConfig config,
            @Nullable Addition addition,
            @Nullable InstanceFleetConfig before,
            @Nullable Instant changeEndsAt) {

        static Fleet created(String id, InstanceFleetConfig config) {
            return new Fleet(id, config, null, null, null);
        }

        static Fleet added(String id, InstanceFleetConfig config, Instant now, Instant ready) {
            return new Fleet(id, config, new Addition(now, ready), null, ready);
        }

        Fleet changed(InstanceFleetConfig changed, Instant now, Instant ends) {
            return new Fleet(id, changed, addition, provisioned(now), ends);
        }

        /** Null while none of it is there. */
        @Nullable
        InstanceFleetConfig provisioned(Instant now) {
            return changing(now) ? before : config;
        }

        boolean changing(Instant now) {
            return changeEndsAt != null && now.isBefore(changeEndsAt);
        }
    }

    /** The parts of a cluster that has just been created. */
    static ClusterParts of(ClusterRequest request) {
        JobFlowInstancesConfig instances = request.request().instances();
        ImmutableList.Builder<Group> groups = ImmutableList.builder();
        ImmutableList.Builder<Fleet> fleets = ImmutableList.builder();
        List<InstanceFleetConfig> fleetConfigs = instances.instanceFleets();
        List<InstanceGroupConfig> groupConfigs = groupConfigs(instances);
        for (int i = 0; i < fleetConfigs.size(); i++) {
            fleets.add(Fleet.created(request.groupIds().get(i), fleetConfigs.get(i)));
        }
        for (int i = 0; i < groupConfigs.size(); i++) {
            groups.add(Group.created(request.groupIds().get(i), groupConfigs.get(i)));
        }
        return new ClusterParts(
                groups.build(),
                fleets.build(),
                request.request().managedScalingPolicy(),
                ImmutableList.of(),
                ImmutableList.of());
    }

    @Nullable
    Group group(String id) {
        return groups.stream().filter(one -> one.id().equals(id)).findFirst().orElse(null);
    }

    @Nullable
    Fleet fleet(String id) {
        return fleets.stream().filter(one -> one.id().equals(id)).findFirst().orElse(null);
    }

    ClusterParts plus(Group group) {
        return withGroups(
                ImmutableList.<Group>builder().addAll(groups).add(group).build());
    }

    ClusterParts plus(Fleet fleet) {
        return new ClusterParts(
                groups,
                ImmutableList.<Fleet>builder().addAll(fleets).add(fleet).build(),
                managedScaling,
                losses,
                sizeChanges);
    }

    ClusterParts change(String groupId, UnaryOperator<Group> change) {
        return withGroups(groups.stream()
                .map(one -> one.id().equals(groupId) ? change.apply(one) : one)
                .collect(toImmutableList()));
    }

    ClusterParts changeFleet(String fleetId, UnaryOperator<Fleet> change) {
        return new ClusterParts(
                groups,
                fleets.stream()
                        .map(one -> one.id().equals(fleetId) ? change.apply(one) : one)
                        .collect(toImmutableList()),
                managedScaling,
                losses,
                sizeChanges);
    }

    ClusterParts withManagedScaling(@Nullable ManagedScalingPolicy policy) {
        return new ClusterParts(groups, fleets, policy, losses, sizeChanges);
    }

    ClusterParts plus(SizeChange change) {
        return new ClusterParts(
                groups,
                fleets,
                managedScaling,
                losses,
                ImmutableList.<SizeChange>builder()
                        .addAll(sizeChanges)
                        .add(change)
                        .build());
    }

    ClusterParts plus(Loss loss) {
        return new ClusterParts(
                groups,
                fleets,
                managedScaling,
                ImmutableList.<Loss>builder().addAll(losses).add(loss).build(),
                sizeChanges);
    }

    /** How many instances of a group are ready, those that were lost included. */
    int running(Group group, Instant now) {
        SizeChange last = SizeChange.last(sizeChanges, group.id());
        return group.changing(now) && !group.reconfigured() && last != null ? last.ready(now) : group.runningCount(now);
    }

    /** How many instances of a fleet with a market are ready, those that were lost included. */
    int running(Fleet fleet, MarketType market, Instant now) {
        SizeChange last = SizeChange.last(sizeChanges, SizeChange.ofFleet(fleet.id(), market));
        return fleet.changing(now) && last != null
                ? last.ready(now)
                : FleetCounts.instances(fleet.provisioned(now), market);
    }

    /** How many instances of a part are lost and not replaced yet. */
    int lost(String partId, Instant now) {
        return (int) losses.stream()
                .filter(loss -> loss.partId().equals(partId) && loss.isOpen(now))
                .count();
    }

    private ClusterParts withGroups(ImmutableList<Group> changed) {
        return new ClusterParts(changed, fleets, managedScaling, losses, sizeChanges);
    }

    /** The groups of a cluster. The older form, one count and two types, means a master and a core group. */
    static ImmutableList<InstanceGroupConfig> groupConfigs(JobFlowInstancesConfig instances) {
        if (!instances.instanceGroups().isEmpty() || instances.instanceCount() == null) {
            return ImmutableList.copyOf(instances.instanceGroups());
        }
        InstanceGroupConfig master = group(InstanceRoleType.MASTER, instances.masterInstanceType(), 1);
        return instances.instanceCount() == 1
                ? ImmutableList.of(master)
                : ImmutableList.of(
                        master,
                        group(InstanceRoleType.CORE, instances.slaveInstanceType(), instances.instanceCount() - 1));
    }

    private static InstanceGroupConfig group(InstanceRoleType role, String type, int count) {
        return InstanceGroupConfig.builder()
                .name(role.toString())
                .instanceRole(role)
                .instanceType(type)
                .instanceCount(count)
                .build();
    }
}
