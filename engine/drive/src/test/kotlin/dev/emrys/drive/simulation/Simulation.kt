package dev.emrys.drive.simulation

import dev.emrys.drive.Driver
import dev.emrys.drive.Listener
import dev.emrys.drive.Ports
import dev.emrys.drive.SnapshotPolicy
import dev.emrys.drive.Timers
import dev.emrys.drive.UncontestedLease
import dev.emrys.graph.TaskGraph
import dev.emrys.journal.ControlRequest
import dev.emrys.journal.RecordedRun
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

private const val MAX_STEPS = 200_000

/** After this a request of a crashed process has arrived, and every listing shows it. */
private val SETTLING: Duration = Duration.ofSeconds(10)

/** When a process crashes. */
fun interface Crashes {
    /** Called before every step of the simulation. */
    fun now(): Boolean
}

/**
 * A run, driven by one process after another, with a simulated disk, EMR and time. The seed
 * determines everything that happens.
 *
 * @param crashAfter the process crashes when exactly this number of events is on the disk
 * @param failures whether some writes fail and the run may be cancelled
 * @param setsBack whether the journal is sometimes restored from an older copy after a crash
 * @param reopens how often the run is reopened after it has ended without success
 */
class Simulation(
    val graph: TaskGraph,
    private val random: Random,
    private val faults: Faults,
    crashAfter: Int = Int.MAX_VALUE,
    private val failures: Boolean = false,
    private val crashes: Crashes = Crashes { false },
    private var reopens: Int = 0,
    private val setsBack: Boolean = false,
) {
    private val time = VirtualTime()
    private var diskFull = false
    val journal =
        SimulatedJournal(
            time,
            random,
            failures = failures,
            crashAfter = crashAfter,
            onFull = { diskFull = true },
        )
    val emr = SimulatedEmr(time, faults)
    var processes = 0
        private set

    private val snapshotInterval = random.nextInt(1, 30)
    /** Processes that took the run over from a snapshot. */
    var restored = 0
        private set

    private var lifetime = ProcessLifetime()
    private lateinit var driver: Driver
    private val received = mutableListOf<Event>()

    private fun millis(maxMillis: Int) = Duration.ofMillis(random.nextLong(0, maxMillis.toLong()))

    private fun startProcess(reopen: Boolean = false) {
        processes++
        lifetime.end()
        lifetime = ProcessLifetime()
        journal.processCrashed(lifetime)
        received.clear()
        checkRecorded()
        val owner = lifetime
        val effects = SimulatedEffects(time, emr, random, faults, owner, ::checkJournaled)
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
                SnapshotPolicy(
                    snapshotInterval,
                    millis(50),
                    random.nextInt(0, 3),
                    { encoding -> time.after(millis(30), owner) { encoding.run() } },
                ),
                {},
            )
        val first = journal.durable.size
        val listener = Listener { events, _ ->
            received += events
            val durable = journal.durable.drop(first).take(received.size)
            check(durable == received) { "the listener received $events, which are not durable" }
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

    /** Snapshot and newer events say what all events say. */
    private fun checkRecorded() {
        val recorded = RecordedRun.read(journal, "run-1", graph)
        if (recorded.snapshotSeq() > 0) restored++
        val folded = RunState(graph)
        journal.durable.forEach { folded.apply(it) }
        check(recorded.nextSeq() == journal.durable.size + 1L) {
            "read to ${recorded.nextSeq()} of ${journal.durable.size}"
        }
        check(
            recorded.state().tasks() == folded.tasks() &&
                recorded.state().outcome() == folded.outcome()
        ) {
            "the snapshot of event ${recorded.snapshotSeq()} gives another state"
        }
    }

    /** No command is carried out before its intent is durable. */
    private fun checkJournaled(command: Command) {
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

    /** How often the journal was restored from an older copy. */
    var setBacks = 0
        private set

    /** Not when a cluster has ended: a copy from before its start is a case of its own. */
    private fun setBack() {
        if (
            emr.clusters.any {
                it.state == SimulatedEmr.ClusterState.ENDING ||
                    it.state == SimulatedEmr.ClusterState.GONE
            } || journal.durable.isEmpty()
        )
            return
        // The process has crashed long before: none of its requests is under way any more.
        lifetime.end()
        journal.processCrashed(ProcessLifetime())
        var settled = false
        time.after(SETTLING, null) { settled = true }
        while (!settled) time.step()
        setBacks++
        journal.setBack(random.nextInt(0, journal.durable.size + 1))
    }

    /** Runs until the run has ended, with as many processes as that takes. */
    fun run(): Outcome {
        val cancelAt = if (failures && random.nextInt(4) == 0) random.nextInt(400) else -1
        startProcess()
        repeat(MAX_STEPS) { number ->
            if (number == cancelAt) {
                journal.send("run-1", ControlRequest.Cancel(), "ada")
                journal.openRequests().forEach { driver.handle(it) }
            }
            val done = driver.done()
            when {
                done.isDone && !done.isCompletedExceptionally -> {
                    val outcome = done.join()
                    if (outcome == Outcome.SUCCEEDED || reopens == 0) return outcome
                    reopens--
                    // A cancellation that came too late must not cancel the reopened run.
                    journal.drop("run-1")
                    startProcess(reopen = true)
                }
                done.isDone -> {
                    // The driver failed; any cause but the full disk is a bug.
                    done
                        .handle { _, failure -> failure }
                        .join()
                        .let { if (it.cause?.message ?: it.message != DISK_FULL) throw it }
                    startProcess()
                }
                diskFull || crashes.now() -> {
                    diskFull = false
                    if (setsBack && random.nextBoolean()) setBack()
                    startProcess()
                }
                else -> time.step()
            }
        }
        error(
            "the run has not ended:\n" + journal.durable.takeLast(30).joinToString("\n") { "  $it" }
        )
    }

    /** The invariants of every run that has ended. */
    fun check(outcome: Outcome) {
        val state = RunState(graph)
        journal.durable.forEach { state.apply(it) }
        check(state.outcome().get() == outcome) {
            "reported as $outcome, journaled as ${state.outcome()}"
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
        check(setBacks > 0 || known.containsAll(keys)) {
            "started without an intent: ${keys - known}"
        }

        val alive =
            emr.clusters
                .filter {
                    it.state != SimulatedEmr.ClusterState.GONE &&
                        // The end of a cluster that the journal does not know is not waited for.
                        (setBacks == 0 || it.state != SimulatedEmr.ClusterState.ENDING)
                }
                .map { it.id }
        check(alive.isEmpty()) { "clusters still exist after their run: $alive" }
        checkAttempts()
        checkOutcome(outcome)
    }

    /** EMR has every attempt that the journal says it accepted, once and under its key. */
    private fun checkAttempts() {
        val keyOf =
            journal.durable.filterIsInstance<Event.AttemptIntended>().associate {
                (it.task() to it.attempt()) to it.key()
            }
        journal.durable.filterIsInstance<Event.AttemptAccepted>().forEach { event ->
            val key = checkNotNull(keyOf[event.task() to event.attempt()])
            when (graph.task(graph.indexOf(event.task())).kind()) {
                is ClusterStart ->
                    check(emr.clusters.single { it.key == key }.id == event.remoteId())
                is StepSpec -> check(emr.steps.single { it.key == key }.id == event.remoteId())
                is ClusterEnd -> check(emr.clusters.any { it.id == event.remoteId() })
                else -> {}
            }
        }
    }

    private fun checkOutcome(outcome: Outcome) {
        val done = emr.steps.filter { it.state == SimulatedEmr.StepState.COMPLETED }.map { it.task }
        check(done.size == done.toSet().size) { "a step that had succeeded was run again: $done" }
        val all = graph.spec().steps().all { it.name() in done }
        check(outcome != Outcome.SUCCEEDED || all) {
            "reported as succeeded, but EMR completed only $done"
        }
        // An attempt that had timed out is adopted after a set back, as one that was cancelled;
        // with
        // the resume that follows, so is the next one.
        check(!all || outcome == Outcome.SUCCEEDED || setBacks > 0) {
            "EMR completed every step, but the run is reported as $outcome"
        }
    }
}
