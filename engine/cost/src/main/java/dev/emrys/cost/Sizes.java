package dev.emrys.cost;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import dev.emrys.spec.ClusterOperation;
import dev.emrys.spec.FleetSize;
import dev.emrys.spec.GroupOptions;
import dev.emrys.spec.GroupSize;
import dev.emrys.spec.InstanceFleet;
import dev.emrys.spec.InstanceGroup;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The sizes that the operations of a pipeline may give to the groups and fleets of one cluster. Immutable. */
final class Sizes {
    static final Sizes NONE = new Sizes(ImmutableList.of(), ImmutableList.of());

    private final ImmutableList<GroupSize> groups;
    private final ImmutableList<FleetSize> fleets;

    private Sizes(ImmutableList<GroupSize> groups, ImmutableList<FleetSize> fleets) {
        this.groups = groups;
        this.fleets = fleets;
    }

    static Sizes of(ImmutableList<ClusterOperation> operations) {
        ImmutableList.Builder<GroupSize> groups = ImmutableList.builder();
        ImmutableList.Builder<FleetSize> fleets = ImmutableList.builder();
        for (ClusterOperation operation : operations) {
            if (operation instanceof ClusterOperation.Resize resize) {
                groups.addAll(resize.groups());
                fleets.addAll(resize.fleets());
            }
        }
        return new Sizes(groups.build(), fleets.build());
    }

    /** Sizes beside the one that the cluster is started with. */
    record Range(ImmutableList<Integer> sizes) {
        int least(int first) {
            return sizes.stream().reduce(first, Math::min);
        }

        int most(int first) {
            return sizes.stream().reduce(first, Math::max);
        }
    }

    Range of(InstanceGroup group) {
        return new Range(groups.stream()
                .filter(size -> size.role() == null ? name(group).equals(size.group()) : size.role() == group.role())
                .map(GroupSize::count)
                .collect(ImmutableList.toImmutableList()));
    }

    /** As it is on EMR: without a name of its own it has that of its role. */
    private static String name(InstanceGroup group) {
        GroupOptions options = group.options();
        if (options != null && options.name() != null) {
            return options.name();
        }
        String role = group.role().name();
        return role.charAt(0) + Ascii.toLowerCase(role.substring(1));
    }

    Range onDemand(InstanceFleet fleet) {
        List<@Nullable Integer> sizes = new ArrayList<>();
        fleets.stream().filter(size -> size.role() == fleet.role()).forEach(size -> sizes.add(size.onDemand()));
        return range(sizes);
    }

    Range spot(InstanceFleet fleet) {
        List<@Nullable Integer> sizes = new ArrayList<>();
        fleets.stream().filter(size -> size.role() == fleet.role()).forEach(size -> sizes.add(size.spot()));
        return range(sizes);
    }

    private static Range range(List<@Nullable Integer> sizes) {
        ImmutableList.Builder<Integer> known = ImmutableList.builder();
        for (Integer size : sizes) {
            if (size != null) {
                known.add(size);
            }
        }
        return new Range(known.build());
    }
}
