package dev.emrys.run

import dev.emrys.graph.TaskGraph
import dev.emrys.spec.ClusterStart
import dev.emrys.spec.FailureKind
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.property.Arb
import io.kotest.property.PropTestConfig
import io.kotest.property.arbitrary.long
import io.kotest.property.checkAll
import kotlin.random.Random

private const val MOST_EVENTS = 5_000

internal class Walk(
    val graph: TaskGraph,
    private val random: Random,
    private val cancels: Boolean,
) {
    val target = RandomTarget(random)
    val events = mutableListOf<Event>()
    var dropped = 0
        private set

    private val invariants = Invariants(graph)
    private val cancelAt = if (cancels) random.nextInt(60) else -1
    private var machine = RunMachine(RunState(graph))
    val state: RunState
        get() = machine.state()

    fun take(event: Event): Boolean {
        if (!state.accepts(event)) {
            dropped++
            return false
        }
        apply(event).forEach(target::perform)
        return true
    }

    /** Applies the event and all that follow; returns their commands. */
    fun apply(event: Event?): List<Command> {
        val commands = mutableListOf<Command>()
        var step = if (event == null) advance() else machine.take(event)
        while (step.events().isNotEmpty()) {
            events += step.events()
            check(events.size < MOST_EVENTS) { "the run does not end" }
            step.events().forEach(invariants::see)
            commands += step.commands()
            step = advance()
        }
        return commands
    }

    /** As a driver that takes the run over after its end. */
    fun reopen() {
        val first = machine.take(Event.RunReopened(target.now, "ada"))
        events += first.events()
        first.events().forEach(invariants::see)
        (first.commands() + machine.recover()).forEach(target::perform)
        apply(null).forEach(target::perform)
    }

    /** One event at a time, so that every order of events is checked. */
    private fun advance() = machine.advance(target.now, 1)

    fun walk(until: () -> Boolean = { false }): Walk {
        if (state.startedAt().isEmpty) take(Event.RunStarted(target.now, "run-1", "calm-otter"))
        while (state.outcome().isEmpty && !until()) {
            if (cancels && events.size > cancelAt && !state.cancelRequested()) {
                take(Event.CancelRequested(target.now, "ada"))
            }
            val event =
                target.next() ?: error("no event is left, and the run has not ended:\n" + story())
            take(event)
        }
        return this
    }

    /**
     * The process crashes with the first [kept] events journaled, and another takes the run over.
     */
    fun crash(kept: Int) {
        while (events.size > kept) events.removeLast()
        target.forgetWatchers()
        machine = RunMachine(RunState(graph).also { fresh -> events.forEach { fresh.apply(it) } })
        machine.recover().forEach(target::perform)
        // Events that were lost may follow from the state.
        apply(null).forEach(target::perform)
    }

    fun check() {
        state.outcome().isPresent shouldBe true
        invariants.leftOver().shouldBeEmpty()
        target.living().shouldBeEmpty()
        target.startsByKey.groupBy { it }.filterValues { it.size > 1 }.keys.shouldBeEmpty()
    }

    fun story() = events.joinToString("\n") { "  $it" }
}

@OptIn(io.kotest.common.ExperimentalKotest::class)
internal suspend fun seeds(count: Int, block: (Long) -> Unit) {
    // The seed of the seeds is fixed, so that a build is repeatable.
    checkAll(PropTestConfig(seed = 20260425L, iterations = count), Arb.long()) { seed ->
        withClue("seed $seed") { block(seed) }
    }
}

class RandomRunsTest :
    FunSpec({
        test("every run ends, in order, with one attempt open at a time and every cluster ended") {
            val outcomes = mutableMapOf<Outcome, Int>()
            var dropped = 0
            seeds(600) { seed ->
                val random = Random(seed)
                val walk = Walk(randomGraph(random), random, cancels = seed % 3 == 0L).walk()
                walk.check()
                outcomes.merge(walk.state.outcome().get(), 1, Int::plus)
                dropped += walk.dropped
            }
            // The seeds cover each outcome, and late reports.
            Outcome.entries.forEach { withClue(it) { (outcomes[it] ?: 0) shouldBeGreaterThan 20 } }
            dropped shouldBeGreaterThan 600
        }

        test("a history applied again gives the same state after every event") {
            seeds(60) { seed ->
                val random = Random(seed)
                val graph = randomGraph(random)
                val walk = Walk(graph, random, cancels = seed % 3 == 0L).walk()
                val other = RunState(graph)
                walk.events.forEachIndexed { index, event ->
                    other.apply(event)
                    val fresh = RunState(graph)
                    walk.events.subList(0, index + 1).forEach { fresh.apply(it) }
                    fresh.tasks() shouldBe other.tasks()
                    fresh.outcome() shouldBe other.outcome()
                }
                other.tasks() shouldBe walk.state.tasks()
                other.outcome() shouldBe walk.state.outcome()
            }
        }

        test("when a history is applied again, the same events follow") {
            seeds(100) { seed ->
                val random = Random(seed)
                val graph = randomGraph(random)
                val walk = Walk(graph, random, cancels = seed % 3 == 0L).walk()
                val other = RunMachine(RunState(graph))
                val again = mutableListOf<Event>()
                while (again.size < walk.events.size) {
                    val outside = walk.events[again.size]
                    again += other.take(outside).events()
                    again += other.advance(outside.at(), Int.MAX_VALUE).events()
                }
                again shouldBe walk.events
            }
        }

        test("a run taken over after any event comes to its end, and nothing is intended twice") {
            seeds(150) { seed ->
                val whole =
                    Walk(randomGraph(Random(seed)), Random(seed + 1), cancels = seed % 3 == 0L)
                        .walk()
                val at = Random(seed + 2).nextInt(1, whole.events.size)
                withClue("crash after event $at") {
                    val walk =
                        Walk(randomGraph(Random(seed)), Random(seed + 1), cancels = seed % 3 == 0L)
                    walk.walk(until = { walk.events.size >= at })
                    if (walk.state.outcome().isEmpty) {
                        walk.crash(walk.events.size)
                        walk.walk()
                    }
                    walk.check()
                }
            }
        }

        test("a run taken over in the middle of an append comes to its end too") {
            seeds(60) { seed ->
                val whole =
                    Walk(randomGraph(Random(seed)), Random(seed + 1), cancels = seed % 3 == 0L)
                        .walk()
                for (kept in 1 until whole.events.size) {
                    withClue("first $kept events kept") {
                        val walk = Replayed(whole.graph, whole.events.subList(0, kept), seed)
                        walk.toTheEnd()
                    }
                }
            }
        }

        test("a run that ended without success and is reopened ends again, however often") {
            seeds(150) { seed ->
                val random = Random(seed)
                val walk = Walk(randomGraph(random), random, cancels = seed % 3 == 0L).walk()
                repeat(3) {
                    if (walk.state.outcome().get() != Outcome.SUCCEEDED) {
                        val before =
                            walk.state
                                .tasks()
                                .filter { it.phase() == Phase.SUCCEEDED }
                                .map { it.task() }
                        walk.reopen()
                        walk.walk()
                        walk.check()
                        val steps = walk.graph.spec().steps().map { it.name() }.toSet()
                        before
                            .filter { it in steps }
                            .forEach { task ->
                                withClue(task) {
                                    walk.state.task(walk.graph.indexOf(task)).phase() shouldBe
                                        Phase.SUCCEEDED
                                }
                            }
                    }
                }
            }
        }
    })

/**
 * A prefix of a history, taken over with a target that knows only what the commands of the takeover
 * name.
 */
private class Replayed(private val graph: TaskGraph, past: List<Event>, seed: Long) {
    private val random = Random(seed)
    private val state = RunState(graph).also { fresh -> past.forEach { fresh.apply(it) } }
    private val machine = RunMachine(state)
    private val intended =
        past
            .filterIsInstance<Event.AttemptIntended>()
            .map { it.task() to it.attempt() }
            .toMutableSet()
    private var now = past.last().at()
    private val waiting = mutableListOf<Event>()
    private var events = 0

    private fun fold(first: Event?) {
        var step = if (first == null) machine.advance(now, 1) else machine.take(first)
        while (step.events().isNotEmpty()) {
            check(++events < MOST_EVENTS) { "the run does not end" }
            step.events().filterIsInstance<Event.AttemptIntended>().forEach {
                check(intended.add(it.task() to it.attempt())) { "$it was intended before" }
            }
            step.commands().forEach(::answer)
            step = machine.advance(now, 1)
        }
    }

    /** Every command succeeds from here on, in any order. */
    private fun answer(command: Command) {
        val (task, attempt) = command.task() to command.attempt()
        when (command) {
            is Command.Submit ->
                waiting +=
                    Event.AttemptAccepted(
                        now,
                        task,
                        attempt,
                        (if (command.kind() is ClusterStart) "j-" else "s-") + attempt,
                    )
            is Command.Release ->
                waiting += Event.AttemptAccepted(now, task, attempt, command.scopeId())
            is Command.Watch -> waiting += Event.AttemptSucceeded(now, task, attempt)
            is Command.Withdraw -> {}
            is Command.Cancel -> waiting += Event.AttemptCancelled(now, task, attempt, "cancelled")
            is Command.SetTimer ->
                if (command.timer() == Command.Timer.RETRY)
                    waiting += Event.RetryDue(now, task, attempt)
        }
    }

    /** The loss of a cluster is reported after the failures of its steps. */
    private fun losses(): List<Event> =
        state
            .tasks()
            .filter { it.task().startsWith("start:") && it.phase() == Phase.SUCCEEDED }
            .map {
                Event.ScopeLost(now, it.task(), it.attempt(), FailureKind.CLUSTER_LOST, "gone")
            }
            .filter(state::accepts)

    fun toTheEnd() {
        machine.recover().forEach(::answer)
        fold(null)
        while (state.outcome().isEmpty) {
            if (waiting.isEmpty()) waiting += losses()
            check(waiting.isNotEmpty()) {
                "no event is left, and the run has not ended: ${state.tasks()}"
            }
            val event = waiting.removeAt(random.nextInt(waiting.size))
            if (state.accepts(event)) fold(event)
        }
    }
}
