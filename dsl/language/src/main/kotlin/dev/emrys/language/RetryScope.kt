package dev.emrys.language

import com.google.common.collect.ImmutableSet
import com.google.common.collect.Sets
import dev.emrys.spec.Backoff
import dev.emrys.spec.FailureKind
import dev.emrys.spec.RetryPolicy
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes

/**
 * Why an attempt failed, as a condition of a retry. A step fails with [Step], [Timeout] or
 * [ClusterLost], the start of a cluster with [Bootstrap], [Internal] or [ClusterLost]. A request
 * that EMR refuses is never retried: EMR would refuse it again.
 */
public enum class Failure(internal val kind: FailureKind) {
    /** The step ran and ended with a failure. */
    Step(FailureKind.STEP),

    /** The attempt took longer than its timeout. */
    Timeout(FailureKind.TIMEOUT),

    /** The cluster ended while the step ran, for example because its primary instance was lost. */
    ClusterLost(FailureKind.CLUSTER_LOST),

    /** The cluster did not start: a bootstrap action failed, or EC2 had no instances. */
    Bootstrap(FailureKind.BOOTSTRAP),

    /** EMR reported an error of its own. */
    Internal(FailureKind.INTERNAL),
}

/**
 * The block of a retry, of a step or of a cluster.
 *
 * ```
 * retry(3)
 * retry { attempts = 3; backoff = exponential(30.seconds, max = 10.minutes, jitter = 0.2); on(Failure.ClusterLost) }
 * ```
 */
@EmrysDsl
public class RetryScope
internal constructor(
    private val script: Script,
    /** All attempts together, the first included: 1 (no retry) to 100. Default: 3. */
    public var attempts: Int = DEFAULT_ATTEMPTS,
) {
    private val on = LinkedHashSet<FailureKind>()

    /**
     * The wait between two attempts. Default: `exponential(30.seconds, max = 10.minutes, jitter =
     * 0.2)`.
     */
    public var backoff: Backoff = Backoff.DEFAULT

    /**
     * The same wait every time.
     *
     * @param jitter the share by which a wait may be longer or shorter, 0.0 to 1.0
     */
    public fun constant(wait: Duration, jitter: Double = 0.0): Backoff {
        val span = script.javaDuration(wait, "The wait of constant(…)")
        return Backoff(span, 1.0, span, jitter)
    }

    /**
     * A wait that grows from attempt to attempt.
     *
     * @param initial before the second attempt
     * @param factor by which it grows, 1.0 to 100.0
     * @param max the longest wait, before jitter
     * @param jitter the share by which a wait may be longer or shorter, 0.0 to 1.0
     */
    public fun exponential(
        initial: Duration,
        factor: Double = 2.0,
        max: Duration = 10.minutes,
        jitter: Double = 0.2,
    ): Backoff =
        Backoff(
            script.javaDuration(initial, "The first wait of exponential(…)"),
            factor,
            script.javaDuration(max, "max of exponential(…)"),
            jitter,
        )

    /**
     * Only these failures are retried. Default: all of [Failure]. It is an error when this step or
     * cluster can fail in none of these ways.
     */
    public fun on(vararg failures: Failure) {
        failures.forEach { on.add(it.kind) }
    }

    internal fun build(): RetryPolicy =
        RetryPolicy(attempts, backoff, if (on.isEmpty()) RetryPolicy.RETRYABLE else inOrder(on))

    internal companion object {
        const val DEFAULT_ATTEMPTS = 3
    }

    private fun inOrder(kinds: Set<FailureKind>): ImmutableSet<FailureKind> =
        Sets.immutableEnumSet(kinds)
}
