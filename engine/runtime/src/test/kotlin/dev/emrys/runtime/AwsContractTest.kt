package dev.emrys.runtime

import com.google.common.collect.ImmutableList
import dev.emrys.aws.AwsAccess
import dev.emrys.aws.AwsEndpoint
import dev.emrys.aws.AwsSettings
import dev.emrys.run.Outcome
import dev.emrys.spec.InstanceRole
import dev.emrys.testing.cluster
import dev.emrys.testing.group
import dev.emrys.testing.temporaryFolder
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.time.Duration
import java.time.Instant
import java.util.Optional
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.TimeUnit
import software.amazon.awssdk.services.emr.EmrClient
import software.amazon.awssdk.services.emr.model.ClusterState
import software.amazon.awssdk.services.emr.model.ClusterSummary

/** `PROFILE/REGION` of an account of AWS; `/REGION` for AWS's default chain of credentials. */
private const val VARIABLE = "EMRYS_TEST_AWS"

private val ENDED = setOf(ClusterState.TERMINATED, ClusterState.TERMINATED_WITH_ERRORS)

/** One instance of the smallest common type, which ends by itself after a minute without work. */
private fun spec() =
    pipeline(
        listOf(
            cluster(
                "contract",
                applications = listOf(),
                groups = listOf(group(InstanceRole.PRIMARY, "m5.xlarge", 1)),
                idleTimeout = Duration.ofSeconds(60),
                location = HERE,
            )
        ),
        listOf(bash("one", "contract", "echo done")),
    )

/**
 * What a run on AWS must do, with the same words against the emulator's socket, always, and against
 * AWS itself where [VARIABLE] is set: see CONTRIBUTING.md, also for what it costs.
 */
class AwsContractTest :
    FunSpec({
        fun clusters(client: EmrClient, run: String, since: Instant): List<ClusterSummary> =
            client
                .listClustersPaginator { it.createdAfter(since.minus(Duration.ofHours(1))) }
                .clusters()
                .filter { "#$run." in it.name() }

        /** Whatever has happened, nothing of the run goes on. */
        fun endAll(client: EmrClient, run: String, since: Instant) {
            val up = clusters(client, run, since).filter { it.status().state() !in ENDED }
            if (up.isNotEmpty())
                client.terminateJobFlows { it.jobFlowIds(up.map { one -> one.id() }) }
        }

        fun behaves(aws: AwsSettings, minutes: Long) {
            val folder = temporaryFolder("emrys-contract")
            val warnings = CopyOnWriteArrayList<String>()
            val target =
                AwsTarget(AwsTarget.Settings(folder, aws, Optional.empty(), {}, warnings::add))
            val settings =
                EngineSettings(
                    folder,
                    folder.resolve("cache"),
                    ImmutableList.of(target),
                    warnings::add,
                    "a test",
                )
            val since = Instant.now()
            Engine.open(settings).use { engine ->
                val handle = engine.start(spec(), "", {})
                val access = AwsAccess(aws, "emrys-test")
                AwsEndpoint(access, access.identity()).use { endpoint ->
                    val client = endpoint.client()
                    try {
                        val outcome = handle.done().get(minutes, TimeUnit.MINUTES)
                        withClue({ "${engine.runs().view(handle.id())} $warnings" }) {
                            outcome shouldBe Outcome.SUCCEEDED
                        }
                        val made = clusters(client, handle.id(), since).single()
                        made.status().state() shouldBe ClusterState.TERMINATED
                        val described = client.describeCluster { it.clusterId(made.id()) }.cluster()
                        described
                            .tags()
                            .associate { it.key() to it.value() }
                            .let {
                                it["emrys:run"] shouldBe handle.id()
                                it["emrys:pipeline"] shouldBe "test"
                            }
                        client
                            .listSteps { it.clusterId(made.id()) }
                            .steps()
                            .map {
                                it.name().substringBefore(" #") to it.status().stateAsString()
                            } shouldContainExactly listOf("one" to "COMPLETED")
                    } finally {
                        endAll(client, handle.id(), since)
                    }
                }
            }
        }

        test("a run against the emulator's socket starts one cluster, runs its step and ends it") {
            val keys = mapOf("aws.accessKeyId" to "mine", "aws.secretAccessKey" to "any")
            val folder = temporaryFolder("emrys-contract-account")
            val emulator =
                LocalEmulator.start(
                    LocalEmulator.Settings(
                        folder.resolve("accounts"),
                        folder.resolve("cache"),
                        ImmutableList.of(LocalEmulator.Access("123456789012", Optional.of("mine"))),
                        0,
                        "eu-central-1",
                        false,
                        true,
                        Optional.empty(),
                    )
                )
            keys.forEach(System::setProperty)
            try {
                behaves(AwsSettings(null, "eu-central-1", null, "${emulator.uri()}"), 3)
            } finally {
                keys.keys.forEach(System::clearProperty)
                emulator.terminateAll("The test has ended.")
                emulator.close()
            }
        }

        test("a run against AWS itself starts one cluster, runs its step and ends it").config(
            enabledOrReasonIf = {
                if (System.getenv(VARIABLE) == null)
                    Enabled.disabled("$VARIABLE is not set, to PROFILE/REGION of an AWS account")
                else Enabled.enabled
            }
        ) {
            val (profile, region) = System.getenv(VARIABLE).split('/', limit = 2)
            // EMR takes about ten minutes.
            behaves(AwsSettings(profile.ifEmpty { null }, region, null, null), 40)
        }
    })
