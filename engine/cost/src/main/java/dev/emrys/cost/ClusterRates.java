package dev.emrys.cost;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.emrys.spec.AutoScaling;
import dev.emrys.spec.ClusterOperation;
import dev.emrys.spec.ClusterOptions;
import dev.emrys.spec.ClusterSpec;
import dev.emrys.spec.EbsVolume;
import dev.emrys.spec.FleetType;
import dev.emrys.spec.GroupOptions;
import dev.emrys.spec.InstanceFleet;
import dev.emrys.spec.InstanceGroup;
import dev.emrys.spec.InstanceRole;
import dev.emrys.spec.InstanceSetup;
import dev.emrys.spec.ManagedScaling;
import dev.emrys.spec.OperationSpec;
import dev.emrys.spec.PipelineSpec;
import dev.emrys.spec.SpotMarket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What clusters cost an hour: instances, EMR's share and the volumes that the script names. Not counted: the volumes
 * that EMR adds itself, S3, data transfer, taxes, discounts, and what the raw members of the request change. Immutable.
 */
public final class ClusterRates {
    private static final double HOURS_OF_A_MONTH = 730;

    private final PriceTable prices;

    public ClusterRates(PriceTable prices) {
        this.prices = prices;
    }

    public PriceTable prices() {
        return prices;
    }

    /** Of one cluster while it is there, at the sizes that it is started with. */
    public HourlyRate of(ClusterSpec cluster) {
        return of(cluster, Sizes.NONE, cluster.optionsOrNone().managedScaling());
    }

    /** Of one cluster of a spec while it is there, at all the sizes that operations of the spec and retries of its
     * start may give it.
     */
    public HourlyRate of(PipelineSpec spec, ClusterSpec cluster) {
        ImmutableList<ClusterOperation> operations = spec.tasks().stream()
                .filter(task -> task instanceof OperationSpec && cluster.name().equals(task.scope()))
                .map(task -> ((OperationSpec) task).operation())
                .collect(ImmutableList.toImmutableList());
        Sizes sizes = Sizes.of(operations);
        return cluster.ofAllAttempts().stream()
                .map(attempt -> of(attempt, operations, sizes))
                .reduce(HourlyRate::or)
                .orElseThrow();
    }

    private HourlyRate of(ClusterSpec cluster, ImmutableList<ClusterOperation> operations, Sizes sizes) {
        HourlyRate rate = of(cluster, sizes, cluster.optionsOrNone().managedScaling());
        for (ClusterOperation operation : operations) {
            if (operation instanceof ClusterOperation.ScalingLimits change) {
                rate = rate.or(of(cluster, sizes, change.policy()));
            }
        }
        return rate;
    }

    private HourlyRate of(ClusterSpec cluster, Sizes sizes, @Nullable ManagedScaling scaling) {
        ClusterOptions options = cluster.optionsOrNone();
        boolean hasFleets = !options.instanceFleets().isEmpty();
        HourlyRate sum = HourlyRate.ZERO;
        List<HourlyRate> scaled = new ArrayList<>();
        String unit = scaling == null ? "" : scaling.unitFor(hasFleets);
        for (InstanceGroup group : cluster.instanceGroups()) {
            if (scaling != null && group.role() != InstanceRole.PRIMARY) {
                scaled.add(perUnit(group, unit));
            } else {
                sum = sum.plus(group(group, sizes));
            }
        }
        for (InstanceFleet fleet : options.instanceFleets()) {
            if (scaling != null && fleet.role() != InstanceRole.PRIMARY) {
                scaled.add(unitOf(fleet));
            } else {
                sum = sum.plus(fleet(fleet, sizes));
            }
        }
        return scaling == null || scaled.isEmpty()
                ? sum
                : sum.plus(anyOf(scaled).times(scaling.minimum(), scaling.maximum()));
    }

    private HourlyRate group(InstanceGroup group, Sizes sizes) {
        GroupOptions options = group.options();
        AutoScaling scaling = options == null ? null : options.autoScaling();
        int least = scaling == null ? group.count() : scaling.minimum();
        int most = scaling == null ? group.count() : scaling.maximum();
        Sizes.Range range = sizes.of(group);
        return instance(group).times(range.least(least), range.most(most));
    }

    private HourlyRate perUnit(InstanceGroup group, String unit) {
        HourlyRate instance = instance(group);
        OptionalDouble processors = prices.processors(group.instanceType());
        return unit.equalsIgnoreCase("VCPU") && processors.isPresent()
                ? instance.times(1 / processors.getAsDouble(), 1 / processors.getAsDouble())
                : instance;
    }

    private HourlyRate instance(InstanceGroup group) {
        SpotMarket spot = group.spot();
        GroupOptions options = group.options();
        return instance(
                group.instanceType(),
                spot == null ? null : price(spot.maxPricePerHour()),
                options == null ? null : options.setup());
    }

    private HourlyRate fleet(InstanceFleet fleet, Sizes sizes) {
        Sizes.Range range = sizes.onDemand(fleet);
        HourlyRate onDemand =
                units(fleet, false).times(range.least(fleet.onDemandCapacity()), range.most(fleet.onDemandCapacity()));
        Sizes.Range ofSpot = sizes.spot(fleet);
        HourlyRate spot =
                units(fleet, true).times(ofSpot.least(fleet.spotCapacity()), ofSpot.most(fleet.spotCapacity()));
        return onDemand.plus(spot);
    }

    private HourlyRate unitOf(InstanceFleet fleet) {
        return units(fleet, false);
    }

    private HourlyRate units(InstanceFleet fleet, boolean isSpot) {
        ImmutableList.Builder<HourlyRate> types = ImmutableList.builder();
        for (FleetType type : fleet.types()) {
            Integer weight = type.weight();
            double share = weight == null || weight < 1 ? 1 : 1.0 / weight;
            types.add(instance(type.instanceType(), isSpot ? spotLimit(type) : null, type.setup())
                    .times(share, share));
        }
        ImmutableList<HourlyRate> all = types.build();
        return all.isEmpty() ? HourlyRate.ZERO : anyOf(all);
    }

    private @Nullable Double spotLimit(FleetType type) {
        Double percent = type.maxPercentOfOnDemand();
        if (percent != null) {
            return prices.instance(type.instanceType())
                    .map(price -> price.ec2() * percent / 100)
                    .orElse(null);
        }
        return price(type.maxPricePerHour());
    }

    /** One of these, at least one; it is not known which. */
    private static HourlyRate anyOf(List<HourlyRate> choices) {
        Set<String> unpriced = new HashSet<>();
        List<HourlyRate> priced = new ArrayList<>();
        for (HourlyRate choice : choices) {
            unpriced.addAll(choice.unpriced());
            if (choice.unpriced().isEmpty()) {
                priced.add(choice);
            }
        }
        List<HourlyRate> from = priced.isEmpty() ? choices : priced;
        double low = from.get(0).low();
        double high = 0;
        for (HourlyRate choice : from) {
            low = Math.min(low, choice.low());
            high = Math.max(high, choice.high());
        }
        return new HourlyRate(low, high, ImmutableSet.copyOf(unpriced));
    }

    /** @param limit of EC2's price, for a Spot instance; null for the on-demand price */
    private HourlyRate instance(String type, @Nullable Double limit, @Nullable InstanceSetup setup) {
        HourlyRate volumes = HourlyRate.ZERO;
        if (setup != null) {
            for (EbsVolume volume : setup.volumes()) {
                volumes = volumes.plus(volume(volume));
            }
        }
        return prices.instance(type)
                .map(price -> {
                    double ec2 = limit == null ? price.ec2() : Math.min(limit, price.ec2());
                    return fixed(ec2 + price.emr());
                })
                .orElseGet(() -> new HourlyRate(0, 0, ImmutableSet.of(type)))
                .plus(volumes);
    }

    private HourlyRate volume(EbsVolume volume) {
        OptionalDouble month = prices.volume(volume.type());
        if (month.isEmpty()) {
            return new HourlyRate(0, 0, ImmutableSet.of(volume.type()));
        }
        Integer perInstance = volume.perInstance();
        int volumes = perInstance == null ? 1 : perInstance;
        return fixed(month.getAsDouble() / HOURS_OF_A_MONTH * volume.sizeGiB() * volumes);
    }

    private static HourlyRate fixed(double price) {
        return new HourlyRate(price, price, ImmutableSet.of());
    }

    private static @Nullable Double price(@Nullable String text) {
        try {
            return text == null ? null : Double.valueOf(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
