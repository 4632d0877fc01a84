package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.google.common.collect.ImmutableList;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One instance type of a fleet. EMR: {@code InstanceTypeConfig}.
 *
 * @param instanceType such as {@code m6g.xlarge}; the vocabulary is Amazon's and open
 * @param weight how many units of the fleet's capacity one instance is; null for one
 * @param priority the lower, the earlier; only with a strategy that looks at it. Null for the lowest priority
 * @param maxPricePerHour in US dollars an instance hour of Spot; null for no such limit
 * @param maxPercentOfOnDemand the highest Spot price, in percent of the on-demand price; null for EMR's default, 100
 * @param setup of the instances; null for the defaults
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record FleetType(
        String instanceType,
        @Nullable Integer weight,
        @Nullable Double priority,
        @Nullable String maxPricePerHour,
        @Nullable Double maxPercentOfOnDemand,
        @Nullable InstanceSetup setup) {

    void values(ImmutableList.Builder<String> texts) {
        if (setup != null) {
            setup.values(texts);
        }
    }

    FleetType withValues(UnaryOperator<String> replace) {
        return new FleetType(
                instanceType,
                weight,
                priority,
                maxPricePerHour,
                maxPercentOfOnDemand,
                setup == null ? null : setup.withValues(replace));
    }

    void check(MemberCheck check) {
        Diagnostics diagnostics = check.diagnostics();
        diagnostics.unless(
                InstanceGroup.isType(instanceType), ClusterCode.INSTANCE_TYPE_FORM, check.location(), instanceType);
        check.atLeast("weight of type(\"" + instanceType + "\")", weight, 0);
        check.atLeast("priority of type(\"" + instanceType + "\")", priority, 0);
        check.price("maxPricePerHour", maxPricePerHour);
        check.atLeast("maxPercentOfOnDemand of type(\"" + instanceType + "\")", maxPercentOfOnDemand, 0);
        check.exclusive(
                maxPricePerHour != null && maxPercentOfOnDemand != null,
                "maxPricePerHour",
                "maxPercentOfOnDemand for " + instanceType,
                "EMR takes one of the two.");
        if (setup != null) {
            setup.check(check);
        }
    }
}
