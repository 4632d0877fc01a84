package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * How EMR itself changes the size of a cluster. EMR: {@code ManagedScalingPolicy}.
 *
 * @param unit EMR's {@code UnitType}; null for {@code Instances}, with fleets {@code InstanceFleetUnits}
 * @param minimum at least 1
 * @param maximum at least {@code minimum}
 * @param maximumOnDemand null for {@code maximum}
 * @param maximumCore null for {@code maximum}
 * @param strategy EMR's {@code ScalingStrategy}; null for {@code DEFAULT}
 * @param utilizationPerformanceIndex 1 (use instances fully) to 100 (finish early), with the strategy {@code
 *     ADVANCED}; null for EMR's default
 * @param location where the author asked for it
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ManagedScaling(
        @Nullable String unit,
        int minimum,
        int maximum,
        @Nullable Integer maximumOnDemand,
        @Nullable Integer maximumCore,
        @Nullable String strategy,
        @Nullable Integer utilizationPerformanceIndex,
        SourceLocation location) {

    private static final String FLEET_UNITS = "InstanceFleetUnits";

    /** EMR's {@code UnitType}. */
    public String unitFor(boolean fleets) {
        if (unit != null) {
            return unit;
        }
        return fleets ? FLEET_UNITS : "Instances";
    }

    void check(ClusterFacts cluster, Diagnostics diagnostics) {
        checkLimits(diagnostics);
        checkOn(cluster, diagnostics);
    }

    /** Adds the errors that can be seen without the cluster. */
    void checkLimits(Diagnostics diagnostics) {
        MemberCheck check = new MemberCheck("managedScaling", location, diagnostics);
        check.atLeast("minimum", minimum, 1);
        diagnostics.unless(
                minimum <= maximum, ClusterCode.MANAGED_SCALING_LIMITS, location, "minimum", minimum, maximum);
        limit("maximumOnDemand", maximumOnDemand, check);
        limit("maximumCore", maximumCore, check);
        check.range("utilizationPerformanceIndex", utilizationPerformanceIndex, 1, 100);
        check.needs(
                utilizationPerformanceIndex != null && (strategy == null || strategy.equals("DEFAULT")),
                "utilizationPerformanceIndex",
                "advanced strategy",
                "Write strategy = ScalingStrategy.Advanced, or remove it.");
        check.text("unit", unit, MemberCheck.SHORT);
        check.text("strategy", strategy, MemberCheck.SHORT);
    }

    /** Adds the errors that can be seen only with the cluster. */
    void checkOn(ClusterFacts cluster, Diagnostics diagnostics) {
        diagnostics.unless(
                cluster.managedScaling(),
                ClusterCode.MANAGED_SCALING_RELEASE,
                location,
                cluster.name(),
                cluster.releaseLabel());
        if (unit != null) {
            diagnostics.unless(
                    cluster.fleets() == unit.equals(FLEET_UNITS),
                    ClusterCode.MANAGED_SCALING_UNIT,
                    location,
                    unit,
                    cluster.fleets() ? "fleets" : "groups",
                    cluster.fleets() ? "ScalingUnit.InstanceFleetUnits" : "ScalingUnit.Instances or ScalingUnit.Vcpu");
        }
    }

    private void limit(String word, @Nullable Integer value, MemberCheck check) {
        check.atLeast(word, value, 0);
        if (value != null && value > maximum) {
            check.diagnostics().add(ClusterCode.MANAGED_SCALING_LIMITS, location, word, value, maximum);
        }
    }
}
