package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.google.common.collect.ImmutableMap;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When a rule of automatic scaling is applied. EMR: {@code CloudWatchAlarmDefinition}.
 *
 * @param metric such as {@code YARNMemoryAvailablePercentage}
 * @param comparison EMR's {@code ComparisonOperator}, an open vocabulary as the next ones
 * @param threshold what the metric is compared with, 0 or more
 * @param period over how long the metric is aggregated, in whole seconds
 * @param evaluationPeriods how many periods in a row must match; null for one
 * @param namespace null for {@code AWS/ElasticMapReduce}
 * @param statistic null for the average
 * @param unit null for none
 * @param dimensions empty for the cluster's own metric
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ScalingAlarm(
        String metric,
        String comparison,
        double threshold,
        Duration period,
        @Nullable Integer evaluationPeriods,
        @Nullable String namespace,
        @Nullable String statistic,
        @Nullable String unit,
        ImmutableMap<String, String> dimensions) {

    void check(MemberCheck check) {
        check.text("The metric of alarm(…)", metric, MemberCheck.LONG);
        check.text("The comparison of alarm(…)", comparison, MemberCheck.SHORT);
        check.atLeast("The threshold of alarm(…)", threshold, 0);
        check.atLeast("period of alarm(…)", period.toSeconds(), 1);
        check.atLeast("evaluationPeriods of alarm(…)", evaluationPeriods, 1);
        check.text("namespace of alarm(…)", namespace, MemberCheck.LONG);
        check.text("statistic of alarm(…)", statistic, MemberCheck.SHORT);
        check.text("unit of alarm(…)", unit, MemberCheck.SHORT);
    }
}
