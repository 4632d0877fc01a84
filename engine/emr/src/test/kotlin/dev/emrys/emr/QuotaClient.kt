package dev.emrys.emr

import java.time.Duration
import java.time.Instant
import java.time.InstantSource
import software.amazon.awssdk.awscore.exception.AwsErrorDetails
import software.amazon.awssdk.services.emr.model.EmrException

fun throttled(): EmrException =
    EmrException.builder()
        .statusCode(400)
        .awsErrorDetails(
            AwsErrorDetails.builder()
                .errorCode("ThrottlingException")
                .errorMessage("Rate exceeded")
                .build()
        )
        .build() as EmrException

/**
 * EMR's default quotas, each a token bucket of a burst and a refill in a second, on the clock of
 * the test. It is written apart from [Quotas], so that a mistake there shows.
 */
class QuotaClient(private val clock: InstantSource) : (String) -> Unit {
    private inner class Bucket(val burst: Double, val perSecond: Double) {
        var tokens = burst
        var at: Instant = clock.instant()

        fun refill() {
            val now = clock.instant()
            val rate = share * perSecond
            tokens =
                minOf(
                    maxOf(1.0, share * burst),
                    tokens + Duration.between(at, now).toNanos() / 1e9 * rate,
                )
            at = now
        }
    }

    /** Of the default quotas, what this account has. */
    var share = 1.0

    private val all = Bucket(25.0, 5.0)
    private val buckets =
        mapOf(
            "RunJobFlow" to Bucket(10.0, 0.5),
            "AddJobFlowSteps" to Bucket(10.0, 0.5),
            "CancelSteps" to Bucket(10.0, 0.5),
            "TerminateJobFlows" to Bucket(10.0, 0.5),
            "SetTerminationProtection" to Bucket(5.0, 0.2),
            "AddTags" to Bucket(5.0, 0.5),
            "ListClusters" to Bucket(20.0, 0.5),
            "DescribeCluster" to Bucket(10.0, 1.0),
            "ListSteps" to Bucket(10.0, 0.5),
            "DescribeStep" to Bucket(10.0, 0.5),
            "ListInstanceGroups" to Bucket(10.0, 1.0),
        )

    /** The operations that were throttled. */
    val throttles = mutableListOf<String>()

    /** How many calls were let through, by operation. */
    val calls = sortedMapOf<String, Int>()

    override fun invoke(operation: String) {
        val own = buckets.getValue(operation)
        val both = listOf(own, all)
        both.forEach { it.refill() }
        if (both.any { it.tokens < 1 - 1e-3 }) {
            throttles += operation
            throw throttled()
        }
        both.forEach { it.tokens-- }
        calls.merge(operation, 1, Int::plus)
    }
}
