package dev.emrys.run

import dev.emrys.graph.TaskGraph
import dev.emrys.spec.FailureCause
import dev.emrys.spec.FailureKind
import dev.emrys.testing.graph
import dev.emrys.testing.step
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.optional.shouldBeEmpty
import io.kotest.matchers.shouldBe
import java.time.Duration
import java.time.Instant
import kotlin.random.Random

private const val AT_ONCE = 3

private fun applied(graph: TaskGraph, events: List<Event>) =
    RunState(graph).also { state -> events.forEach { state.apply(it) } }

private fun bytes(state: RunState): ByteArray = RunSnapshot.of(state).toBytes()

private fun restored(state: RunState): RunState =
    RunSnapshot.restore(bytes(state), state.graph()).get()

/** Everything that a run can be asked. */
private fun answers(state: RunState): List<Any?> =
    listOf(
        state.runId(),
        state.name(),
        state.startedAt(),
        state.endedAt(),
        state.outcome(),
        state.cancelRequested(),
        state.cancelledBy(),
        state.openTasks(),
        state.tasks(),
    )

/** Every kind of event, of every task and of attempts that fit and that do not. */
private fun candidates(state: RunState): List<Event> {
    val at = Instant.parse("2026-02-01T00:00:00Z")
    val ofRun =
        listOf(
            Event.RunStarted(at, "r", "n"),
            Event.RunResumed(at, "r"),
            Event.RunReopened(at, "r"),
            Event.CancelRequested(at, "r"),
            Event.RunEnded(at, Outcome.FAILED),
        )
    return ofRun +
        state.tasks().flatMap { task ->
            val id = task.task()
            (maxOf(0, task.attempt() - 1)..task.attempt() + 1).flatMap { attempt ->
                listOf(
                    Event.AttemptIntended(at, id, attempt, "k"),
                    Event.AttemptAccepted(at, id, attempt, "i"),
                    Event.AttemptRunning(at, id, attempt),
                    Event.AttemptSucceeded(at, id, attempt),
                    Event.AttemptFailed(
                        at,
                        id,
                        attempt,
                        FailureKind.STEP,
                        "r",
                        null,
                        FailureCause.DISK_FULL,
                    ),
                    Event.AttemptCancelling(at, id, attempt),
                    Event.AttemptTimedOut(at, id, attempt),
                    Event.AttemptCancelled(at, id, attempt, "r"),
                    Event.ScopeLost(at, id, attempt, FailureKind.CLUSTER_LOST, "r"),
                    Event.RetryPlanned(at, id, attempt, at),
                    Event.RetryDue(at, id, attempt),
                    Event.TaskFailed(at, id, attempt),
                    Event.TaskSkipped(at, id, attempt, "b"),
                    Event.TaskCancelled(at, id, attempt),
                )
            }
        }
}

/** What a process that takes the run over does first, and in which state that ends. */
private fun takenOver(state: RunState, now: Instant): List<Any?> {
    val machine = RunMachine(state)
    val first = if (state.outcome().isEmpty) listOf(machine.recover()) else listOf()
    val steps = generateSequence { machine.advance(now, AT_ONCE) }
    return first + steps.takeWhile { it.events().isNotEmpty() }.toList() + answers(state)
}

/** A random run with cancellations, crashes, and reopened as often as it failed. */
private fun history(seed: Long): Walk {
    val random = Random(seed)
    val walk = Walk(randomGraph(random), random, cancels = seed % 3 == 0L)
    val crashAt = random.nextInt(80)
    walk.walk(until = { walk.events.size >= crashAt })
    if (walk.state.outcome().isEmpty) {
        walk.crash(walk.events.size)
        walk.take(Event.RunResumed(walk.target.now, "ada"))
        walk.walk()
    }
    repeat(2) {
        if (walk.state.outcome().get() != Outcome.SUCCEEDED) {
            walk.take(Event.RunReopened(walk.target.now, "ada"))
            walk.walk()
        }
    }
    return walk
}

class RunSnapshotTest :
    FunSpec({
        test("a state that is restored after any event is the state that the events give") {
            val phases = mutableSetOf<Phase>()
            seeds(60) { seed ->
                val walk = history(seed)
                val events = walk.events
                for (count in 0..events.size) {
                    withClue("after event $count") {
                        val folded = applied(walk.graph, events.take(count))
                        val other = restored(folded)
                        answers(other) shouldBe answers(folded)
                        candidates(folded).forEach {
                            withClue(it) { other.accepts(it) shouldBe folded.accepts(it) }
                        }
                        phases += folded.tasks().map { it.phase() }
                        val now = walk.target.now
                        takenOver(other, now) shouldBe takenOver(folded, now)
                    }
                }
            }
            phases shouldBe Phase.entries.toSet()
        }

        test("a state that is restored takes the rest of the history") {
            seeds(100) { seed ->
                val walk = history(seed)
                val at = Random(seed).nextInt(walk.events.size)
                val other = restored(applied(walk.graph, walk.events.take(at)))
                walk.events.drop(at).forEach { other.apply(it) }
                answers(other) shouldBe answers(walk.state)
            }
        }

        test("the state of a run that is driven gives the same bytes as its events do") {
            seeds(60) { seed ->
                val random = Random(seed)
                val walk = Walk(randomGraph(random), random, cancels = seed % 3 == 0L)
                walk.walk(
                    until = {
                        val folded = applied(walk.graph, walk.events)
                        bytes(walk.state).contentEquals(bytes(folded)) shouldBe true
                        false
                    }
                )
            }
        }

        test("a snapshot does not change with its state") {
            val run = ManualRun(graph(step("a"))).up()
            val snapshot = RunSnapshot.of(run.state)
            val before = bytes(run.state)
            run.done("a").gone()
            snapshot.toBytes().contentEquals(before) shouldBe true
        }

        test("damaged bytes are ignored") {
            val graph = graph(step("a"), step("b", "a"))
            val good = bytes(ManualRun(graph).up().done("a").state)
            RunSnapshot.restore(good, graph).isPresent shouldBe true
            RunSnapshot.restore(ByteArray(0), graph).shouldBeEmpty()
            good.indices.forEach { index ->
                RunSnapshot.restore(good.copyOf(index), graph).shouldBeEmpty()
                val damaged = good.copyOf().also { it[index] = (it[index] + 1).toByte() }
                RunSnapshot.restore(damaged, graph).shouldBeEmpty()
            }
        }

        test("bytes of another version are ignored") {
            val graph = graph(step("a"))
            val other =
                bytes(ManualRun(graph).state).also { it[0] = (RunSnapshot.VERSION - 1).toByte() }
            RunSnapshot.restore(withChecksum(other), graph).shouldBeEmpty()
        }

        test("bytes that belong to another spec are ignored") {
            val state = ManualRun(graph(step("a"), step("b", "a"))).up().state
            val other = bytes(state)
            RunSnapshot.restore(other, graph(step("a"), step("b", "a"))).isPresent shouldBe true
            RunSnapshot.restore(other, graph(step("a"), step("b"))).shouldBeEmpty()
            RunSnapshot.restore(other, graph(step("a"), step("c", "a"))).shouldBeEmpty()
            RunSnapshot.restore(other, graph(step("a"), step("b", "a"), step("c"))).shouldBeEmpty()
            val slow = step("b", "a", timeout = Duration.ofHours(1))
            RunSnapshot.restore(other, graph(step("a"), slow)).shouldBeEmpty()
        }

        test("a task takes less than 50 bytes, and nothing before its first event") {
            val steps = Array(200) { step("s$it") }
            val run = ManualRun(graph(*steps))
            bytes(run.state).size shouldBeLessThan 500
            run.up()
            steps.forEach { run.accepted(it.name(), "s-0123456789ABCDEF0123").running(it.name()) }
            val running = bytes(run.state).size / steps.size
            running shouldBeGreaterThan 22
            steps.forEach { run.succeeded(it.name()) }
            bytes(run.state).size / steps.size shouldBeLessThan 50
        }
    })

private fun withChecksum(bytes: ByteArray): ByteArray {
    val checksum = java.util.zip.CRC32C()
    checksum.update(bytes, 0, bytes.size - Long.SIZE_BYTES)
    val buffer = java.nio.ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN)
    buffer.putLong(bytes.size - Long.SIZE_BYTES, checksum.value)
    return bytes
}
