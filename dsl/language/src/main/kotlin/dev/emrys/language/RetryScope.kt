package dev.emrys.language

import com.google.common.collect.ImmutableSet
import com.google.common.collect.Sets
import dev.emrys.spec.Backoff
import dev.emrys.spec.FailureKind
import dev.emrys.spec.RetryPolicy
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes

/**
 * Why an attempt failed, as far as a retry may ask. A step fails with [Step], [Timeout] or
 * [ClusterLost], a cluster's start with [Bootstrap], [Internal] or [ClusterLost]. What EMR refuses
 * it would refuse again, so that is not among them.
 */
public enum class Failure(internal val kind: FailureKind) {
    /** The step ran and ended with a failure. */
    Step(FailureKind.STEP),

    /** The attempt took longer than its timeout. */
    Timeout(FailureKind.TIMEOUT),

    /** The cluster ended beneath the step, for example because its primary instance was lost. */
    ClusterLost(FailureKind.CLUSTER_LOST),

    /** The cluster did not come up: a bootstrap action failed, or no instances could be had. */
    Bootstrap(FailureKind.BOOTSTRAP),

    /** EMR reported an error of its own. */
    Internal(FailureKind.INTERNAL),
}

/**
 * The block of a retry, of a step or of a cluster.
 *
 * ```
 * retry { attempts = 3; backoff = exponential(30.seconds, max = 10.minutes, jitter = 0.2); on(Failure.ClusterLost) }
 * ```
 */
@EmrysDsl
public class RetryScope internal constructor(private val script: Script) {
    private val on = LinkedHashSet<FailureKind>()

    /** All attempts together, the first included: 1 to 100. Default: 3. */
    public var attempts: Int = 3

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
     * Only these failures are tried again. Default: all of [Failure]. One that this step or cluster
     * can never have is a mistake when there is no other.
     */
    public fun on(vararg failures: Failure) {
        failures.forEach { on.add(it.kind) }
    }

    internal fun build(): RetryPolicy =
        RetryPolicy(attempts, backoff, if (on.isEmpty()) RetryPolicy.RETRYABLE else inOrder(on))

    private fun inOrder(kinds: Set<FailureKind>): ImmutableSet<FailureKind> =
        Sets.immutableEnumSet(kinds)
}
