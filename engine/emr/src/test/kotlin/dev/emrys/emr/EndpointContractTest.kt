package dev.emrys.emr

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableSet
import dev.emrys.drive.Effects
import dev.emrys.drive.Timers
import dev.emrys.run.Command
import dev.emrys.run.Event
import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.ClusterStart
import dev.emrys.spec.FailureKind
import dev.emrys.spec.RawRequest
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.time.Clock
import java.time.Duration
import java.time.Instant
import java.util.Optional
import java.util.UUID
import java.util.concurrent.Executors
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient
import software.amazon.awssdk.services.emr.EmrClient

/** An EMR endpoint. */
private interface ContractEndpoint : AutoCloseable {
    fun perform(vararg commands: Command.ForTarget)

    /** Waits for the event; null when it did not come within [patience]. */
    fun await(patience: Duration, fits: (Event) -> Boolean): Event?

    fun spec(): ClusterSpec
}

private class Emulated(wire: Boolean) : ContractEndpoint {
    private val harness = EmrHarness(wire).apply { runner.immediate = true }

    override fun perform(vararg commands: Command.ForTarget) = harness.submitOnly(*commands)

    override fun await(patience: Duration, fits: (Event) -> Boolean): Event? {
        val until = harness.time.instant().plus(patience)
        harness.time.settle()
        while (harness.events.none(fits) && harness.time.instant().isBefore(until)) harness.pass(
            POLL_INTERVAL
        )
        return harness.events.firstOrNull(fits)
    }

    override fun spec() = clusterSpec()

    override fun close() = harness.close()
}

/**
 * AWS itself, in the account and region of the environment. [subnet] is where the one small cluster
 * is started.
 */
private class Aws(private val subnet: String) : ContractEndpoint {
    private val pool = Executors.newScheduledThreadPool(2)
    private val arrived = LinkedBlockingQueue<Event>()
    private val seen = mutableListOf<Event>()
    private val emr =
        EmrClient.builder()
            .httpClient(UrlConnectionHttpClient.create())
            .overrideConfiguration { it.retryStrategy(AwsRetryStrategy.doNotRetry()) }
            .build()
    private val endpoint =
        object : Endpoint {
            override fun client() = emr

            override fun pollInterval() = seconds(5)

            override fun listingLag() = seconds(30)
        }
    private val account =
        EmrAccount(
            endpoint,
            EmrDependencies(
                pool,
                Clock.systemUTC(),
                ::at,
                { Optional.empty() },
                System.err::println,
                Math::random,
            ),
        )
    private val effects =
        EmrEffects(
            account,
            RunTags(UUID.randomUUID().toString(), "contract", "contract"),
            Instant.now(),
            ImmutableSet.of(),
        )

    private fun at(due: Instant, action: Runnable): Timers.Scheduled {
        val future =
            pool.schedule(
                action,
                Duration.between(Instant.now(), due).toMillis(),
                TimeUnit.MILLISECONDS,
            )
        return Timers.Scheduled { future.cancel(false) }
    }

    private val reports =
        object : Effects.Reports {
            override fun report(event: Event) {
                arrived += event
            }

            override fun fail(bug: Throwable) = throw bug
        }

    override fun perform(vararg commands: Command.ForTarget) =
        effects.perform(ImmutableList.copyOf(commands), reports)

    override fun await(patience: Duration, fits: (Event) -> Boolean): Event? {
        val until = Instant.now().plus(patience)
        while (seen.none(fits)) {
            val left = Duration.between(Instant.now(), until).toMillis()
            seen += arrived.poll(maxOf(left, 0), TimeUnit.MILLISECONDS) ?: break
        }
        return seen.firstOrNull(fits)
    }

    override fun spec(): ClusterSpec {
        val spec = clusterSpec(subnet = subnet.takeIf { it.startsWith("subnet-") })
        return ClusterSpec(
            spec.name(),
            spec.releaseLabel(),
            spec.applications(),
            spec.instanceGroups(),
            spec.configurations(),
            spec.tags(),
            null,
            1,
            Duration.ofMinutes(10),
            "EMR_DefaultRole",
            "EMR_EC2_DefaultRole",
            spec.subnetId(),
            null,
            spec.bootstrapActions(),
            spec.retry(),
            RawRequest.NONE,
            spec.location(),
        )
    }

    override fun close() {
        account.close()
        pool.shutdownNow()
        emr.close()
    }
}

private val ON_AWS: String? = System.getenv("EMRYS_TEST_AWS")

/** What must be true wherever EMR is. */
private fun FunSpec.contract(where: String, enabled: Boolean, open: () -> ContractEndpoint) {
    fun behaviour(name: String, behaves: ContractEndpoint.() -> Unit) {
        test("$name ($where)").config(enabled = enabled) { open().use(behaves) }
    }

    behaviour("a cluster comes up, runs a step to its success, and is gone when it was ended") {
        val key = "contract-" + UUID.randomUUID()
        perform(
            Command.Submit("start:etl", 1, key, ClusterStart(spec()), null, Instant.now(), false)
        )
        val cluster = await(minutes(2)) { it is Event.AttemptAccepted && it.task == "start:etl" }
        val id = (cluster.shouldNotBeNull() as Event.AttemptAccepted).remoteId
        try {
            perform(watchCluster(id))
            await(minutes(30)) { it is Event.AttemptSucceeded && it.task == "start:etl" }
                .shouldNotBeNull()
            perform(Command.Submit("a", 1, "$key.a", stepSpec("a"), id, Instant.now(), false))
            val step = await(minutes(2)) { it is Event.AttemptAccepted && it.task == "a" }
            perform(watchStep(id, (step.shouldNotBeNull() as Event.AttemptAccepted).remoteId, "a"))
            await(minutes(15)) { it is Event.AttemptSucceeded && it.task == "a" }.shouldNotBeNull()
        } finally {
            perform(endCluster(id))
            await(minutes(2)) { it is Event.AttemptAccepted && it.task == "end:etl" }
                .shouldNotBeNull()
        }
        perform(watchEnd(id))
        await(minutes(15)) { it is Event.AttemptSucceeded && it.task == "end:etl" }
            .shouldNotBeNull()
        perform(submit(id, "late"))
        val late =
            await(minutes(2)) { it is Event.AttemptFailed && it.task == "late" }
                as Event.AttemptFailed?
        late.shouldNotBeNull().failure shouldBe FailureKind.CLUSTER_LOST
    }

    behaviour("a step for a cluster that is not there is refused") {
        perform(submit("j-0000000000000", "a"))
        val failed = await(minutes(2)) { it is Event.AttemptFailed } as Event.AttemptFailed?
        failed.shouldNotBeNull().failure shouldBe FailureKind.REFUSED
        failed.reason shouldContain "(ValidationException)"
    }

    behaviour("a cluster that is not there, however often it is asked for, has ended") {
        perform(endCluster("j-0000000000000"))
        await(minutes(4)) { it is Event.OfTask }.shouldBeInstanceOf<Event.AttemptAccepted>()
    }

    behaviour("a cluster that is not there concludes nothing") {
        perform(
            watchCluster("j-0000000000000"),
            watchStep("j-0000000000000", "s-0000000000000", "a"),
        )
        await(seconds(20)) { true } shouldBe null
    }
}

class EndpointContractTest :
    FunSpec({
        contract("direct", true) { Emulated(wire = false) }
        contract("over the wire", true) { Emulated(wire = true) }
        if (ON_AWS == null) {
            println(
                "EndpointContractTest: not run against AWS. Set EMRYS_TEST_AWS to a subnet's id, or to \"default\" for the " +
                    "account's own, to start one small cluster there; credentials and region come from the environment."
            )
        }
        contract("AWS", ON_AWS != null) { Aws(ON_AWS.orEmpty()) }
    })
