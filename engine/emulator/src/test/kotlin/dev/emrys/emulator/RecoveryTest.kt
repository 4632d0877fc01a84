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
 * A client that looks before it sends: one cluster, four steps, all completed, then the end. It can
 * be stopped anywhere and begun again, over another emulator.
 */
private fun drive(world: World) {
    val emr = world.emr
    val id =
        emr.listClusters {}.clusters().firstOrNull()?.id() ?: world.run { stepConcurrencyLevel(2) }
    world.clock.pass()
    if (!emr.state(id).name.startsWith("TERMINAT")) {
        val there = emr.listSteps { it.clusterId(id) }.steps().map { it.name() }
        val missing = STEPS.filterNot { it in there }
        missing.chunked(2).forEach { emr.add(id, *it.map { name -> step(name) }.toTypedArray()) }
        while (world.processes.alive().isNotEmpty()) {
            world.processes.complete(world.processes.alive().last())
        }
        emr.terminateJobFlows { it.jobFlowIds(id) }
    }
    world.clock.pass()
}

private fun next(dead: World, store: EmulatorStore) =
    World(store, dead.settings, HandClock(dead.clock.instant()), dead.processes, seed = 8).also {
        it.emr.recover()
    }

class RecoveryTest :
    FunSpec({
        test("whichever save is the last one, no step is lost and none is started twice") {
            val counting = DyingStore(InMemoryStore(), Int.MAX_VALUE, true)
            drive(World(counting))
            counting.saves shouldBeGreaterThan 10
            for (n in 1..counting.saves) for (storedFirst in listOf(true, false)) {
                withClue("died at save $n, stored first: $storedFirst") {
                    val store = InMemoryStore()
                    val first = World(DyingStore(store, n, storedFirst))
                    shouldThrow<DyingStore.Died> { drive(first) }
                    val second = next(first, store)
                    drive(second)
                    val names = second.processes.run { spawned.map { orders.getValue(it).name } }
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

        test("everything that can be described is the same after a restart") {
            val store = InMemoryStore()
            val first = World(store)
            val id =
                first.ready(step("one"), step("two")) {
                    applications({ it.name("Spark") })
                    autoTerminationPolicy { it.idleTimeout(600L) }
                }
            first.processes.fail(first.processes.spawned[0])
            val before = first.emr.cluster(id)
            first.emr.close()
            val second = next(first, store)
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

        test("a cluster that was starting, and one that was idle, have their timers again") {
            val store = InMemoryStore()
            val hour = Duration.ofHours(1)
            val first = World(store, EmulatorSettings.DEFAULT.withDelays(hour, hour, hour))
            val id = first.run { autoTerminationPolicy { it.idleTimeout(60L) } }
            first.clock.pass(hour.dividedBy(2))
            val second = next(first, store)
            second.clock.pass(hour.dividedBy(2))
            second.emr.state(id) shouldBe ClusterState.BOOTSTRAPPING
            second.clock.pass(hour)
            second.emr.state(id) shouldBe ClusterState.WAITING
            val third = next(second, store)
            third.clock.pass(Duration.ofSeconds(60))
            third.emr.state(id) shouldBe ClusterState.TERMINATING
            val fourth = next(third, store)
            fourth.clock.pass(hour)
            fourth.emr.state(id) shouldBe ClusterState.TERMINATED
            fourth.processes.endedClusters shouldContainExactly listOf(id)
        }

        test("a cancellation that was asked for is asked for again, as hard as it was") {
            val store = InMemoryStore()
            val first = World(store)
            first.processes.cancelsWork = false
            val id = first.ready(step("long"))
            val step = first.processes.spawned.single()
            first.emr.cancelSteps {
                it.clusterId(id).stepIds(step).stepCancellationOption("TERMINATE_PROCESS")
            }
            first.processes.cancels.clear()
            val second = next(first, store)
            second.processes.cancels shouldContainExactly listOf(step to true)
            second.processes.end(step, StepExit.Cancelled(second.clock.instant()))
            second.emr.step(id, step).status().state() shouldBe StepState.CANCELLED
        }

        test("an exit that was left while nobody was there is found") {
            val store = InMemoryStore()
            val first = World(store)
            val id = first.ready(step("one"))
            first.emr.close()
            val step = first.processes.spawned.single()
            first.processes.complete(step)
            val second = next(first, store)
            second.emr.step(id, step).status().state() shouldBe StepState.COMPLETED
            second.processes.spawned.size shouldBe 1
        }

        test("a store that fails for a while costs the caller an error and loses no event") {
            val inner = InMemoryStore()
            var broken = false
            val store =
                object : EmulatorStore by inner {
                    override fun save(documents: ImmutableList<StoredDocument>) =
                        if (broken) error("disk full") else inner.save(documents)
                }
            val world = World(store)
            val id = world.ready(step("one"))
            broken = true
            val e = shouldThrow<EmrException> { world.emr.add(id, step("two")) }
            e.statusCode() shouldBe 500
            e.text() shouldBe "The emulator's state could not be stored: disk full"
            world.processes.complete(world.processes.spawned.single())
            world.emr.steps(id) shouldBe listOf(StepState.RUNNING)
            world.clock.pass(Duration.ofSeconds(2))
            broken = false
            world.clock.pass(Duration.ofSeconds(2))
            world.emr.steps(id) shouldBe listOf(StepState.COMPLETED)
        }

        test("clusters that ended long ago are forgotten with all that belongs to them") {
            val store = InMemoryStore()
            val first = World(store)
            first.processes.onStart = { _, l -> l.ended(StepExit.Completed(first.clock.instant())) }
            val id = first.ready(step("one"))
            first.emr.terminateJobFlows { it.jobFlowIds(id) }
            first.clock.pass(Duration.ofDays(59))
            next(first, store).emr.state(id) shouldBe ClusterState.TERMINATED
            first.clock.pass(Duration.ofDays(2))
            next(first, store).emr.listClusters {}.clusters().size shouldBe 0
            store.load().size shouldBe 0
        }
    })
