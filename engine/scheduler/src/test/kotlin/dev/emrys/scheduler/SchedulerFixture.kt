package dev.emrys.scheduler

import com.google.common.collect.ImmutableList
import dev.emrys.journal.FireRecord
import dev.emrys.journal.InMemoryJournals
import dev.emrys.journal.Journal
import dev.emrys.journal.JournalException
import dev.emrys.journal.ScheduleChange
import dev.emrys.journal.ScheduleEvent
import dev.emrys.journal.ScheduleRecord
import dev.emrys.journal.ScheduleStore
import dev.emrys.schedule.CatchUpPolicy
import dev.emrys.schedule.CronExpression
import dev.emrys.schedule.Fires
import dev.emrys.schedule.Overlap
import dev.emrys.schedule.Schedule
import dev.emrys.schedule.ScheduleZone
import dev.emrys.testing.SettableTime
import java.time.Duration
import java.time.Instant
import java.time.ZoneId
import java.util.Optional
import java.util.concurrent.CompletableFuture

/** Runs that the test ends. */
class FakeRunner : FireRunner {
    class Begun(val fire: FireRecord, val done: CompletableFuture<FireResult>)

    val begun = ArrayList<Begun>()
    val cancelled = ArrayList<String>()

    override fun run(schedule: ServedSchedule, fire: FireRecord): CompletableFuture<FireResult> =
        CompletableFuture<FireResult>().also { begun.add(Begun(fire, it)) }

    override fun cancel(run: String) {
        cancelled.add(run)
    }

    val names: List<String>
        get() = begun.map { it.fire.run() }
}

class RecordingListener : SchedulerListener {
    val decided = ArrayList<Pair<FireRecord, Duration>>()
    val ended = ArrayList<Triple<FireRecord, Int, Int>>()
    val events = ArrayList<ScheduleEvent>()
    val notNow = ArrayList<String>()
    val failures = ArrayList<Throwable>()

    override fun decided(fire: FireRecord, late: Duration) {
        decided.add(fire to late)
    }

    override fun ended(fire: FireRecord, failures: Int, before: Int) {
        ended.add(Triple(fire, failures, before))
    }

    override fun happened(event: ScheduleEvent) {
        events.add(event)
    }

    override fun notNow(fire: FireRecord, reason: String) {
        notNow.add(reason)
    }

    override fun journalFailed(failure: Throwable) {
        failures.add(failure)
    }
}

/** A process that serves schedules, as far as the test lets time pass. */
class Process(
    val time: SettableTime,
    val journal: Journal,
    val by: String = "process 1",
    maxRuns: Int = 100,
) {
    val runner = FakeRunner()
    val listener = RecordingListener()
    val scheduler = Scheduler(journal.schedules(), runner, time, by, maxRuns, listener) {}

    /** Does what is due at this moment, and what follows from it. */
    fun settle() {
        // The journal in memory answers at once, so each tick has what the one before caused.
        repeat(8) { scheduler.tick() }
    }

    /** Lets time pass as the thread of ticks does. */
    fun pass(duration: Duration) {
        val until = time.instant().plus(duration)
        settle()
        while (time.instant() < until) {
            val next = minOf(scheduler.tick(), until)
            time.pass(maxOf(Duration.between(time.instant(), next), Duration.ofMillis(1)))
            settle()
        }
    }

    fun end(index: Int, kind: FireResult.Kind, reason: String = "") {
        runner.begun[index].done.complete(FireResult(kind, reason))
        settle()
    }

    fun record(id: String): ScheduleRecord = journal.schedules().schedule(id).get()

    fun fires(id: String): List<FireRecord> =
        journal.schedules().fires(id, Instant.EPOCH, Instant.parse("2100-01-01T00:00:00Z"), 1_000)

    fun states(id: String): List<String> =
        fires(id).map { "${it.nominal().toLocalTime()} ${it.state()} ${it.reason()}".trim() }

    fun events(id: String): List<String> =
        journal
            .schedules()
            .newestEvents(Optional.of(id), Instant.parse("2100-01-01T00:00:00Z"), 1_000)
            .reversed()
            .map {
                listOf(it.type(), it.reason(), if (it.count() > 0) "${it.count()}" else "")
                    .joinToString(" ")
                    .trim()
            }

    /** As a command of another process does. */
    fun change(id: String, change: (ScheduleRecord) -> ScheduleRecord, vararg fires: FireRecord) {
        journal
            .schedules()
            .apply(
                ImmutableList.of(
                    ScheduleChange(
                        change(record(id).next()),
                        ImmutableList.copyOf(fires),
                        ImmutableList.of(),
                    )
                )
            )
            .join()
            .single()
            .let { check(it) }
    }
}

/** Processes that share one journal. */
class Processes(start: String = "2026-01-15T00:00:30Z") {
    val time = SettableTime(Instant.parse(start))
    private val journals = InMemoryJournals()

    fun process(by: String = "process 1", maxRuns: Int = 100): Process =
        Process(time, journals.open { error(it) }, by, maxRuns)
}

fun schedule(
    cron: String,
    pipeline: String = "daily",
    zone: ScheduleZone = ScheduleZone.UTC,
    catchUp: CatchUpPolicy = CatchUpPolicy.DEFAULT,
    overlap: Overlap = Overlap.Skip(),
    pauseAfterFailures: Int = 0,
    script: String = "/p/$pipeline.emr.kts",
    change: (Schedule) -> Schedule = { it },
): ServedSchedule {
    val id = "$pipeline/main"
    val schedule = change(Schedule.of(id, CronExpression.parse(cron, id), zone))
    return ServedSchedule(
        pipeline,
        script,
        cron,
        Fires.of(schedule),
        catchUp,
        overlap,
        pauseAfterFailures,
    )
}

fun pause(process: Process) = ScheduleRecord.Pause(process.time.instant(), "ann", "maintenance")

fun zone(name: String): ScheduleZone = ScheduleZone.of(ZoneId.of(name))

/** A journal that cannot be used for a time. */
class BrokenStore(private val real: ScheduleStore) : ScheduleStore by real {
    var isBroken = false

    override fun schedules(): ImmutableList<ScheduleRecord> {
        if (isBroken) throw JournalException("The disk is full.", null)
        return real.schedules()
    }

    override fun apply(
        changes: ImmutableList<ScheduleChange>
    ): CompletableFuture<ImmutableList<Boolean>> =
        if (isBroken) CompletableFuture.failedFuture(JournalException("The disk is full.", null))
        else real.apply(changes)
}

/** Remembers which changes were recorded together, and whether they were. */
class RecordingStore(private val real: ScheduleStore) : ScheduleStore by real {
    class Applied(val schedule: String, val isRecorded: Boolean)

    val applied = ArrayList<List<Applied>>()

    override fun apply(
        changes: ImmutableList<ScheduleChange>
    ): CompletableFuture<ImmutableList<Boolean>> =
        real.apply(changes).thenApply { recorded ->
            applied.add(
                changes.zip(recorded) { change, done -> Applied(change.record().id(), done) }
            )
            recorded
        }
}
