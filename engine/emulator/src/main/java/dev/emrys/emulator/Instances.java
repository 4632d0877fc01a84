package dev.emrys.emulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import dev.emrys.emulator.wire.SdkJson;
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
 * A cluster's instance groups, fleets and instances. None of them exists: they follow from what was asked for and from the
 * cluster's state, so that they need no state of their own.
 */
final class Instances {

    private static final int MAX_SHOWN = 10_000;

    private Instances() {}

    /** The groups of a cluster; the older style of one count and two types stands for a master and a core group. */
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

    static boolean hasFleets(Shelf shelf) {
        return !shelf.blueprint.request().instances().instanceFleets().isEmpty();
    }

    static ImmutableList<InstanceGroup> groups(Shelf shelf) {
        ImmutableList<InstanceGroupConfig> configs =
                groupConfigs(shelf.blueprint.request().instances());
        ImmutableList.Builder<InstanceGroup> groups = ImmutableList.builder();
        for (int i = 0; i < configs.size(); i++) {
            InstanceGroupConfig config = configs.get(i);
            InstanceGroup copied = SdkJson.read(SdkJson.tree(config), InstanceGroup.builder());
            groups.add(copied.toBuilder()
                    .id(shelf.blueprint.groupIds().get(i))
                    .market(config.market() == null ? MarketType.ON_DEMAND : config.market())
                    .instanceGroupType(config.instanceRoleAsString())
                    .requestedInstanceCount(config.instanceCount())
                    .runningInstanceCount(up(shelf) ? config.instanceCount() : 0)
                    .status(status -> status.state(groupState(shelf))
                            .stateChangeReason(reason -> reason.message(""))
                            .timeline(time -> time.creationDateTime(
                                            timeline(shelf).creationDateTime())
                                    .readyDateTime(timeline(shelf).readyDateTime())
                                    .endDateTime(timeline(shelf).endDateTime())))
                    .build());
        }
        return groups.build();
    }

    static ImmutableList<InstanceFleet> fleets(Shelf shelf) {
        List<InstanceFleetConfig> configs =
                shelf.blueprint.request().instances().instanceFleets();
        ImmutableList.Builder<InstanceFleet> fleets = ImmutableList.builder();
        for (int i = 0; i < configs.size(); i++) {
            InstanceFleetConfig config = configs.get(i);
            ObjectNode tree = SdkJson.tree(config);
            if (tree.has("InstanceTypeConfigs")) {
                tree.set("InstanceTypeSpecifications", tree.remove("InstanceTypeConfigs"));
            }
            fleets.add(SdkJson.read(tree, InstanceFleet.builder()).toBuilder()
                    .id(shelf.blueprint.groupIds().get(i))
                    .provisionedOnDemandCapacity(up(shelf) ? orZero(config.targetOnDemandCapacity()) : 0)
                    .provisionedSpotCapacity(up(shelf) ? orZero(config.targetSpotCapacity()) : 0)
                    .status(status -> status.state(groupState(shelf))
                            .stateChangeReason(reason -> reason.message(""))
                            .timeline(time -> time.creationDateTime(
                                            timeline(shelf).creationDateTime())
                                    .readyDateTime(timeline(shelf).readyDateTime())
                                    .endDateTime(timeline(shelf).endDateTime())))
                    .build());
        }
        return fleets.build();
    }

    /** All instances, in the order of the groups or fleets; a fleet counts one instance per unit of capacity. */
    static List<Instance> instances(Shelf shelf, Predicate<String> ofGroup) {
        List<Instance> instances = new ArrayList<>();
        if (hasFleets(shelf)) {
            for (InstanceFleet fleet : fleets(shelf)) {
                if (ofGroup.test(fleet.id())) {
                    int spot = orZero(fleet.targetSpotCapacity());
                    int all = Math.min(spot + orZero(fleet.targetOnDemandCapacity()), MAX_SHOWN);
                    String type = fleet.instanceTypeSpecifications().get(0).instanceType();
                    for (int i = 0; i < all; i++) {
                        MarketType market = i < spot ? MarketType.SPOT : MarketType.ON_DEMAND;
                        instances.add(instance(shelf, fleet.id(), i).toBuilder()
                                .instanceFleetId(fleet.id())
                                .instanceType(type)
                                .market(market)
                                .build());
                    }
                }
            }
            return instances;
        }
        for (InstanceGroup group : groups(shelf)) {
            for (int i = 0; ofGroup.test(group.id()) && i < group.requestedInstanceCount(); i++) {
                instances.add(instance(shelf, group.id(), i).toBuilder()
                        .instanceGroupId(group.id())
                        .instanceType(group.instanceType())
                        .market(group.market())
                        .build());
            }
        }
        return instances;
    }

    private static Instance instance(Shelf shelf, String groupId, int index) {
        String hash = Hashing.sha256()
                .hashString(groupId + "/" + index, StandardCharsets.UTF_8)
                .toString();
        return Instance.builder()
                .id("ci-" + hash.substring(0, 13).toUpperCase(Locale.ROOT))
                .ec2InstanceId("i-" + hash.substring(13, 30))
                .privateDnsName("localhost")
                .privateIpAddress("127.0.0.1")
                .status(status -> status.state(instanceState(shelf))
                        .stateChangeReason(reason -> reason.message(""))
                        .timeline(InstanceTimeline.builder()
                                .creationDateTime(timeline(shelf).creationDateTime())
                                .readyDateTime(timeline(shelf).readyDateTime())
                                .endDateTime(timeline(shelf).endDateTime())
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

    /** Groups and fleets name the same states. */
    private static String groupState(Shelf shelf) {
        return switch (shelf.cluster().state()) {
            case STARTING -> "PROVISIONING";
            case BOOTSTRAPPING -> "BOOTSTRAPPING";
            case RUNNING, WAITING -> "RUNNING";
            case TERMINATING -> "TERMINATING";
            default -> "TERMINATED";
        };
    }

    private static InstanceState instanceState(Shelf shelf) {
        return switch (shelf.cluster().state()) {
            case STARTING -> InstanceState.PROVISIONING;
            case BOOTSTRAPPING -> InstanceState.BOOTSTRAPPING;
            case RUNNING, WAITING, TERMINATING -> InstanceState.RUNNING;
            default -> InstanceState.TERMINATED;
        };
    }

    private static boolean up(Shelf shelf) {
        return shelf.cluster().state() != ClusterState.STARTING
                && !shelf.cluster().over();
    }

    private static ClusterTimeline timeline(Shelf shelf) {
        return shelf.cluster().cluster().status().timeline();
    }

    private static int orZero(@Nullable Integer number) {
        return number == null ? 0 : number;
    }
}
