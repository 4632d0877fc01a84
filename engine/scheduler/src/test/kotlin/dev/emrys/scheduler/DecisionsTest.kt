package dev.emrys.scheduler

import dev.emrys.journal.FireRecord
import dev.emrys.journal.ScheduleRecord
import dev.emrys.schedule.CatchUp
import dev.emrys.schedule.CatchUpPolicy
import dev.emrys.schedule.Overlap
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.time.Duration
import java.time.Instant
import kotlin.random.Random

/** Schedules of any density, with and without jitter, in zones with and without clock changes. */
private fun anySchedule(random: Random): ServedSchedule {
    val tolerance = listOf(0L, 1, 500, 1_500, 60_000).random(random)
    val mode = listOf(CatchUp.None(), CatchUp.Last(), CatchUp.All(3)).random(random)
    return schedule(
        listOf("* * * * * *", "*/7 * * * * *", "* * * * *", "30 2 * * *", "*/20 1-3 * * *")
            .random(random),
        zone = zone(listOf("Europe/Berlin", "Australia/Lord_Howe", "UTC").random(random)),
        catchUp = CatchUpPolicy(mode, Duration.ofHours(1), Duration.ofMillis(tolerance)),
        overlap = listOf(Overlap.Skip(), Overlap.Allow(), Overlap.BufferOne()).random(random),
    ) {
        it.withJitter(Duration.ofMillis(listOf(0L, 700, 50_000).random(random)))
    }
}

class DecisionsTest :
    FunSpec({
        test("a fire that was computed before it was due is decided as any other one") {
            val random = Random(20260329)
            var decided = 0
            var known = 0
            val cases = if (System.getProperty("emrys.schedules") == "all") 20_000 else 4_000
            repeat(cases) {
                val served = anySchedule(random)
                val decisions = Decisions(served, "process 1")
                // Around the clock change of Berlin, sometimes that of Lord Howe Island.
                val handled =
                    Instant.parse(
                            if (random.nextBoolean()) "2026-03-29T00:59:00Z"
                            else "2026-04-04T14:58:00Z"
                        )
                        .plusMillis(random.nextLong(7_200_000))
                val record =
                    ScheduleRecord.declared(served.id(), served.declaration(), handled).let {
                        if (random.nextInt(4) == 0)
                            it.paused(ScheduleRecord.Pause(handled, "ann", ""))
                        else it
                    }
                val upcoming = decisions.upcoming(record).get()
                val now =
                    upcoming
                        .due()
                        .plusMillis(listOf(-1L, 0, 1, 400, 999, 1_000, 70_000).random(random))
                val open =
                    if (random.nextBoolean()) emptyList()
                    else running(decisions, record, upcoming.handledTo())
                val expected = decisions.due(record, open, now, null)
                decisions.due(record, open, now, upcoming) shouldBe expected
                // One of another record is not taken for the next one.
                val other = decisions.upcoming(record.handled(upcoming.fire().instant(), null))
                decisions.due(record, open, now, other.get()) shouldBe expected
                if (expected.isPresent) decided++
                if (upcoming.isOnlyOnTime(now, served.catchUp().tolerance())) known++
            }
            decided shouldBeGreaterThan cases / 4
            known shouldBeGreaterThan cases / 4
        }
    })

/** A run of the fire before. */
private fun running(
    decisions: Decisions,
    record: ScheduleRecord,
    at: Instant,
): List<FireRecord> =
    decisions
        .due(record.handled(at.minusSeconds(86_400), null), emptyList(), at, null)
        .map { it.start().takeLast(1) }
        .orElse(emptyList())
