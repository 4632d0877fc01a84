package dev.emrys.emulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.ClusterState;
import software.amazon.awssdk.services.emr.model.ClusterTimeline;
import software.amazon.awssdk.services.emr.model.Instance;
import software.amazon.awssdk.services.emr.model.InstanceFleet;
import software.amazon.awssdk.services.emr.model.InstanceFleetConfig;
import software.amazon.awssdk.services.emr.model.InstanceGroup;
import software.amazon.awssdk.services.emr.model.InstanceGroupConfig;
import software.amazon.awssdk.services.emr.model.InstanceRoleType;
import software.amazon.awssdk.services.emr.model.InstanceState;
import software.amazon.awssdk.services.emr.model.InstanceTimeline;
import software.amazon.awssdk.services.emr.model.JobFlowInstancesConfig;
import software.amazon.awssdk.services.emr.model.MarketType;

/**
 * A cluster's instance groups, fleets and instances. They are computed from the request and the cluster's state, and have no state of
 * their own.
 */
final class Instances {

    private static final int MAX_INSTANCES = 10_000;

    private Instances() {}

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

    static boolean hasFleets(ClusterEntry entry) {
        return !entry.clusterRequest.request().instances().instanceFleets().isEmpty();
    }

    static ImmutableList<InstanceGroup> groups(ClusterEntry entry) {
        ImmutableList<InstanceGroupConfig> configs =
                groupConfigs(entry.clusterRequest.request().instances());
        ImmutableList.Builder<InstanceGroup> groups = ImmutableList.builder();
        for (int i = 0; i < configs.size(); i++) {
            InstanceGroupConfig config = configs.get(i);
            InstanceGroup copied = SdkJson.read(SdkJson.tree(config), InstanceGroup.builder());
            groups.add(copied.toBuilder()
                    .id(entry.clusterRequest.groupIds().get(i))
                    .market(config.market() == null ? MarketType.ON_DEMAND : config.market())
                    .instanceGroupType(config.instanceRoleAsString())
                    .requestedInstanceCount(config.instanceCount())
                    .runningInstanceCount(isUp(entry) ? config.instanceCount() : 0)
                    .status(status -> status.state(groupState(entry))
                            .stateChangeReason(reason -> reason.message(""))
                            .timeline(time -> time.creationDateTime(
                                            timeline(entry).creationDateTime())
                                    .readyDateTime(timeline(entry).readyDateTime())
                                    .endDateTime(timeline(entry).endDateTime())))
                    .build());
        }
        return groups.build();
    }

    static ImmutableList<InstanceFleet> fleets(ClusterEntry entry) {
        List<InstanceFleetConfig> configs =
                entry.clusterRequest.request().instances().instanceFleets();
        ImmutableList.Builder<InstanceFleet> fleets = ImmutableList.builder();
        for (int i = 0; i < configs.size(); i++) {
            InstanceFleetConfig config = configs.get(i);
            ObjectNode tree = SdkJson.tree(config);
            if (tree.has("InstanceTypeConfigs")) {
                tree.set("InstanceTypeSpecifications", tree.remove("InstanceTypeConfigs"));
            }
            fleets.add(SdkJson.read(tree, InstanceFleet.builder()).toBuilder()
                    .id(entry.clusterRequest.groupIds().get(i))
                    .provisionedOnDemandCapacity(isUp(entry) ? orZero(config.targetOnDemandCapacity()) : 0)
                    .provisionedSpotCapacity(isUp(entry) ? orZero(config.targetSpotCapacity()) : 0)
                    .status(status -> status.state(groupState(entry))
                            .stateChangeReason(reason -> reason.message(""))
                            .timeline(time -> time.creationDateTime(
                                            timeline(entry).creationDateTime())
                                    .readyDateTime(timeline(entry).readyDateTime())
                                    .endDateTime(timeline(entry).endDateTime())))
                    .build());
        }
        return fleets.build();
    }

    /** All instances, in the order of the groups or fleets; a fleet counts one instance per unit of capacity. */
    static List<Instance> instances(ClusterEntry entry, Predicate<String> ofGroup) {
        List<Instance> instances = new ArrayList<>();
        if (hasFleets(entry)) {
            for (InstanceFleet fleet : fleets(entry)) {
                if (ofGroup.test(fleet.id())) {
                    int spot = orZero(fleet.targetSpotCapacity());
                    int all = Math.min(spot + orZero(fleet.targetOnDemandCapacity()), MAX_INSTANCES);
                    String type = fleet.instanceTypeSpecifications().get(0).instanceType();
                    for (int i = 0; i < all; i++) {
                        MarketType market = i < spot ? MarketType.SPOT : MarketType.ON_DEMAND;
                        instances.add(instance(entry, fleet.id(), i).toBuilder()
                                .instanceFleetId(fleet.id())
                                .instanceType(type)
                                .market(market)
                                .build());
                    }
                }
            }
            return instances;
        }
        for (InstanceGroup group : groups(entry)) {
            for (int i = 0; ofGroup.test(group.id()) && i < group.requestedInstanceCount(); i++) {
                instances.add(instance(entry, group.id(), i).toBuilder()
                        .instanceGroupId(group.id())
                        .instanceType(group.instanceType())
                        .market(group.market())
                        .build());
            }
        }
        return instances;
    }

    private static Instance instance(ClusterEntry entry, String groupId, int index) {
        String hash = Hashing.sha256()
                .hashString(groupId + "/" + index, StandardCharsets.UTF_8)
                .toString();
        return Instance.builder()
                .id("ci-" + hash.substring(0, 13).toUpperCase(Locale.ROOT))
                .ec2InstanceId("i-" + hash.substring(13, 30))
                .privateDnsName("localhost")
                .privateIpAddress("127.0.0.1")
                .status(status -> status.state(instanceState(entry))
                        .stateChangeReason(reason -> reason.message(""))
                        .timeline(InstanceTimeline.builder()
                                .creationDateTime(timeline(entry).creationDateTime())
                                .readyDateTime(timeline(entry).readyDateTime())
                                .endDateTime(timeline(entry).endDateTime())
                                .build()))
                .build();
    }

    private static InstanceGroupConfig group(InstanceRoleType role, String type, int count) {
        return InstanceGroupConfig.builder()
                .name(role.toString())
                .instanceRole(role)
                .instanceType(type)
                .instanceCount(count)
                .build();
    }

    /** Groups and fleets have the same states. */
    private static String groupState(ClusterEntry entry) {
        return switch (entry.cluster().state()) {
            case STARTING -> "PROVISIONING";
            case BOOTSTRAPPING -> "BOOTSTRAPPING";
            case RUNNING, WAITING -> "RUNNING";
            case TERMINATING -> "TERMINATING";
            default -> "TERMINATED";
        };
    }

    private static InstanceState instanceState(ClusterEntry entry) {
        return switch (entry.cluster().state()) {
            case STARTING -> InstanceState.PROVISIONING;
            case BOOTSTRAPPING -> InstanceState.BOOTSTRAPPING;
            case RUNNING, WAITING, TERMINATING -> InstanceState.RUNNING;
            default -> InstanceState.TERMINATED;
        };
    }

    private static boolean isUp(ClusterEntry entry) {
        return entry.cluster().state() != ClusterState.STARTING
                && !entry.cluster().isTerminal();
    }

    private static ClusterTimeline timeline(ClusterEntry entry) {
        return entry.cluster().cluster().status().timeline();
    }

    private static int orZero(@Nullable Integer number) {
        return number == null ? 0 : number;
    }
}
