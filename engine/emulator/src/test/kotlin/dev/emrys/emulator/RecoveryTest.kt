package dev.emrys.emulator

import com.google.common.collect.ImmutableList
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.time.Duration
import software.amazon.awssdk.services.emr.model.ClusterState
import software.amazon.awssdk.services.emr.model.EmrException
import software.amazon.awssdk.services.emr.model.StepState

private val STEPS = listOf("one", "two", "three", "four")

/**
 * A client that lists before it sends: one cluster, four steps, all completed, then the
 * termination. It can be stopped at any call and started again with another emulator.
 */
private fun drive(harness: EmulatorHarness) {
    val emr = harness.emr
    val id =
        emr.listClusters {}.clusters().firstOrNull()?.id()
            ?: harness.run { stepConcurrencyLevel(2) }
    harness.clock.advance()
    if (!emr.state(id).name.startsWith("TERMINAT")) {
        val there = emr.listSteps { it.clusterId(id) }.steps().map { it.name() }
        val missing = STEPS.filterNot { it in there }
        missing.chunked(2).forEach { emr.add(id, *it.map { name -> step(name) }.toTypedArray()) }
        while (harness.processes.running().isNotEmpty()) {
            harness.processes.complete(harness.processes.running().last())
        }
        emr.terminateJobFlows { it.jobFlowIds(id) }
    }
    harness.clock.advance()
}

private fun restarted(dead: EmulatorHarness, store: EmulatorStore) =
    EmulatorHarness(
            store,
            dead.settings,
            ManualClock(dead.clock.instant()),
            dead.processes,
            seed = 8,
        )
        .also {
            it.emr.recover()
        }

class RecoveryTest :
    FunSpec({
        test("after a crash at any save no step is lost and none is started twice") {
            val counting = CrashingStore(InMemoryStore(), Int.MAX_VALUE, true)
            drive(EmulatorHarness(counting))
            counting.saves shouldBeGreaterThan 10
            for (n in 1..counting.saves) for (storedFirst in listOf(true, false)) {
                withClue("crashed at save $n, stored first: $storedFirst") {
                    val store = InMemoryStore()
                    val first = EmulatorHarness(CrashingStore(store, n, storedFirst))
                    shouldThrow<CrashingStore.Crashed> { drive(first) }
                    val second = restarted(first, store)
                    drive(second)
                    val names = second.processes.run { spawned.map { launches.getValue(it).name } }
                    names shouldContainExactlyInAnyOrder STEPS
                    val id = second.emr.listClusters {}.clusters().single().id()
                    second.emr.state(id) shouldBe ClusterState.TERMINATED
                    second.emr.steps(id).toSet() shouldBe setOf(StepState.COMPLETED)
                    second.emr.steps(id).size shouldBe 4
                    second.processes.endedClusters.toSet() shouldBe setOf(id)
                    second.emr.hasLiveClusters() shouldBe false
                }
            }
        }

        test("a store of the first version, which calls a cluster request a blueprint, is read") {
            val store = InMemoryStore()
            val first = EmulatorHarness(store)
            val id = first.ready(step("one")) { logUri("s3://old/") }
            first.emr.close()
            val old = InMemoryStore()
            store.load().forEach { document ->
                val kind = if (document.kind == "cluster-request") "blueprint" else document.kind
                old.save(ImmutableList.of(StoredDocument(kind, document.id, document.json)))
            }
            old.load().map { it.kind } shouldContainExactlyInAnyOrder
                listOf("cluster", "blueprint", "step")
            val second = restarted(first, old)
            second.emr.cluster(id).logUri() shouldBe "s3://old/"
            second.emr.listInstanceGroups { it.clusterId(id) }.instanceGroups().size shouldBe 2
            second.processes.complete(second.processes.spawned.single())
            second.emr.terminateJobFlows { it.jobFlowIds(id) }
            second.clock.advance(Duration.ofDays(61))
            restarted(second, old)
            old.load().size shouldBe 0
        }

        test("descriptions are the same after a restart") {
            val store = InMemoryStore()
            val first = EmulatorHarness(store)
            val id =
                first.ready(step("one"), step("two")) {
                    applications({ it.name("Spark") })
                    autoTerminationPolicy { it.idleTimeout(600L) }
                }
            first.processes.fail(first.processes.spawned[0])
            val before = first.emr.cluster(id)
            first.emr.close()
            val second = restarted(first, store)
            second.emr.cluster(id) shouldBe before
            second.emr.steps(id) shouldBe listOf(StepState.FAILED, StepState.RUNNING)
            second.emr.cluster(id).applications().single().name() shouldBe "Spark"
            second.emr
                .getAutoTerminationPolicy { it.clusterId(id) }
                .autoTerminationPolicy()
                .idleTimeout() shouldBe 600L
            second.emr.listInstanceGroups { it.clusterId(id) }.instanceGroups().size shouldBe 2
            second.processes.complete(second.processes.spawned[1])
            second.emr.state(id) shouldBe ClusterState.WAITING
        }

        test(
            "the timers of a starting and of an idle cluster are scheduled again after a restart"
        ) {
            val store = InMemoryStore()
            val hour = Duration.ofHours(1)
            val first =
                EmulatorHarness(store, EmulatorSettings.DEFAULT.withDelays(hour, hour, hour))
            val id = first.run { autoTerminationPolicy { it.idleTimeout(60L) } }
            first.clock.advance(hour.dividedBy(2))
            val second = restarted(first, store)
            second.clock.advance(hour.dividedBy(2))
            second.emr.state(id) shouldBe ClusterState.BOOTSTRAPPING
            second.clock.advance(hour)
            second.emr.state(id) shouldBe ClusterState.WAITING
            val third = restarted(second, store)
            third.clock.advance(Duration.ofSeconds(60))
            third.emr.state(id) shouldBe ClusterState.TERMINATING
            val fourth = restarted(third, store)
            fourth.clock.advance(hour)
            fourth.emr.state(id) shouldBe ClusterState.TERMINATED
            fourth.processes.endedClusters shouldContainExactly listOf(id)
        }

        test(
            "a requested cancellation is requested again after a restart, with the same strategy"
        ) {
            val store = InMemoryStore()
            val first = EmulatorHarness(store)
            first.processes.cancelsWork = false
            val id = first.ready(step("long"))
            val step = first.processes.spawned.single()
            first.emr.cancelSteps {
                it.clusterId(id).stepIds(step).stepCancellationOption("TERMINATE_PROCESS")
            }
            first.processes.cancels.clear()
            val second = restarted(first, store)
            second.processes.cancels shouldContainExactly listOf(step to true)
            second.processes.end(step, StepExit.Cancelled(second.clock.instant()))
            second.emr.step(id, step).status().state() shouldBe StepState.CANCELLED
        }

        test(
            "a restart does not change since when a step runs, whatever the runner reports again"
        ) {
            val store = InMemoryStore()
            val first = EmulatorHarness(store)
            val id = first.ready(step("one"))
            val step = first.processes.spawned.single()
            fun started(harness: EmulatorHarness) =
                harness.emr.step(id, step).status().timeline().startDateTime()

            first.clock.advance(Duration.ofSeconds(3))
            val running = first.clock.instant()
            first.processes.reportRunning(step)
            started(first) shouldBe running
            first.clock.advance(Duration.ofMinutes(10))
            val second = restarted(first, store)
            second.processes.reportRunning(step)
            started(second) shouldBe running
            second.clock.advance(Duration.ofMinutes(10))
            restarted(second, store).let { third ->
                third.processes.reportRunning(step)
                started(third) shouldBe running
                third.processes.complete(step)
                started(third) shouldBe running
            }
        }

        test("a step whose owner died before its start was reported gets its start afterwards") {
            val store = InMemoryStore()
            val first = EmulatorHarness(store)
            val id = first.ready(step("one"))
            val step = first.processes.spawned.single()
            first.clock.advance(Duration.ofSeconds(3))
            val second = restarted(first, store)
            second.processes.reportRunning(step)
            second.emr.step(id, step).status().timeline().startDateTime() shouldBe
                second.clock.instant()
        }

        test("an exit status that was written while no emulator ran is found") {
            val store = InMemoryStore()
            val first = EmulatorHarness(store)
            val id = first.ready(step("one"))
            first.emr.close()
            val step = first.processes.spawned.single()
            first.processes.complete(step)
            val second = restarted(first, store)
            second.emr.step(id, step).status().state() shouldBe StepState.COMPLETED
            second.processes.spawned.size shouldBe 1
        }

        test("a store that fails for a time causes an error for the caller and loses no event") {
            val inner = InMemoryStore()
            var broken = false
            val store =
                object : EmulatorStore by inner {
                    override fun save(documents: ImmutableList<StoredDocument>) =
                        if (broken) error("disk full") else inner.save(documents)
                }
            val harness = EmulatorHarness(store)
            val id = harness.ready(step("one"))
            broken = true
            val e = shouldThrow<EmrException> { harness.emr.add(id, step("two")) }
            e.statusCode() shouldBe 500
            e.text() shouldBe "The emulator's state could not be stored: disk full"
            harness.processes.complete(harness.processes.spawned.single())
            harness.emr.steps(id) shouldBe listOf(StepState.RUNNING)
            harness.clock.advance(Duration.ofSeconds(2))
            broken = false
            harness.clock.advance(Duration.ofSeconds(2))
            harness.emr.steps(id) shouldBe listOf(StepState.COMPLETED)
        }

        test("clusters that ended longer ago than the retention are deleted with their steps") {
            val store = InMemoryStore()
            val first = EmulatorHarness(store)
            first.processes.onStart = { _, l -> l.ended(StepExit.Completed(first.clock.instant())) }
            val id = first.ready(step("one"))
            first.emr.terminateJobFlows { it.jobFlowIds(id) }
            first.clock.advance(Duration.ofDays(59))
            restarted(first, store).emr.state(id) shouldBe ClusterState.TERMINATED
            first.clock.advance(Duration.ofDays(2))
            restarted(first, store).emr.listClusters {}.clusters().size shouldBe 0
            store.load().size shouldBe 0
        }
    })
