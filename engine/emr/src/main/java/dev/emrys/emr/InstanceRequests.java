package dev.emrys.emr;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Maps;
import dev.emrys.spec.AutoScaling;
import dev.emrys.spec.CapacityReservations;
import dev.emrys.spec.EbsVolume;
import dev.emrys.spec.FleetType;
import dev.emrys.spec.GroupOptions;
import dev.emrys.spec.InstanceFleet;
import dev.emrys.spec.InstanceGroup;
import dev.emrys.spec.InstanceRole;
import dev.emrys.spec.InstanceSetup;
import dev.emrys.spec.OnDemandLaunch;
import dev.emrys.spec.ScalingAlarm;
import dev.emrys.spec.ScalingRule;
import dev.emrys.spec.SpotLaunch;
import dev.emrys.spec.SpotMarket;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.AutoScalingPolicy;
import software.amazon.awssdk.services.emr.model.CloudWatchAlarmDefinition;
import software.amazon.awssdk.services.emr.model.Configuration;
import software.amazon.awssdk.services.emr.model.EbsBlockDeviceConfig;
import software.amazon.awssdk.services.emr.model.EbsConfiguration;
import software.amazon.awssdk.services.emr.model.InstanceFleetConfig;
import software.amazon.awssdk.services.emr.model.InstanceFleetProvisioningSpecifications;
import software.amazon.awssdk.services.emr.model.InstanceFleetResizingSpecifications;
import software.amazon.awssdk.services.emr.model.InstanceGroupConfig;
import software.amazon.awssdk.services.emr.model.InstanceTypeConfig;
import software.amazon.awssdk.services.emr.model.MarketType;
import software.amazon.awssdk.services.emr.model.MetricDimension;
import software.amazon.awssdk.services.emr.model.OnDemandCapacityReservationOptions;
import software.amazon.awssdk.services.emr.model.OnDemandProvisioningSpecification;
import software.amazon.awssdk.services.emr.model.OnDemandResizingSpecification;
import software.amazon.awssdk.services.emr.model.SpotProvisioningSpecification;
import software.amazon.awssdk.services.emr.model.SpotResizingSpecification;

/**
 * Makes the instance groups and fleets of EMR's requests. What the author did not write is null, so that EMR's
 * default holds; a text of a vocabulary of EMR's is passed on as it is. Immutable.
 *
 * @param fill fills in secrets
 */
record InstanceRequests(UnaryOperator<String> fill) {
    InstanceGroupConfig group(InstanceGroup group) {
        SpotMarket spot = group.spot();
        GroupOptions options = group.options() == null ? new GroupOptions(null, null, null) : group.options();
        InstanceSetup setup = orNone(options.setup());
        return InstanceGroupConfig.builder()
                .name(options.name() == null ? title(group.role()) : options.name())
                .instanceRole(role(group.role()))
                .instanceType(group.instanceType())
                .instanceCount(group.count())
                .market(spot == null ? MarketType.ON_DEMAND : MarketType.SPOT)
                .bidPrice(spot == null ? null : spot.maxPricePerHour())
                .ebsConfiguration(ebs(setup))
                .customAmiId(setup.customAmiId())
                .configurations(orNull(configurations(setup.configurations())))
                .autoScalingPolicy(options.autoScaling() == null ? null : policy(options.autoScaling()))
                .build();
    }

    /** EMR's {@code InstanceRole}, of groups, fleets and placement groups. */
    static String role(InstanceRole role) {
        return role == InstanceRole.PRIMARY ? "MASTER" : role.name();
    }

    private static String title(InstanceRole role) {
        return role.name().charAt(0) + Ascii.toLowerCase(role.name().substring(1));
    }

    private static InstanceSetup orNone(@Nullable InstanceSetup setup) {
        return setup == null ? InstanceSetup.NONE : setup;
    }

    /** An empty list that is sent says something else than none. */
    static <T> @Nullable List<T> orNull(List<T> list) {
        return list.isEmpty() ? null : list;
    }

    List<Configuration> configurations(ImmutableList<dev.emrys.spec.Configuration> all) {
        return all.stream()
                .map(one -> Configuration.builder()
                        .classification(one.classification())
                        .properties(Maps.transformValues(one.properties(), fill::apply))
                        .configurations(configurations(one.configurations()))
                        .build())
                .toList();
    }

    private static @Nullable EbsConfiguration ebs(InstanceSetup setup) {
        if (setup.volumes().isEmpty() && setup.ebsOptimized() == null) {
            return null;
        }
        return EbsConfiguration.builder()
                .ebsBlockDeviceConfigs(orNull(
                        setup.volumes().stream().map(InstanceRequests::device).toList()))
                .ebsOptimized(setup.ebsOptimized())
                .build();
    }

    private static EbsBlockDeviceConfig device(EbsVolume volume) {
        return EbsBlockDeviceConfig.builder()
                .volumesPerInstance(volume.perInstance())
                .volumeSpecification(specification -> specification
                        .volumeType(volume.type())
                        .sizeInGB(volume.sizeGiB())
                        .iops(volume.iops())
                        .throughput(volume.throughputMiB()))
                .build();
    }

    private static AutoScalingPolicy policy(AutoScaling scaling) {
        return AutoScalingPolicy.builder()
                .constraints(constraints ->
                        constraints.minCapacity(scaling.minimum()).maxCapacity(scaling.maximum()))
                .rules(scaling.rules().stream().map(InstanceRequests::rule).toList())
                .build();
    }

    private static software.amazon.awssdk.services.emr.model.ScalingRule rule(ScalingRule rule) {
        ScalingAlarm alarm = Objects.requireNonNull(rule.alarm());
        return software.amazon.awssdk.services.emr.model.ScalingRule.builder()
                .name(rule.name())
                .description(rule.description())
                .action(action ->
                        action.simpleScalingPolicyConfiguration(change -> change.adjustmentType(rule.adjustmentType())
                                .scalingAdjustment(rule.adjustment())
                                .coolDown(seconds(rule.coolDown()))))
                .trigger(trigger -> trigger.cloudWatchAlarmDefinition(alarm(alarm)))
                .build();
    }

    private static CloudWatchAlarmDefinition alarm(ScalingAlarm alarm) {
        return CloudWatchAlarmDefinition.builder()
                .metricName(alarm.metric())
                .comparisonOperator(alarm.comparison())
                .threshold(alarm.threshold())
                .period(seconds(alarm.period()))
                .evaluationPeriods(alarm.evaluationPeriods())
                .namespace(alarm.namespace())
                .statistic(alarm.statistic())
                .unit(alarm.unit())
                .dimensions(orNull(alarm.dimensions().entrySet().stream()
                        .map(one -> MetricDimension.builder()
                                .key(one.getKey())
                                .value(one.getValue())
                                .build())
                        .toList()))
                .build();
    }

    private static @Nullable Integer seconds(@Nullable Duration duration) {
        return duration == null ? null : Math.toIntExact(duration.toSeconds());
    }

    private static @Nullable Integer minutes(@Nullable Duration duration) {
        return duration == null ? null : Math.toIntExact(duration.toMinutes());
    }

    InstanceFleetConfig fleet(InstanceFleet fleet) {
        return InstanceFleetConfig.builder()
                .name(fleet.name() == null ? title(fleet.role()) : fleet.name())
                .instanceFleetType(role(fleet.role()))
                .targetOnDemandCapacity(fleet.onDemandCapacity())
                .targetSpotCapacity(fleet.spotCapacity())
                .instanceTypeConfigs(fleet.types().stream().map(this::type).toList())
                .launchSpecifications(launch(fleet))
                .resizeSpecifications(resize(fleet))
                .context(fleet.context())
                .build();
    }

    private InstanceTypeConfig type(FleetType type) {
        InstanceSetup setup = orNone(type.setup());
        return InstanceTypeConfig.builder()
                .instanceType(type.instanceType())
                .weightedCapacity(type.weight())
                .priority(type.priority())
                .bidPrice(type.maxPricePerHour())
                .bidPriceAsPercentageOfOnDemandPrice(type.maxPercentOfOnDemand())
                .ebsConfiguration(ebs(setup))
                .customAmiId(setup.customAmiId())
                .configurations(orNull(configurations(setup.configurations())))
                .build();
    }

    private static @Nullable InstanceFleetProvisioningSpecifications launch(InstanceFleet fleet) {
        SpotLaunch spot = fleet.spotLaunch();
        OnDemandLaunch onDemand = fleet.onDemandLaunch();
        if (spot == null && onDemand == null) {
            return null;
        }
        return InstanceFleetProvisioningSpecifications.builder()
                .spotSpecification(
                        spot == null
                                ? null
                                : SpotProvisioningSpecification.builder()
                                        .allocationStrategy(spot.strategy())
                                        .timeoutDurationMinutes(minutes(spot.timeout()))
                                        .timeoutAction(spot.onTimeout())
                                        .build())
                .onDemandSpecification(
                        onDemand == null
                                ? null
                                : OnDemandProvisioningSpecification.builder()
                                        .allocationStrategy(onDemand.strategy())
                                        .capacityReservationOptions(reservations(onDemand.reservations()))
                                        .build())
                .build();
    }

    private static @Nullable InstanceFleetResizingSpecifications resize(InstanceFleet fleet) {
        SpotLaunch spot = fleet.spotResize();
        OnDemandLaunch onDemand = fleet.onDemandResize();
        if (spot == null && onDemand == null) {
            return null;
        }
        return InstanceFleetResizingSpecifications.builder()
                .spotResizeSpecification(
                        spot == null
                                ? null
                                : SpotResizingSpecification.builder()
                                        .allocationStrategy(spot.strategy())
                                        .timeoutDurationMinutes(minutes(spot.timeout()))
                                        .build())
                .onDemandResizeSpecification(
                        onDemand == null
                                ? null
                                : OnDemandResizingSpecification.builder()
                                        .allocationStrategy(onDemand.strategy())
                                        .timeoutDurationMinutes(minutes(onDemand.timeout()))
                                        .capacityReservationOptions(reservations(onDemand.reservations()))
                                        .build())
                .build();
    }

    private static @Nullable OnDemandCapacityReservationOptions reservations(
            @Nullable CapacityReservations reservations) {
        return reservations == null
                ? null
                : OnDemandCapacityReservationOptions.builder()
                        .usageStrategy(reservations.usage())
                        .capacityReservationPreference(reservations.preference())
                        .capacityReservationResourceGroupArn(reservations.resourceGroupArn())
                        .build();
    }
}
