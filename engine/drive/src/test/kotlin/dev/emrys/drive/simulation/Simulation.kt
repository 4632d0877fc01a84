package dev.emrys.drive.simulation

import dev.emrys.drive.Driver
import dev.emrys.drive.Listener
import dev.emrys.drive.Ports
import dev.emrys.drive.Timers
import dev.emrys.drive.UncontestedLease
import dev.emrys.graph.TaskGraph
import dev.emrys.journal.ControlRequest
import dev.emrys.run.Command
import dev.emrys.run.Event
import dev.emrys.run.Outcome
import dev.emrys.run.RunState
import dev.emrys.spec.ClusterEnd
import dev.emrys.spec.ClusterStart
import dev.emrys.spec.StepSpec
import java.time.Duration
import java.time.InstantSource
import kotlin.random.Random

private const val MOST_STEPS = 200_000

/** When a process dies. */
fun interface Deaths {
    /** Asked before everything that happens. */
    fun now(): Boolean
}

/**
 * A run, driven by one process after another in a world under a seed: its disk, its EMR, its time.
 *
 * @param keep the process dies when so many events are on the disk, and no more of them are
 * @param troubles whether the disk fails now and then, and somebody cancels the run some time
 * @param reopens how often the run is taken up again when it has ended without success
 */
class Simulation(
    val graph: TaskGraph,
    private val random: Random,
    private val fates: Fates,
    keep: Int = Int.MAX_VALUE,
    private val troubles: Boolean = false,
    private val deaths: Deaths = Deaths { false },
    private var reopens: Int = 0,
) {
    private val time = VirtualTime()
    private var diskFull = false
    val journal =
        SimulatedJournal(
            time,
            random,
            failures = troubles,
            keep = keep,
            onFull = { diskFull = true },
        )
    val emr = SimulatedEmr(time, fates)
    var processes = 0
        private set

    private var life = Life()
    private lateinit var driver: Driver
    private val heard = mutableListOf<Event>()

    private fun millis(most: Int) = Duration.ofMillis(random.nextLong(0, most.toLong()))

    private fun beBorn(reopen: Boolean = false) {
        processes++
        life.end()
        life = Life()
        journal.processDied(life)
        heard.clear()
        val owner = life
        val effects = SimulatedEffects(time, emr, random, fates, owner, ::mustBeJournaled)
        val ports =
            Ports(
                journal,
                UncontestedLease("run-1"),
                effects,
                InstantSource { time.now },
                { due, action ->
                    var cancelled = false
                    time.at(due + millis(200), owner) { if (!cancelled) action.run() }
                    Timers.Scheduled { cancelled = true }
                },
                { turn -> time.after(millis(3), owner) { turn.run() } },
            )
        val first = journal.durable.size
        val listener = Listener { events, _ ->
            heard += events
            val durable = journal.durable.drop(first).take(heard.size)
            check(durable == heard) { "heard of $events, which are not what is durable" }
        }
        driver =
            if (processes == 1) Driver.start(ports, "run-1", "calm-otter", graph, listener)
            else
                Driver.resume(
                    ports,
                    "run-1",
                    "calm-otter",
                    graph,
                    "process $processes",
                    reopen,
                    listener,
                )
        journal.openRequests().forEach { driver.handle(it) }
    }

    /** Nothing is done that the journal does not know. */
    private fun mustBeJournaled(command: Command) {
        check(
            journal.durable.any {
                it is Event.AttemptIntended &&
                    it.task() == command.task() &&
                    it.attempt() == command.attempt()
            }
        ) {
            "$command was not journaled"
        }
    }

    /** Until the run has ended, through as many processes as it takes. */
    fun run(): Outcome {
        val cancelAt = if (troubles && random.nextInt(4) == 0) random.nextInt(400) else -1
        beBorn()
        repeat(MOST_STEPS) { number ->
            if (number == cancelAt) {
                journal.send("run-1", ControlRequest.Cancel(), "ada")
                journal.openRequests().forEach { driver.handle(it) }
            }
            val given = driver.done()
            when {
                given.isDone && !given.isCompletedExceptionally -> {
                    val outcome = given.join()
                    if (outcome == Outcome.SUCCEEDED || reopens == 0) return outcome
                    reopens--
                    // A cancellation that came too late must not meet the run when it goes on.
                    journal.drop("run-1")
                    beBorn(reopen = true)
                }
                given.isDone -> {
                    // It gave up. For any other reason than the disk, it is a mistake of ours.
                    given
                        .handle { _, failure -> failure }
                        .join()
                        .let { if (it.cause?.message ?: it.message != DISK_FULL) throw it }
                    beBorn()
                }
                diskFull || deaths.now() -> {
                    diskFull = false
                    beBorn()
                }
                else -> time.step()
            }
        }
        error(
            "the run has not ended:\n" + journal.durable.takeLast(30).joinToString("\n") { "  $it" }
        )
    }

    /** What must be true of every run that has ended. */
    fun check(outcome: Outcome) {
        val state = RunState(graph)
        journal.durable.forEach { state.apply(it) }
        check(state.outcome().get() == outcome) {
            "told as $outcome, journaled as ${state.outcome()}"
        }

        val intended = journal.durable.filterIsInstance<Event.AttemptIntended>()
        check(intended.toSet().size == intended.map { it.task() to it.attempt() }.toSet().size) {
            "intended twice: $intended"
        }
        val keys = emr.clusters.map { it.key } + emr.steps.map { it.key }
        check(keys.size == keys.toSet().size) {
            "started twice: ${keys.groupBy { it }.filterValues { it.size > 1 }.keys}"
        }
        val known = intended.map { it.key() }.toSet()
        check(known.containsAll(keys)) { "started without an intent: ${keys - known}" }

        val alive = emr.clusters.filter { it.state != SimulatedEmr.ClusterState.GONE }.map { it.id }
        check(alive.isEmpty()) { "clusters outlive their run: $alive" }
        attemptsAreReal()
        truth(outcome)
    }

    /** What the journal says EMR has accepted, EMR has, once and under this key. */
    private fun attemptsAreReal() {
        val keyOf =
            journal.durable.filterIsInstance<Event.AttemptIntended>().associate {
                (it.task() to it.attempt()) to it.key()
            }
        journal.durable.filterIsInstance<Event.AttemptAccepted>().forEach { fact ->
            val key = checkNotNull(keyOf[fact.task() to fact.attempt()])
            when (graph.task(graph.indexOf(fact.task())).kind()) {
                is ClusterStart ->
                    check(emr.clusters.single { it.key == key }.id == fact.remoteId())
                is StepSpec -> check(emr.steps.single { it.key == key }.id == fact.remoteId())
                is ClusterEnd -> check(emr.clusters.any { it.id == fact.remoteId() })
                else -> {}
            }
        }
    }

    private fun truth(outcome: Outcome) {
        val done = emr.steps.filter { it.state == SimulatedEmr.StepState.COMPLETED }.map { it.task }
        check(done.size == done.toSet().size) { "a step that had succeeded was run again: $done" }
        val all = graph.spec().steps().all { it.name() in done }
        check(outcome != Outcome.SUCCEEDED || all) {
            "told as succeeded, but EMR has done only $done"
        }
        check(!all || outcome == Outcome.SUCCEEDED) {
            "EMR has done everything, but it is told as $outcome"
        }
    }
}
