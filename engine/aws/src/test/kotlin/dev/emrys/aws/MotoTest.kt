package dev.emrys.aws

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableSet
import dev.emrys.drive.Effects
import dev.emrys.emr.EmrAccount
import dev.emrys.emr.EmrDependencies
import dev.emrys.emr.EmrEffects
import dev.emrys.emr.RunTags
import dev.emrys.run.Command
import dev.emrys.run.Event
import dev.emrys.spec.ClusterEnd
import dev.emrys.spec.ClusterStart
import dev.emrys.testing.AwsPrograms
import dev.emrys.testing.step
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.net.URI
import java.time.Duration
import java.time.Instant
import java.util.Optional
import software.amazon.awssdk.services.emr.model.ClusterState

/** The effects of one run over moto, on virtual time, through a proxy that loses some replies. */
private class MotoRun(moto: URI, run: String, private val losing: Set<String>) : AutoCloseable {
    private val time = RunTime(Instant.now())
    private val begun = time.instant()
    private val lost = mutableSetOf<String>()

    /** The calls that arrived. */
    val calls = mutableListOf<String>()
    private val proxy =
        FaultProxy(moto) { operation ->
            calls += operation
            WireFault.REPLY_LOST.takeIf { operation in losing && lost.add(operation) }
        }
    val access = AwsAccess(AwsSettings("prod", "us-east-1", null, "${proxy.uri}"), "emrys")
    private val endpoint = AwsEndpoint(access, AwsIdentity("123456789012", "us-east-1", "x"))
    val client = endpoint.client()
    val warnings = mutableListOf<String>()
    val events = mutableListOf<Event>()
    val bugs = mutableListOf<Throwable>()
    private val account =
        EmrAccount(
            endpoint,
            EmrDependencies(time, time, time, { Optional.empty() }, warnings::add, { 0.0 }),
        )
    private val effects =
        EmrEffects(account, RunTags(run, "otter", "daily"), begun, ImmutableSet.of())

    fun perform(vararg commands: Command.ForTarget, seconds: Long = 10) {
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
        time.pass(Duration.ofSeconds(seconds))
        bugs.shouldBeEmpty()
    }

    fun submit(task: String, key: String, scope: String? = null) =
        Command.Submit(
            task,
            1,
            key,
            if (scope == null) ClusterStart(protectedCluster()) else step(task),
            scope,
            begun,
            false,
        )

    fun watchStep(task: String, cluster: String, step: String) =
        Command.Watch(task, 1, step(task), cluster, step, begun)

    fun cancelStep(task: String, cluster: String, step: String) =
        Command.Cancel(task, 1, step(task), cluster, step)

    fun release(cluster: String) =
        Command.Release("end:etl", 1, ClusterEnd(protectedCluster()), cluster)

    fun watchEnd(cluster: String) =
        Command.Watch("end:etl", 1, ClusterEnd(protectedCluster()), cluster, cluster, begun)

    fun watchStart(cluster: String) =
        Command.Watch("start:etl", 1, ClusterStart(protectedCluster()), null, cluster, begun)

    fun accepted(task: String): String =
        events.filterIsInstance<Event.AttemptAccepted>().single { it.task == task }.remoteId

    fun succeeded(): List<String> =
        events.filterIsInstance<Event.AttemptSucceeded>().map { it.task }

    override fun close() {
        account.close()
        proxy.close()
    }
}

/**
 * The calls of the AWS target against moto, an EMR that was written by others. What moto answers in
 * another way than EMR: a cluster is WAITING and TERMINATED at once, the first step of a cluster is
 * RUNNING for ever and the others PENDING, also after the cluster's end; CancelSteps is not
 * implemented and answers 500; the auto-termination policy is forgotten; ARNs name us-east-1 for
 * every region; any credentials are good.
 */
class MotoTest :
    FunSpec({
        lateinit var properties: Map<String, String>
        val moto = lazy { MotoServer() }
        val missing = lazy { AwsPrograms.missingMoto() }

        fun whereMotoIs(): Enabled = missing.value?.let { Enabled.disabled(it) } ?: Enabled.enabled

        beforeSpec {
            properties = WireRun.credentials(tempdir().toPath())
            properties.forEach(System::setProperty)
        }

        afterSpec {
            properties.keys.forEach(System::clearProperty)
            if (moto.isInitialized()) moto.value.close()
        }

        /** The ids and names of a run's clusters. */
        fun MotoRun.clusters(run: String) =
            client.listClusters().clusters().filter { "#$run." in it.name() }

        test("moto tells whose credentials these are, and answers the probe").config(
            enabledOrReasonIf = { whereMotoIs() }
        ) {
            MotoRun(moto.value.uri, "r-0", emptySet()).use { run ->
                run.access.identity().account() shouldBe "123456789012"
                run.access.probe()
            }
        }

        for (losing in
            listOf(emptySet(), setOf("RunJobFlow", "AddJobFlowSteps", "TerminateJobFlows"))) {
            val how = if (losing.isEmpty()) "" else ", when the replies of $losing are lost"
            val id = if (losing.isEmpty()) "r-1" else "r-2"

            test("a cluster of moto is started, gets steps and is ended once$how").config(
                enabledOrReasonIf = { whereMotoIs() }
            ) {
                MotoRun(moto.value.uri, id, losing).use { run ->
                    run.perform(run.submit("start:etl", "$id.k0.1"))
                    val cluster = run.accepted("start:etl")
                    run.clusters(id).map { it.id() } shouldContainExactly listOf(cluster)
                    run.perform(run.watchStart(cluster))
                    run.succeeded() shouldContainExactly listOf("start:etl")
                    val described = run.client.describeCluster { it.clusterId(cluster) }.cluster()
                    described
                        .tags()
                        .associate { it.key() to it.value() }
                        .let {
                            it["emrys:run"] shouldBe id
                            it["emrys:key"] shouldBe "$id.k0.1"
                            it["emrys:pipeline"] shouldBe "daily"
                        }
                    described.terminationProtected() shouldBe true

                    run.perform(
                        run.submit("a", "$id.k1.1", cluster),
                        run.submit("b", "$id.k2.1", cluster),
                    )
                    val steps = run.client.listSteps { it.clusterId(cluster) }.steps()
                    steps.map { it.id() }.sorted() shouldContainExactly
                        listOf(run.accepted("a"), run.accepted("b")).sorted()
                    run.perform(run.watchStep("a", cluster, run.accepted("a")))
                    run.events.filterIsInstance<Event.AttemptRunning>().map {
                        it.task
                    } shouldContain "a"

                    // Its answer is no refusal: the call is repeated, and nothing has failed.
                    run.perform(run.cancelStep("a", cluster, run.accepted("a")))
                    run.calls.count { it == "CancelSteps" } shouldBeGreaterThan 2
                    run.events.filterIsInstance<Event.AttemptFailed>().shouldBeEmpty()

                    run.perform(run.release(cluster))
                    run.perform(run.watchEnd(cluster))
                    withClue("${run.calls} ${run.warnings}") {
                        run.succeeded() shouldContain "end:etl"
                        run.client
                            .describeCluster { it.clusterId(cluster) }
                            .cluster()
                            .status()
                            .state() shouldBe ClusterState.TERMINATED
                        run.clusters(id).size shouldBe 1
                    }
                }
            }
        }

        test("a cancellation, which moto does not have, comes to its end by that of the cluster")
            .config(enabledOrReasonIf = { whereMotoIs() }) {
                MotoRun(moto.value.uri, "r-4", emptySet()).use { run ->
                    run.perform(run.submit("start:etl", "r-4.k0.1"))
                    val cluster = run.accepted("start:etl")
                    run.perform(run.watchStart(cluster))
                    run.perform(run.submit("a", "r-4.k1.1", cluster))
                    val step = run.accepted("a")
                    run.perform(
                        run.watchStep("a", cluster, step),
                        run.cancelStep("a", cluster, step),
                    )
                    run.perform(seconds = 300)
                    run.clusters("r-4").single().status().state() shouldBe ClusterState.TERMINATED
                    run.warnings.filter { "its step $step is still active" in it }.size shouldBe 1
                }
            }

        test(
                "a step of a cluster that moto ends from outside is lost, though moto lists it as running"
            )
            .config(enabledOrReasonIf = { whereMotoIs() }) {
                MotoRun(moto.value.uri, "r-3", emptySet()).use { run ->
                    run.perform(run.submit("start:etl", "r-3.k0.1"))
                    val cluster = run.accepted("start:etl")
                    run.perform(run.watchStart(cluster))
                    run.perform(run.submit("a", "r-3.k1.1", cluster))
                    run.perform(run.watchStep("a", cluster, run.accepted("a")))
                    run.client.setTerminationProtection {
                        it.jobFlowIds(cluster).terminationProtected(false)
                    }
                    run.client.terminateJobFlows { it.jobFlowIds(cluster) }
                    run.perform()
                    val failed =
                        run.events.filterIsInstance<Event.AttemptFailed>().filter { it.task == "a" }
                    failed.map { "${it.failure}" } shouldContainExactly listOf("CLUSTER_LOST")
                    run.succeeded() shouldContainExactly listOf("start:etl")
                    failed.single().reason shouldBe "Its cluster ended: TERMINATED."
                }
            }
    })
