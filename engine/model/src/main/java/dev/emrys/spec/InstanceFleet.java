package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.google.common.collect.ImmutableList;
import java.util.HashSet;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One instance fleet of a cluster: several instance types, of which EC2 takes what it has. EMR: {@code
 * InstanceFleetConfig}.
 *
 * @param role what the instances are for
 * @param name null for the name of the role
 * @param onDemandCapacity in units, see {@link FleetType#weight}
 * @param spotCapacity in units
 * @param types 1 to 5, or to 30 with an allocation strategy
 * @param onDemandLaunch null for EMR's default
 * @param spotLaunch null for EMR's default
 * @param onDemandResize null for EMR's default
 * @param spotResize null for EMR's default
 * @param context EMR's {@code Context}; null for none
 * @param location where the author asked for it
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record InstanceFleet(
        InstanceRole role,
        @Nullable String name,
        int onDemandCapacity,
        int spotCapacity,
        ImmutableList<FleetType> types,
        @Nullable OnDemandLaunch onDemandLaunch,
        @Nullable SpotLaunch spotLaunch,
        @Nullable OnDemandLaunch onDemandResize,
        @Nullable SpotLaunch spotResize,
        @Nullable String context,
        SourceLocation location) {

    private static final int MAX_TYPES = 30;
    private static final int MAX_TYPES_WITHOUT_STRATEGY = 5;

    void values(ImmutableList.Builder<String> texts) {
        types.forEach(type -> type.values(texts));
    }

    InstanceFleet withValues(UnaryOperator<String> replace) {
        return new InstanceFleet(
                role,
                name,
                onDemandCapacity,
                spotCapacity,
                types.stream().map(type -> type.withValues(replace)).collect(ImmutableList.toImmutableList()),
                onDemandLaunch,
                spotLaunch,
                onDemandResize,
                spotResize,
                context,
                location);
    }

    void check(Diagnostics diagnostics) {
        MemberCheck check = new MemberCheck("the " + role.word() + " fleet", location, diagnostics);
        check.text("name", name, MemberCheck.SHORT);
        check.text("context", context, MemberCheck.SHORT);
        checkCapacity(diagnostics);
        checkTypes(diagnostics);
        types.forEach(type -> type.check(check));
        if (onDemandLaunch != null) {
            onDemandLaunch.check("onDemandLaunch", check);
        }
        if (spotLaunch != null) {
            spotLaunch.check("spotLaunch", SpotLaunch.MAX_LAUNCH_MINUTES, check);
        }
        if (onDemandResize != null) {
            onDemandResize.check("onDemandResize", check);
        }
        if (spotResize != null) {
            spotResize.check("spotResize", SpotLaunch.MAX_RESIZE_MINUTES, check);
        }
    }

    private void checkCapacity(Diagnostics diagnostics) {
        boolean isPrimary = role == InstanceRole.PRIMARY;
        long sum = (long) onDemandCapacity + spotCapacity;
        boolean fine = onDemandCapacity >= 0 && spotCapacity >= 0 && (isPrimary ? sum == 1 : sum >= 1);
        diagnostics.unless(
                fine,
                ClusterCode.FLEET_CAPACITY,
                location,
                role.word(),
                onDemandCapacity,
                spotCapacity,
                isPrimary
                        ? "Write primaryFleet { … } for one on-demand instance, or primaryFleet(spot = 1) { … }."
                        : "Write at least one unit, such as " + role.word() + "Fleet(onDemand = 2, spot = 6) { … }.");
    }

    private void checkTypes(Diagnostics diagnostics) {
        boolean hasStrategy = (onDemandLaunch != null && onDemandLaunch.strategy() != null)
                || (spotLaunch != null && spotLaunch.strategy() != null);
        int max = hasStrategy ? MAX_TYPES : MAX_TYPES_WITHOUT_STRATEGY;
        diagnostics.unless(
                !types.isEmpty() && types.size() <= max,
                ClusterCode.FLEET_TYPES,
                location,
                role.word(),
                types.size(),
                max);
        Set<String> names = new HashSet<>();
        for (FleetType type : types) {
            diagnostics.unless(
                    names.add(type.instanceType()),
                    ClusterCode.FLEET_TYPE_TWICE,
                    location,
                    role.word(),
                    type.instanceType());
        }
    }
}
