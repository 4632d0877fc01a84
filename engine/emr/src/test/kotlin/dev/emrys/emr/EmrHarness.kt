package dev.emrys.emr

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableSet
import dev.emrys.drive.Effects
import dev.emrys.emulator.Emulator
import dev.emrys.emulator.EmulatorPorts
import dev.emrys.emulator.EmulatorSettings
import dev.emrys.emulator.IdSource
import dev.emrys.emulator.InMemoryStore
import dev.emrys.emulator.PlannedFaults
import dev.emrys.emulator.wire.WireServer
import dev.emrys.run.Command
import dev.emrys.run.Event
import io.kotest.core.spec.style.FunSpec
import java.net.URI
import java.time.Duration
import java.util.Optional
import java.util.Random
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy
import software.amazon.awssdk.core.exception.SdkClientException
import software.amazon.awssdk.http.urlconnection.ProxyConfiguration
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient
import software.amazon.awssdk.regions.Region
import software.amazon.awssdk.services.emr.EmrClient
import software.amazon.awssdk.services.emr.model.ClusterStatus
import software.amazon.awssdk.services.emr.model.ClusterSummary
import software.amazon.awssdk.services.emr.model.StepSummary

val POLL_INTERVAL: Duration = Duration.ofSeconds(2)
val LAG: Duration = Duration.ofSeconds(30)

fun seconds(count: Long): Duration = Duration.ofSeconds(count)

fun minutes(count: Long): Duration = Duration.ofMinutes(count)

/** The network gave no answer: it is unknown whether the call arrived. */
fun noAnswer(): SdkClientException = SdkClientException.create("Connection reset")

/** The effects of one run over an emulator (or over [other], in its place), on virtual time. */
class EmrHarness(
    wire: Boolean,
    settings: EmulatorSettings = EmulatorSettings.DEFAULT,
    other: EmrClient? = null,
    private val quotas: Quotas = Quotas.NONE,
    private val linger: Duration = Duration.ZERO,
    private val pollInterval: Duration = POLL_INTERVAL,
    private val pushes: Boolean = false,
    val time: ManualTime = ManualTime(),
    shared: SharedBudget? = null,
    private val failureLogs: FailureLogs? = null,
) : AutoCloseable {
    val faults = PlannedFaults()
    val runner = ScriptedRunner(time)
    val emulator =
        Emulator(
            EmulatorPorts(
                time,
                time.emulatorScheduler,
                IdSource.of(Random(1)),
                runner,
                InMemoryStore(),
                faults,
            ),
            settings,
        )
    private val server = if (wire) WireServer(emulator, TOKEN, 0) else null
    private val sdk = server?.let { sdkClient(it.uri()) }
    val recorded = RecordingClient(other ?: sdk ?: emulator, time)
    val events = mutableListOf<Event>()
    val bugs = mutableListOf<Throwable>()
    val warnings = mutableListOf<String>()
    val secrets = LinkedHashMap<String, String>()
    var lag = LAG
    var unreached = 0

    /** How often the endpoint was told that the credentials were refused. */
    var renewals = 0

    /** How long the run is certain to be driven by these effects. */
    var leaseLeft: () -> Duration = { Duration.ofDays(1) }

    /** By how much the endpoint says that its clock is ahead. */
    var clockAhead: Duration = Duration.ZERO

    /** Those who are notified of changes, if the endpoint pushes. */
    val subscribers = mutableListOf<Endpoint.ChangeListener>()

    /** What the endpoint gives as its client. */
    var client: () -> EmrClient = { recorded.client }

    private val endpoint =
        object : Endpoint {
            override fun client() = this@EmrHarness.client()

            override fun pollInterval() = pollInterval

            override fun listingLag() = lag

            override fun quotas() = quotas

            override fun clockAhead() = this@EmrHarness.clockAhead

            override fun account() = Optional.of("1234/eu-west-1")

            override fun submissionLinger() = linger

            override fun retryPause() = if (pushes) POLL_INTERVAL else pollInterval

            override fun subscribe(listener: Endpoint.ChangeListener): Endpoint.Subscription {
                if (!pushes) return Endpoint.Subscription.NONE
                subscribers += listener
                return Endpoint.Subscription { subscribers -= listener }
            }

            override fun failureLogs() = Optional.ofNullable(this@EmrHarness.failureLogs)

            override fun unreachable() {
                unreached++
            }

            override fun credentialsRefused() {
                renewals++
            }

            override fun credentialsAdvice() = "Log in."

            override fun advice(refusal: String) =
                if ("InstanceProfile" in refusal) "Name another one." else ""
        }

    val account =
        EmrAccount(
            endpoint,
            EmrDependencies(
                time,
                time,
                time,
                { Optional.ofNullable(secrets[it]) },
                warnings::add,
                { 0.0 },
                Optional.ofNullable(shared),
            ),
        )

    val effects =
        EmrEffects(
            account,
            RunTags("run-1", "brave-otter", "daily-etl"),
            SUBMIT_TIME,
            ImmutableSet.of(),
        ) {
            it <= leaseLeft()
        }

    /** Submits commands, and does nothing about them yet. */
    fun submitOnly(vararg commands: Command.ForTarget) =
        effects.perform(
            ImmutableList.copyOf(commands),
            object : Effects.Reports {
                override fun report(event: Event) {
                    events += event
                }

                override fun fail(bug: Throwable) {
                    bugs += bug
                }
            },
        )

    fun perform(vararg commands: Command.ForTarget) {
        submitOnly(*commands)
        time.settle()
    }

    fun perform(commands: List<Command.ForTarget>) = perform(*commands.toTypedArray())

    fun pass(duration: Duration) = time.pass(duration)

    inline fun <reified E : Event> all(): List<E> = events.filterIsInstance<E>()

    fun clusters(): List<ClusterSummary> = emulator.listClustersPaginator().clusters().toList()

    fun tags(clusterId: String): Map<String, String> =
        emulator
            .describeCluster { it.clusterId(clusterId) }
            .cluster()
            .tags()
            .associate { it.key() to it.value() }

    fun status(clusterId: String): ClusterStatus =
        emulator.describeCluster { it.clusterId(clusterId) }.cluster().status()

    /** Newest first. */
    fun steps(clusterId: String): List<StepSummary> =
        emulator.listStepsPaginator { it.clusterId(clusterId) }.steps().toList()

    /** A cluster that is up, that the effects did not make. */
    fun madeCluster(name: String = "etl", concurrency: Int = 1): String {
        val id =
            emulator
                .runJobFlow { request ->
                    request
                        .name(name)
                        .releaseLabel("emr-7.8.0")
                        .serviceRole("EMR_DefaultRole")
                        .jobFlowRole("EMR_EC2_DefaultRole")
                        .stepConcurrencyLevel(concurrency)
                        .logUri("s3://logs/emr/")
                        .instances {
                            it.masterInstanceType("m6g.xlarge")
                                .instanceCount(1)
                                .keepJobFlowAliveWhenNoSteps(true)
                        }
                }
                .jobFlowId()
        time.settle()
        return id
    }

    /** A step that the effects did not make. */
    fun madeStep(clusterId: String, name: String): String {
        val id =
            emulator
                .addJobFlowSteps { request ->
                    request
                        .jobFlowId(clusterId)
                        .steps({ step ->
                            step.name(name).actionOnFailure("CONTINUE").hadoopJarStep {
                                it.jar("command-runner.jar").args("true")
                            }
                        })
                }
                .stepIds()
                .single()
        time.settle()
        return id
    }

    fun end(clusterId: String) {
        emulator.terminateJobFlows { it.jobFlowIds(clusterId) }
        time.settle()
    }

    /** What was asked in one round. */
    fun round(): List<String> {
        recorded.calls.clear()
        pass(POLL_INTERVAL)
        return recorded.operations()
    }

    override fun close() {
        account.close()
        sdk?.close()
        server?.close()
        emulator.close()
    }
}

private const val TOKEN = "test-token"

/** The SDK as the engine uses it: it never sends a request again, and uses no proxy. */
fun sdkClient(uri: URI): EmrClient =
    EmrClient.builder()
        .endpointOverride(uri)
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create(TOKEN, "any"))
        )
        .httpClient(
            UrlConnectionHttpClient.builder()
                .proxyConfiguration(
                    ProxyConfiguration.builder()
                        .useSystemPropertyValues(false)
                        .useEnvironmentVariablesValues(false)
                        .build()
                )
                .build()
        )
        .overrideConfiguration { it.retryStrategy(AwsRetryStrategy.doNotRetry()) }
        .build()

/**
 * One behaviour, which must be the same over the emulator itself and over its wire through the real
 * SDK.
 */
fun FunSpec.overBoth(
    name: String,
    settings: EmulatorSettings = EmulatorSettings.DEFAULT,
    behaves: EmrHarness.() -> Unit,
) {
    test("$name (direct)") { EmrHarness(wire = false, settings).use(behaves) }
    test("$name (over the wire)") { EmrHarness(wire = true, settings).use(behaves) }
}
