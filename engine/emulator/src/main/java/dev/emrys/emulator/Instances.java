package dev.emrys.emulator;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import dev.emrys.emulator.ClusterParts.Addition;
import dev.emrys.emulator.ClusterParts.Fleet;
import dev.emrys.emulator.ClusterParts.Group;
import dev.emrys.emulator.ClusterParts.Loss;
import dev.emrys.emulator.SizeChange.Occupant;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.AutoScalingPolicyDescription;
import software.amazon.awssdk.services.emr.model.AutoScalingPolicyState;
import software.amazon.awssdk.services.emr.model.AutoScalingPolicyStateChangeReason;
import software.amazon.awssdk.services.emr.model.AutoScalingPolicyStatus;
import software.amazon.awssdk.services.emr.model.ClusterState;
import software.amazon.awssdk.services.emr.model.ClusterTimeline;
import software.amazon.awssdk.services.emr.model.EbsBlockDevice;
import software.amazon.awssdk.services.emr.model.EbsBlockDeviceConfig;
import software.amazon.awssdk.services.emr.model.EbsConfiguration;
import software.amazon.awssdk.services.emr.model.EbsVolume;
import software.amazon.awssdk.services.emr.model.Instance;
import software.amazon.awssdk.services.emr.model.InstanceFleet;
import software.amazon.awssdk.services.emr.model.InstanceFleetConfig;
import software.amazon.awssdk.services.emr.model.InstanceFleetType;
import software.amazon.awssdk.services.emr.model.InstanceGroup;
import software.amazon.awssdk.services.emr.model.InstanceGroupConfig;
import software.amazon.awssdk.services.emr.model.InstanceRoleType;
import software.amazon.awssdk.services.emr.model.InstanceState;
import software.amazon.awssdk.services.emr.model.InstanceStateChangeReasonCode;
import software.amazon.awssdk.services.emr.model.InstanceTimeline;
import software.amazon.awssdk.services.emr.model.InstanceTypeConfig;
import software.amazon.awssdk.services.emr.model.InstanceTypeSpecification;
import software.amazon.awssdk.services.emr.model.MarketType;

/**
 * A cluster's instance groups, fleets and instances as operations show them. They are computed from the cluster's
 * parts, its state and the time, and have no state of their own.
 */
final class Instances {

    private static final int MAX_INSTANCES = 10_000;

    /**
     * Addresses: 10.part.block.host, with the Spot Instances of a fleet in the upper blocks. EC2 reserves the first
     * hosts of a subnet.
     */
    private static final int PER_BLOCK = 250;

    private static final int SPOT_BLOCK = 128;
    private static final int FIRST_HOST = 4;
    private static final double FULL_PRICE = 100;

    private Instances() {}

    static boolean hasFleets(ClusterEntry entry) {
        return !entry.parts().fleets().isEmpty();
    }

    static ImmutableList<InstanceGroup> groups(ClusterEntry entry, Instant now) {
        return entry.parts().groups().stream()
                .map(group -> group(entry, group, now))
                .collect(toImmutableList());
    }

    private static InstanceGroup group(ClusterEntry entry, Group group, Instant now) {
        InstanceGroupConfig config = group.config();
        InstanceGroup copied = SdkJson.read(SdkJson.tree(config), InstanceGroup.builder());
        boolean applied = !(group.reconfigured() && group.changing(now));
        InstanceGroup.Builder shown = copied.toBuilder()
                .id(group.id())
                .market(config.market() == null ? MarketType.ON_DEMAND : config.market())
                .instanceGroupType(config.instanceRoleAsString())
                .requestedInstanceCount(config.instanceCount())
                .runningInstanceCount(
                        isUp(entry)
                                ? Math.max(
                                        0,
                                        entry.parts().running(group, now)
                                                - entry.parts().lost(group.id(), now))
                                : 0)
                .configurations(List.copyOf(config.configurations()))
                .configurationsVersion(group.configurationsVersion())
                .lastSuccessfullyAppliedConfigurations(applied ? List.copyOf(config.configurations()) : null)
                .lastSuccessfullyAppliedConfigurationsVersion(
                        applied ? group.configurationsVersion() : group.configurationsVersion() - 1)
                .ebsBlockDevices(devices(config.ebsConfiguration()))
                .ebsOptimized(optimized(config.ebsConfiguration()))
                .shrinkPolicy(group.shrinkPolicy())
                .status(status -> status.state(state(
                                entry,
                                group.addition(),
                                group.changing(now) || entry.parts().lost(group.id(), now) > 0,
                                group.changing(now) && group.reconfigured(),
                                now))
                        .stateChangeReason(reason -> reason.message(""))
                        .timeline(time -> time.creationDateTime(createdAt(entry, group.addition()))
                                .readyDateTime(readyAt(entry, group.addition(), now))
                                .endDateTime(timeline(entry).endDateTime())));
        if (copied.autoScalingPolicy() != null) {
            boolean attached =
                    isUp(entry) && (group.policyAttachedAt() == null || !now.isBefore(group.policyAttachedAt()));
            shown.autoScalingPolicy(inState(
                    copied.autoScalingPolicy(),
                    attached ? AutoScalingPolicyState.ATTACHED : AutoScalingPolicyState.PENDING));
        }
        return shown.build();
    }

    static AutoScalingPolicyDescription inState(AutoScalingPolicyDescription policy, AutoScalingPolicyState state) {
        return policy.toBuilder()
                .status(AutoScalingPolicyStatus.builder()
                        .state(state)
                        .stateChangeReason(AutoScalingPolicyStateChangeReason.builder()
                                .code("USER_REQUEST")
                                .message("")
                                .build())
                        .build())
                .build();
    }

    static ImmutableList<InstanceFleet> fleets(ClusterEntry entry, Instant now) {
        return entry.parts().fleets().stream()
                .map(fleet -> fleet(entry, fleet, now))
                .collect(toImmutableList());
    }

    private static InstanceFleet fleet(ClusterEntry entry, Fleet fleet, Instant now) {
        InstanceFleetConfig config = fleet.config();
        boolean changing = fleet.changing(now);
        boolean hasLost = Stream.of(MarketType.SPOT, MarketType.ON_DEMAND)
                .anyMatch(market -> entry.parts().lost(Loss.partOfFleet(fleet.id(), market), now) > 0);
        return SdkJson.read(SdkJson.tree(config), InstanceFleet.builder()).toBuilder()
                .id(fleet.id())
                .instanceTypeSpecifications(config.instanceTypeConfigs().stream()
                        .map(Instances::specification)
                        .toList())
                .provisionedOnDemandCapacity(capacity(entry, fleet, MarketType.ON_DEMAND, now))
                .provisionedSpotCapacity(capacity(entry, fleet, MarketType.SPOT, now))
                .status(status -> status.state(state(entry, fleet.addition(), changing || hasLost, false, now))
                        .stateChangeReason(reason -> reason.message(""))
                        .timeline(time -> time.creationDateTime(createdAt(entry, fleet.addition()))
                                .readyDateTime(readyAt(entry, fleet.addition(), now))
                                .endDateTime(timeline(entry).endDateTime())))
                .build();
    }

    private static InstanceTypeSpecification specification(InstanceTypeConfig config) {
        boolean bid = config.bidPrice() != null || config.bidPriceAsPercentageOfOnDemandPrice() != null;
        return SdkJson.read(SdkJson.tree(config), InstanceTypeSpecification.builder()).toBuilder()
                // The defaults are those of API_InstanceTypeConfig.
                .weightedCapacity(config.weightedCapacity() == null ? 1 : config.weightedCapacity())
                .bidPriceAsPercentageOfOnDemandPrice(
                        bid ? config.bidPriceAsPercentageOfOnDemandPrice() : Double.valueOf(FULL_PRICE))
                .configurations(List.copyOf(config.configurations()))
                .ebsBlockDevices(devices(config.ebsConfiguration()))
                .ebsOptimized(optimized(config.ebsConfiguration()))
                .build();
    }

    /**
     * What instances of the fleet's first type give: at least the target, and more if its weight does not divide the
     * target.
     */
    private static int capacity(ClusterEntry entry, Fleet fleet, MarketType market, Instant now) {
        int ready = entry.parts().running(fleet, market, now)
                - entry.parts().lost(Loss.partOfFleet(fleet.id(), market), now);
        return isUp(entry) ? Math.max(0, ready) * FleetCounts.weight(fleet.config()) : 0;
    }

    /**
     * The instances that have not ended, in the order of the groups or fleets. All of a fleet are of its first type.
     */
    static List<Instance> instances(ClusterEntry entry, Predicate<String> ofGroup, Instant now) {
        List<Instance> instances = new ArrayList<>();
        int part = 0;
        for (Fleet fleet : entry.parts().fleets()) {
            if (ofGroup.test(fleet.id())) {
                addOf(entry, fleet, part, MarketType.SPOT, now, instances);
                addOf(entry, fleet, part, MarketType.ON_DEMAND, now, instances);
            }
            part++;
        }
        for (Group group : entry.parts().groups()) {
            int before = entry.parts().running(group, now);
            InstanceGroupConfig config = group.config();
            for (int i = 0; ofGroup.test(group.id()) && i < Math.max(before, config.instanceCount()); i++) {
                Occupant occupant = SizeChange.occupant(entry.parts().sizeChanges(), group.id(), i);
                Place place = new Place(
                        group.id(),
                        group.id() + "/" + i,
                        occupant,
                        address(part, 0, i),
                        i,
                        i >= before,
                        config.ebsConfiguration());
                addWithLosses(
                        entry,
                        place,
                        now,
                        one -> instances.add(one.instanceGroupId(group.id())
                                .instanceType(config.instanceType())
                                .market(config.market() == null ? MarketType.ON_DEMAND : config.market())
                                .build()));
            }
            part++;
        }
        return instances;
    }

    /** The EC2 id of the first primary instance. */
    static String primaryInstanceId(ClusterEntry entry, Instant now) {
        String primary = Stream.concat(
                        entry.parts().groups().stream()
                                .filter(group -> group.config().instanceRole() == InstanceRoleType.MASTER)
                                .map(Group::id),
                        entry.parts().fleets().stream()
                                .filter(fleet -> fleet.config().instanceFleetType() == InstanceFleetType.MASTER)
                                .map(Fleet::id))
                .findFirst()
                .orElse("");
        return instances(entry, primary::equals, now).get(0).ec2InstanceId();
    }

    private static void addOf(
            ClusterEntry entry, Fleet fleet, int part, MarketType market, Instant now, List<Instance> instances) {
        InstanceTypeConfig type = fleet.config().instanceTypeConfigs().get(0);
        int target = FleetCounts.instances(fleet.config(), market);
        int before = entry.parts().running(fleet, market, now);
        int shown = Math.min(Math.max(before, target), MAX_INSTANCES);
        int block = market == MarketType.SPOT ? SPOT_BLOCK : 0;
        for (int i = 0; i < shown; i++) {
            String partId = SizeChange.ofFleet(fleet.id(), market);
            Place place = new Place(
                    Loss.partOfFleet(fleet.id(), market),
                    partId + "/" + i,
                    SizeChange.occupant(entry.parts().sizeChanges(), partId, i),
                    address(part, block, i),
                    i,
                    i >= before,
                    type.ebsConfiguration());
            addWithLosses(
                    entry,
                    place,
                    now,
                    one -> instances.add(one.instanceFleetId(fleet.id())
                            .instanceType(type.instanceType())
                            .market(market)
                            .build()));
        }
    }

    /**
     * A position in a group or fleet.
     *
     * @param lossesOf the id of the group or fleet of the losses
     * @param fresh whether its instance is not ready yet
     */
    private record Place(
            String lossesOf,
            String key,
            Occupant occupant,
            String address,
            int index,
            boolean fresh,
            @Nullable EbsConfiguration ebs) {

        /** What the ids of its instance are made of. */
        String instanceKey() {
            return occupant.number() == 0 ? key : key + "#" + occupant.number();
        }
    }

    /**
     * The instance at a place, after those that were interrupted there. EMR lists these too, for a time that it does
     * not state.
     */
    private static void addWithLosses(ClusterEntry entry, Place place, Instant now, Consumer<Instance.Builder> added) {
        String key = place.instanceKey();
        boolean fresh = place.fresh();
        int number = 0;
        for (Loss loss : entry.parts().losses()) {
            if (!loss.partId().equals(place.lossesOf()) || loss.index() != place.index()) {
                continue;
            }
            added.accept(interrupted(instance(entry, place, key, false), loss));
            key = place.instanceKey() + "/" + ++number;
            fresh = loss.isOpen(now);
        }
        added.accept(instance(entry, place, key, fresh));
    }

    /** The documentation has the code, and no text. */
    private static Instance.Builder interrupted(Instance.Builder instance, Loss loss) {
        Instance lost = instance.build();
        return lost.toBuilder()
                .status(status -> status.state(InstanceState.TERMINATED)
                        .stateChangeReason(reason -> reason.code(InstanceStateChangeReasonCode.INSTANCE_FAILURE)
                                .message(
                                        loss.ofSpot()
                                                ? "The Spot Instance was interrupted."
                                                : "The instance has failed."))
                        .timeline(lost.status().timeline().toBuilder()
                                .endDateTime(loss.at())
                                .build()));
    }

    /** A private address that no other instance of the cluster has. */
    private static String address(int part, int block, int index) {
        return "10." + part + "." + (block + index / PER_BLOCK) + "." + (index % PER_BLOCK + FIRST_HOST);
    }

    /** As in a private subnet: without a public name and address. */
    private static Instance.Builder instance(ClusterEntry entry, Place place, String key, boolean fresh) {
        Instant created = place.occupant().created();
        Instant ready = created == null
                ? timeline(entry).readyDateTime()
                : place.occupant().ready();
        String hash = Hashing.sha256().hashString(key, StandardCharsets.UTF_8).toString();
        return Instance.builder()
                .id("ci-" + hash.substring(0, 13).toUpperCase(Locale.ROOT))
                .ec2InstanceId("i-" + hash.substring(13, 30))
                .publicDnsName("")
                .privateDnsName(dnsName(entry, place.address()))
                .privateIpAddress(place.address())
                .ebsVolumes(devices(place.ebs()).stream()
                        .map(device -> EbsVolume.builder()
                                .device(device.device())
                                .volumeId(volumeId(key + device.device()))
                                .build())
                        .toList())
                .status(status -> status.state(fresh && isUp(entry) ? InstanceState.PROVISIONING : instanceState(entry))
                        .stateChangeReason(reason -> reason.message(""))
                        .timeline(InstanceTimeline.builder()
                                .creationDateTime(
                                        created == null ? timeline(entry).creationDateTime() : created)
                                .readyDateTime(fresh ? null : ready)
                                .endDateTime(timeline(entry).endDateTime())
                                .build()));
    }

    /** EC2's private names: see "Amazon EC2 instance hostnames and domains" in the EC2 user guide. */
    private static String dnsName(ClusterEntry entry, String address) {
        String region = Splitter.on(':')
                .splitToList(entry.cluster().cluster().clusterArn())
                .get(3);
        String domain = region.equals("us-east-1") ? "ec2.internal" : region + ".compute.internal";
        return "ip-" + address.replace('.', '-') + "." + domain;
    }

    private static String volumeId(String key) {
        return "vol-"
                + Hashing.sha256()
                        .hashString(key, StandardCharsets.UTF_8)
                        .toString()
                        .substring(0, 17);
    }

    /** One device per volume, named in the order of the request. */
    private static ImmutableList<EbsBlockDevice> devices(@Nullable EbsConfiguration ebs) {
        ImmutableList.Builder<EbsBlockDevice> devices = ImmutableList.builder();
        char letter = 'b';
        for (EbsBlockDeviceConfig config :
                ebs == null ? ImmutableList.<EbsBlockDeviceConfig>of() : ebs.ebsBlockDeviceConfigs()) {
            int volumes = config.volumesPerInstance() == null ? 1 : config.volumesPerInstance();
            for (int i = 0; i < volumes; i++) {
                devices.add(EbsBlockDevice.builder()
                        .volumeSpecification(config.volumeSpecification())
                        .device("/dev/sd" + letter++)
                        .build());
            }
        }
        return devices.build();
    }

    private static @Nullable Boolean optimized(@Nullable EbsConfiguration ebs) {
        return ebs == null ? null : ebs.ebsOptimized();
    }

    private static @Nullable Instant createdAt(ClusterEntry entry, @Nullable Addition addition) {
        return addition == null ? timeline(entry).creationDateTime() : addition.at();
    }

    private static @Nullable Instant readyAt(ClusterEntry entry, @Nullable Addition addition, Instant now) {
        if (addition == null) {
            return timeline(entry).readyDateTime();
        }
        return now.isBefore(addition.readyAt()) ? null : addition.readyAt();
    }

    /** The state of a group or fleet. Changes are possible while the cluster is RUNNING or WAITING. */
    private static String state(
            ClusterEntry entry, @Nullable Addition addition, boolean changing, boolean reconfigured, Instant now) {
        String state = groupState(entry);
        if (!state.equals("RUNNING") || !changing) {
            return state;
        } else if (addition != null && now.isBefore(addition.readyAt())) {
            return "PROVISIONING";
        }
        return reconfigured ? "RECONFIGURING" : "RESIZING";
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
}
