package dev.emrys.language

import com.google.common.collect.ImmutableSet
import com.google.common.collect.Maps
import com.google.common.collect.Sets
import dev.emrys.spec.Backoff
import dev.emrys.spec.FailureCause
import dev.emrys.spec.FailureKind
import dev.emrys.spec.RetryPolicy
import java.util.EnumMap
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes

/**
 * Why an attempt failed, as a condition of a retry. A step fails with [Step], [Timeout] or
 * [ClusterLost], the start of a cluster with [Bootstrap], [Internal] or [ClusterLost], an operation
 * on a cluster with [Internal], [Timeout] or [ClusterLost]. A request that EMR refuses is never
 * retried: EMR would refuse it again.
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
 * The root cause of a failed attempt, as far as EMR, the program and its log tell it, for
 * [RetryScope.atMost]. The end of a run and `emrys show` name it.
 */
public enum class Cause(internal val cause: FailureCause) {
    /** The program ended with an exception of its own. */
    UserException(FailureCause.USER_EXCEPTION),

    /** The driver, or a program of one process, ran out of memory. */
    DriverOutOfMemory(FailureCause.DRIVER_OUT_OF_MEMORY),

    /** An executor ran out of memory. */
    ExecutorOutOfMemory(FailureCause.EXECUTOR_OUT_OF_MEMORY),

    /** YARN killed a container that used more memory than it may. */
    ContainerKilled(FailureCause.CONTAINER_KILLED),

    /** The process was killed from outside. */
    Killed(FailureCause.KILLED),

    /** A path, a bucket, an object or a table does not exist. */
    MissingInput(FailureCause.MISSING_INPUT),

    /** A class, jar, module or command is missing or does not fit. */
    UnloadableCode(FailureCause.UNLOADABLE_CODE),

    /** The SQL was not accepted. */
    Sql(FailureCause.SQL),

    /** Access was denied. */
    Permission(FailureCause.PERMISSION),

    /** Credentials had expired. */
    ExpiredCredentials(FailureCause.EXPIRED_CREDENTIALS),

    /** A host could not be reached. */
    Network(FailureCause.NETWORK),

    /** A service refused requests because there were too many. */
    Throttled(FailureCause.THROTTLED),

    /** A disk is full. */
    DiskFull(FailureCause.DISK_FULL),

    /** EC2 took Spot instances back. */
    SpotLoss(FailureCause.SPOT_LOSS),

    /** The primary instance was lost. */
    PrimaryLost(FailureCause.PRIMARY_LOST),

    /** A bootstrap action failed. */
    Bootstrap(FailureCause.BOOTSTRAP),

    /** EC2 has no such instances at the moment. */
    Capacity(FailureCause.CAPACITY),

    /** It ran longer than its timeout. */
    Timeout(FailureCause.TIMEOUT),

    /** It failed without a reason, and no log says why. */
    LogMissing(FailureCause.LOG_MISSING),

    /** The cluster ended, and EMR gives no reason. */
    ClusterEnded(FailureCause.CLUSTER_ENDED),
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
    private val limits = EnumMap<FailureCause, Int>(FailureCause::class.java)

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

    /**
     * No other attempt after this many have failed for one of these causes, whatever [attempts]
     * says; if a cause is named twice, the last number is used.
     *
     * ```
     * retry { attempts = 10; atMost(1, Cause.MissingInput, Cause.UnloadableCode); atMost(3, Cause.UserException) }
     * ```
     *
     * A failure whose cause nothing tells has no limit of its own.
     *
     * @param attempts 1 (no retry after such a failure) to 100
     */
    public fun atMost(attempts: Int, cause: Cause, vararg more: Cause) {
        limits[cause.cause] = attempts
        more.forEach { limits[it.cause] = attempts }
    }

    internal fun build(): RetryPolicy =
        RetryPolicy(
            attempts,
            backoff,
            if (on.isEmpty()) RetryPolicy.RETRYABLE else inOrder(on),
            Maps.immutableEnumMap(limits),
        )

    internal companion object {
        const val DEFAULT_ATTEMPTS = 3
    }

    private fun inOrder(kinds: Set<FailureKind>): ImmutableSet<FailureKind> =
        Sets.immutableEnumSet(kinds)
}
