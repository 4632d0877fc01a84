package dev.emrys.language

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import dev.emrys.spec.AutoScaling
import dev.emrys.spec.ScalingAlarm
import dev.emrys.spec.ScalingRule
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes

/** The block of the automatic scaling of one instance group. EMR: `AutoScalingPolicy`. */
@EmrysDsl
public class AutoScalingScope
internal constructor(
    private val script: Script,
    private val minimum: Int,
    private val maximum: Int,
) {
    private val rules = ArrayList<ScalingRule>()

    /**
     * Changes the size of the group on an alarm: one of `adjustBy`, `adjustByPercent` and
     * `adjustTo`, and one `alarm`.
     *
     * ```
     * rule("more") {
     *     adjustBy(2)
     *     coolDown = 5.minutes
     *     alarm("YARNMemoryAvailablePercentage", Comparison.LessThan, 15) { period = 5.minutes }
     * }
     * ```
     *
     * EMR: `ScalingRule`.
     *
     * @param name unique within the group, 1 to 256 characters
     */
    public fun rule(name: String, block: ScalingRuleScope.() -> Unit) {
        rules.add(ScalingRuleScope(script, name).apply(block).build())
    }

    internal fun build(): AutoScaling = AutoScaling(minimum, maximum, ImmutableList.copyOf(rules))
}

/** The block of one rule of automatic scaling. EMR: `ScalingRule`. */
@EmrysDsl
public class ScalingRuleScope
internal constructor(private val script: Script, private val name: String) {
    private var adjustmentType: String? = null
    private var adjustment = 0
    private var alarm: ScalingAlarm? = null

    /** For people. Default: none. EMR: `Description`. */
    public var description: String? = null

    /**
     * How long no other rule changes the group afterwards, in whole seconds. Default: EMR's, 0.
     * EMR: `CoolDown`.
     */
    public var coolDown: Duration? = null

    /** Adds so many instances, or removes them when negative. EMR: `CHANGE_IN_CAPACITY`. */
    public fun adjustBy(instances: Int) {
        set("CHANGE_IN_CAPACITY", instances)
    }

    /**
     * Adds so many percent of the group's instances, or removes them when negative. EMR:
     * `PERCENT_CHANGE_IN_CAPACITY`.
     */
    public fun adjustByPercent(percent: Int) {
        set("PERCENT_CHANGE_IN_CAPACITY", percent)
    }

    /** Gives the group so many instances. EMR: `EXACT_CAPACITY`. */
    public fun adjustTo(instances: Int) {
        set("EXACT_CAPACITY", instances)
    }

    private fun set(type: String, value: Int) {
        adjustmentType = type
        adjustment = value
    }

    /**
     * When the rule is applied: `alarm("YARNMemoryAvailablePercentage", Comparison.LessThan, 15)`.
     * EMR: `CloudWatchAlarmDefinition`, "Understanding automatic scaling rules".
     *
     * @param metric of CloudWatch
     * @param threshold 0 or more
     */
    public fun alarm(
        metric: String,
        comparison: Comparison,
        threshold: Number,
        block: ScalingAlarmScope.() -> Unit = {},
    ) {
        script.checkKnown("comparison", comparison.name, Comparison.KNOWN)
        val scope = ScalingAlarmScope(script).apply(block)
        alarm = scope.build(metric, comparison, threshold)
    }

    internal fun build(): ScalingRule =
        ScalingRule(
            name,
            description,
            adjustmentType,
            adjustment,
            coolDown?.let { script.javaDuration(it, "coolDown of the rule \"$name\"") },
            alarm,
        )
}

/** The block of the alarm of a rule. EMR: `CloudWatchAlarmDefinition`. */
@EmrysDsl
public class ScalingAlarmScope internal constructor(private val script: Script) {
    private val dimensions = LinkedHashMap<String, String>()

    /**
     * Over how long the metric is aggregated, in whole seconds. Default: `5.minutes`, as EMR
     * publishes its metrics every five minutes. EMR: `Period`.
     */
    public var period: Duration = 5.minutes

    /** How many periods in a row must match. Default: EMR's, 1. EMR: `EvaluationPeriods`. */
    public var evaluationPeriods: Int? = null

    /** Default: EMR's, `AWS/ElasticMapReduce`. EMR: `Namespace`. */
    public var namespace: String? = null

    /** Default: EMR's, [Statistic.Average]. EMR: `Statistic`. */
    public var statistic: Statistic? = null
        set(value) {
            field = value
            value?.let { script.checkKnown("statistic", it.name, Statistic.KNOWN) }
        }

    /** The metric's unit, such as `"PERCENT"` or `"COUNT"`. Default: none. EMR: `Unit`. */
    public var unit: String? = null

    /**
     * A dimension of the metric. Default: EMR's, the `JobFlowId` of the cluster. If a key is set
     * twice, the last value is used. EMR: `Dimensions`.
     */
    public fun dimension(key: String, value: Any) {
        dimensions[key] = script.text(value, "The dimension \"$key\"")
    }

    internal fun build(metric: String, comparison: Comparison, threshold: Number): ScalingAlarm =
        ScalingAlarm(
            metric,
            comparison.name,
            threshold.toDouble(),
            script.javaDuration(period, "period of the alarm"),
            evaluationPeriods,
            namespace,
            statistic?.name,
            unit,
            ImmutableMap.copyOf(dimensions),
        )
}
