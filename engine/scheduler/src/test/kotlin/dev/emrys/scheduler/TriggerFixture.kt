package dev.emrys.scheduler

import com.google.common.collect.ImmutableList
import dev.emrys.journal.FireRecord
import dev.emrys.journal.InMemoryJournals
import dev.emrys.journal.Journal
import dev.emrys.journal.LogicalTime
import dev.emrys.journal.RunRecord
import dev.emrys.journal.ScheduleChange
import dev.emrys.run.Event
import dev.emrys.run.Outcome
import dev.emrys.schedule.AfterSuccess
import dev.emrys.schedule.Arrival
import dev.emrys.schedule.CatchUp
import dev.emrys.schedule.CatchUpPolicy
import dev.emrys.schedule.Fires
import dev.emrys.schedule.Overlap
import dev.emrys.schedule.Schedule
import dev.emrys.schedule.ScheduleZone
import dev.emrys.schedule.Timing
import dev.emrys.testing.SettableTime
import java.time.Duration
import java.time.Instant
import java.util.function.BooleanSupplier

/** Files that the test creates and changes. */
class FakeArrivals : ArrivalSource {
    val items = sortedMapOf<String, Pair<ArrivalSource.Item, Instant>>()
    var problem: String? = null
    var exists = true

    /** @param modified when its content was written, which is before it was moved here */
    fun put(name: String, at: Instant, size: Long = 1, modified: Instant = at) {
        items[name] = ArrivalSource.Item(name, size, modified) to at
    }

    override fun list(arrival: Arrival): ArrivalSource.Listing {
        problem?.let { throw ArrivalSource.UnreadableException(it, null) }
        return ArrivalSource.Listing(
            "/in",
            exists,
            ImmutableList.copyOf(items.values.map { it.first }),
        )
    }

    override fun arrivedAt(item: ArrivalSource.Item): Instant = items.getValue(item.name()).second
}

/** A process that serves schedules that wait for something. */
class TriggerProcess(
    val time: SettableTime,
    journal: Journal,
    by: String,
    private val arrivals: ArrivalSource,
) {
    val process = Process(time, journal, by)
    val recorded = ArrayList<ScheduleChange>()
    private var polls: List<BooleanSupplier> = emptyList()
    private val poller =
        TriggerPoller(journal.schedules(), journal.runs(), arrivals, time, by, recorded::add)

    fun serve(vararg schedules: ServedSchedule) {
        process.scheduler.serve(schedules.toList())
        polls = schedules.mapNotNull { poller.watch(it).orElse(null)?.look() }
        look()
    }

    /** Looks once, and decides about what is found. */
    fun look() {
        process.settle()
        polls.forEach { it.asBoolean }
        // The scheduler asks the journal for changes once a second.
        time.pass(Duration.ofSeconds(1))
        process.settle()
    }

    fun pass(duration: Duration) {
        val until = time.instant().plus(duration)
        while (time.instant() < until) look()
    }

    fun arrived(schedule: String): List<List<String>> =
        process.fires(schedule).map { inputs(it).arrived() }

    fun inputs(fire: FireRecord) = process.journal.schedules().inputs(fire).get()
}

class TriggerProcesses(start: String = "2026-01-15T12:00:00Z") {
    val time = SettableTime(Instant.parse(start))
    val arrivals = FakeArrivals()
    private val journals = InMemoryJournals()

    fun journal(): Journal = journals.open { error(it) }

    fun process(by: String = "process 1") = TriggerProcess(time, journal(), by, arrivals)

    /** A run that has ended. */
    fun run(
        id: String,
        pipeline: String = "ingest",
        at: Instant = time.instant(),
        outcome: Outcome = Outcome.SUCCEEDED,
        logical: LogicalTime? = null,
    ) {
        val journal = journal()
        val run = RunRecord(id, id, pipeline, "", "local", at.minusSeconds(60), null, null, logical)
        journal.runs().create(run, "{}").use { lease ->
            journal.events().append(lease, 1, ImmutableList.of(Event.RunEnded(at, outcome))).join()
        }
    }
}

fun triggered(
    timing: Timing,
    pipeline: String = "load",
    name: String = "main",
    mode: CatchUp = CatchUp.All(10_000),
    overlap: Overlap = Overlap.Allow(),
    change: (Schedule) -> Schedule = { it },
): ServedSchedule =
    ServedSchedule(
        pipeline,
        "/p/$pipeline.emr.kts",
        "$timing",
        Fires.of(change(Schedule.of("$pipeline/$name", timing, ScheduleZone.UTC))),
        CatchUpPolicy(mode, Duration.ofDays(36_500), Duration.ofMinutes(1)),
        overlap,
        0,
    )

fun afterSuccess(
    mode: CatchUp = CatchUp.All(10_000),
    overlap: Overlap = Overlap.Allow(),
    name: String = "main",
    change: (Schedule) -> Schedule = { it },
) = triggered(AfterSuccess("ingest"), "report", name, mode, overlap, change)

fun files(
    mode: CatchUp = CatchUp.All(10_000),
    overlap: Overlap = Overlap.Allow(),
    change: (Schedule) -> Schedule = { it },
) =
    triggered(
        Arrival.of(Arrival.Kind.FILE, "/in/*.csv"),
        mode = mode,
        overlap = overlap,
        change = change,
    )
