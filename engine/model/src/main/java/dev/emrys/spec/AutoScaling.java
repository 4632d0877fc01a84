package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.google.common.collect.ImmutableList;

/**
 * Rules by which EMR changes the size of one instance group. EMR: {@code AutoScalingPolicy}.
 *
 * @param minimum the fewest instances
 * @param maximum the most instances
 * @param rules at least one
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record AutoScaling(int minimum, int maximum, ImmutableList<ScalingRule> rules) {
    private static final int MAX_INSTANCES = 2000;

    void check(MemberCheck check) {
        check.range("maximum of autoScaling", maximum, 0, MAX_INSTANCES);
        check.range("minimum of autoScaling", minimum, 0, Math.max(maximum, 0));
        check.needs(rules.isEmpty(), "autoScaling", "rule", "Add rule(\"…\") { … }.");
        rules.forEach(rule -> rule.check(check));
    }
}
