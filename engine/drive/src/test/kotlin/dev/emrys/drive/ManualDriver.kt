package dev.emrys.drive

import com.google.common.collect.ImmutableList
import dev.emrys.graph.TaskGraph
import dev.emrys.journal.ControlInbox
import dev.emrys.journal.ControlRequest
import dev.emrys.journal.EventLog
import dev.emrys.journal.Journal
import dev.emrys.journal.JournalException
import dev.emrys.journal.Lease
import dev.emrys.journal.RunCatalog
import dev.emrys.journal.RunLease
import dev.emrys.journal.ScheduleStore
import dev.emrys.journal.Snapshot
import dev.emrys.journal.SnapshotStore
import dev.emrys.journal.TokenBuckets
import dev.emrys.run.Command
import dev.emrys.run.Event
import dev.emrys.run.Outcome
import dev.emrys.run.RunState
import dev.emrys.spec.FailureKind
import dev.emrys.testing.graph
import dev.emrys.testing.step
import io.kotest.assertions.throwables.shouldThrow
import java.time.Duration
import java.time.Instant
import java.time.InstantSource
import java.util.Optional
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ExecutionException
import java.util.concurrent.Executor
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.TimeUnit
import java.util.function.Consumer

/** A journal in memory whose writes become durable, or fail, when the test says so. */
class ManualJournal : Journal, EventLog, ControlInbox, SnapshotStore {
    private class Waiting(
        val first: Long,
        val events: List<Event>,
        val done: CompletableFuture<Void?>,
    )

    val durable = mutableListOf<Event>()
    val acknowledged = mutableListOf<ControlRequest>()
    private val waiting = ArrayDeque<Waiting>()

    /** Every append, whether it became durable or not. */
    var appends = 0
        private set

    /** How many events the largest append had. */
    var largest = 0
        private set

    val unwritten: Int
        get() = waiting.size

    override fun append(
        lease: Lease,
        firstSeq: Long,
        events: ImmutableList<Event>,
    ): CompletableFuture<Void?> {
        appends++
        largest = maxOf(largest, events.size)
        return CompletableFuture<Void?>().also { waiting += Waiting(firstSeq, events, it) }
    }

    /** Makes the oldest write durable. */
    fun write() {
        val next = waiting.removeFirst()
        check(next.first == durable.size + 1L) { "event ${next.first} after ${durable.size}" }
        durable += next.events
        next.done.complete(null)
    }

    fun fail(cause: JournalException = JournalException("The disk is full.", null)) {
        waiting.removeFirst().done.completeExceptionally(cause)
    }

    /** The number of the first event that was read. */
    var readFrom = Long.MAX_VALUE

    override fun read(run: String, fromSeq: Long, limit: Int): ImmutableList<Event> {
        readFrom = minOf(readFrom, fromSeq)
        return ImmutableList.copyOf(durable.drop((fromSeq - 1).toInt()).take(limit))
    }

    override fun lastSeq(run: String): Long = durable.size.toLong()

    /** Stored snapshots, the oldest first. */
    val stored = mutableListOf<Snapshot>()

    /** What a store of a snapshot is answered with. */
    var snapshotStored: CompletableFuture<Void?> = CompletableFuture.completedFuture(null)

    override fun write(lease: Lease, snapshot: Snapshot): CompletableFuture<Void?> {
        stored += snapshot
        return snapshotStored
    }

    override fun newest(run: String, version: Int): Optional<Snapshot> =
        Optional.ofNullable(
            stored.lastOrNull { it.version() == version && it.seq() <= durable.size }
        )

    override fun acknowledge(request: ControlRequest) {
        acknowledged += request
    }

    override fun drop(run: String) {}

    override fun send(run: String, kind: ControlRequest.Kind, by: String) =
        error("not used by a driver")

    override fun receive(
        run: String,
        receiver: Consumer<ControlRequest>,
    ): ControlInbox.Subscription = error("not used by a driver")

    override fun events(): EventLog = this

    override fun inbox(): ControlInbox = this

    override fun snapshots(): SnapshotStore = this

    override fun schedules(): ScheduleStore = error("not used by a driver")

    override fun tokens(): TokenBuckets = error("not used by a driver")

    override fun runs(): RunCatalog = error("not used by a driver")

    override fun leases(): RunLease = error("not used by a driver")

    override fun close() {}
}

/** The lease of a run that no other process acquires. */
class UncontestedLease(private val run: String) : Lease {
    override fun run(): String = run

    override fun token(): Long = 1

    override fun close() {}
}

const val SNAPSHOT_PAUSE_FACTOR = 50

/** Effects that only record their commands. */
class RecordingEffects : Effects {
    val performed = mutableListOf<Command>()
    var reports: Effects.Reports? = null
        private set

    var closed = false
        private set

    override fun perform(commands: ImmutableList<Command.ForTarget>, reports: Effects.Reports) {
        check(!closed) { "$commands were given after close()" }
        performed += commands
        this.reports = reports
    }

    var takenOver = false
        private set

    override fun takenOver() {
        check(performed.isEmpty()) { "taken over after $performed" }
        takenOver = true
    }

    /** A test replaces it to have something left of the run. */
    var leftovers: CompletableFuture<Void?> = CompletableFuture.completedFuture(null)

    var leftoversEnded = 0
        private set

    override fun endLeftovers(): CompletableFuture<Void?> {
        leftoversEnded++
        return leftovers
    }

    /** What the end of everything is answered with. */
    var ending: CompletableFuture<Void?> = CompletableFuture.completedFuture(null)

    var endingFails: RuntimeException? = null

    var endedEverything = false
        private set

    override fun endEverything(): CompletableFuture<Void?> {
        check(!closed) { "everything is ended after close()" }
        endedEverything = true
        endingFails?.let { throw it }
        return ending
    }

    /** A test replaces it to have calls in flight when the effects are closed. */
    var whenIdle: CompletableFuture<Void?> = CompletableFuture.completedFuture(null)

    override fun whenIdle(): CompletableFuture<Void?> = whenIdle

    override fun close() {
        closed = true
    }
}

/** A driver whose journal, effects, timers and clock are controlled by the test. */
class ManualDriver(
    val graph: TaskGraph,
    val journal: ManualJournal = ManualJournal(),
    snapshotInterval: Int = Int.MAX_VALUE,
    snapshotPause: Duration = Duration.ZERO,
) {
    val effects = RecordingEffects()
    val received = mutableListOf<Event>()
    /** Timers that are neither due nor cancelled. */
    val timers = mutableListOf<Pair<Instant, Runnable>>()
    private val turns = ArrayDeque<Runnable>()
    /** Encodings of snapshots that wait for the test. */
    val encodings = ArrayDeque<Runnable>()
    var refusesEncodings = false
    val warnings = mutableListOf<String>()
    var now: Instant = Instant.parse("2026-01-01T00:00:00Z")
    var listener = Listener { events: ImmutableList<Event>, _: RunState -> received += events }
    val ports =
        Ports(
            journal,
            UncontestedLease("run-1"),
            effects,
            InstantSource { now },
            { due, action ->
                val timer = due to action
                timers += timer
                Timers.Scheduled { timers -= timer }
            },
            Executor { turns += it },
            SnapshotPolicy(
                snapshotInterval,
                snapshotPause,
                SNAPSHOT_PAUSE_FACTOR,
                {
                    if (refusesEncodings) throw RejectedExecutionException("closed")
                    encodings += it
                },
            ),
            { warnings += it },
        )
    lateinit var driver: Driver

    fun start() = apply {
        driver =
            Driver.start(ports, "run-1", "calm-otter", graph) { events, state ->
                listener.happened(events, state)
            }
    }

    fun resume(reopen: Boolean = false) = apply {
        driver =
            Driver.resume(ports, "run-1", "calm-otter", graph, "ada", reopen) { events, state ->
                listener.happened(events, state)
            }
    }

    /** Runs the oldest turn of the executor. */
    fun runOne() = apply { turns.removeFirst().run() }

    fun turn() = apply { while (turns.isNotEmpty()) turns.removeFirst().run() }

    /** Runs all turns and writes until none is left; time does not pass. */
    fun settle() = apply {
        turn()
        while (journal.unwritten > 0) {
            journal.write()
            turn()
        }
    }

    fun wait(time: Duration) = apply {
        now += time
        timers
            .filter { it.first <= now }
            .forEach {
                timers.remove(it)
                it.second.run()
            }
        settle()
    }

    fun report(event: Event) = apply { checkNotNull(effects.reports).report(event) }

    private fun attempt(task: String): Int = effects.performed.last { it.task() == task }.attempt()

    fun accepted(task: String) = report(Event.AttemptAccepted(now, task, attempt(task), "id-$task"))

    fun running(task: String) = report(Event.AttemptRunning(now, task, attempt(task)))

    fun succeeded(task: String) = report(Event.AttemptSucceeded(now, task, attempt(task)))

    fun failed(task: String) =
        report(Event.AttemptFailed(now, task, attempt(task), FailureKind.STEP, "exit 1", null))

    fun cancelledByEmr(task: String) =
        report(Event.AttemptCancelled(now, task, attempt(task), "cancelled"))

    /** The cluster comes up, step "a" runs. */
    fun untilRunning() = apply {
        start().settle()
        accepted("start:etl").settle()
        succeeded("start:etl").settle()
        accepted("a").settle()
        running("a").settle()
    }

    fun untilEnded() = apply {
        succeeded("a").settle()
        accepted("end:etl").settle()
        succeeded("end:etl").settle()
    }

    fun kinds(): List<String> = journal.durable.map { it.javaClass.simpleName }

    fun asked(): List<String> =
        effects.performed.map { "${it.javaClass.simpleName} ${it.task()} #${it.attempt()}" }
}

internal fun simple() = ManualDriver(graph(step("a")))

internal fun ManualDriver.outcome(): Outcome = driver.done().get(10, TimeUnit.SECONDS)

internal fun ManualDriver.failure(): Throwable? =
    shouldThrow<ExecutionException> { driver.done().get(10, TimeUnit.SECONDS) }.cause
