package dev.emrys.schedule

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import java.time.Duration
import java.time.Instant

private val HOURLY = schedule("0 * * * *")

private fun policy(
    mode: CatchUp,
    window: Duration = Duration.ofHours(24),
    tolerance: Duration = Duration.ofMinutes(1),
) = CatchUpPolicy(mode, window, tolerance)

private fun CatchUpPolicy.plan(lastHandled: String, now: String, schedule: Schedule = HOURLY) =
    plan(schedule.fires, instant(lastHandled), instant(now))

private fun CatchUpPlan.starts() = start.map { it.instant.toString() }

private fun CatchUpPlan.reasons() = missed.associate { it.reason to it.count }

class CatchUpTest :
    FunSpec({
        test("a fire that is on time starts under every policy") {
            for (mode in listOf(CatchUp.None(), CatchUp.Last(), CatchUp.All(5))) {
                val plan = policy(mode).plan("2026-01-01T09:00:00Z", "2026-01-01T10:00:00.050Z")
                plan.starts() shouldBe listOf("2026-01-01T10:00:00Z")
                plan.missed.shouldBeEmpty()
            }
        }

        test("fires within the tolerance all start: a short pause loses nothing") {
            val everySecond = schedule("* * * * * *")
            val plan =
                policy(CatchUp.None())
                    .plan("2026-01-01T10:00:00Z", "2026-01-01T10:00:03.2Z", everySecond)
            plan.starts() shouldBe (1..3).map { "2026-01-01T10:00:0${it}Z" }
        }

        test("nothing is due twice, and nothing is due when the clock was set back") {
            CatchUpPolicy.DEFAULT.plan("2026-01-01T10:00:00Z", "2026-01-01T10:00:30Z")
                .start
                .shouldBeEmpty()
            val back = CatchUpPolicy.DEFAULT.plan("2026-01-01T10:00:00Z", "2026-01-01T08:30:00Z")
            back.start.shouldBeEmpty()
            back.missed.shouldBeEmpty()
        }

        test("none: late fires are missed") {
            val plan = policy(CatchUp.None()).plan("2026-01-01T06:00:00Z", "2026-01-01T10:30:00Z")
            plan.start.shouldBeEmpty()
            plan.reasons() shouldBe mapOf(MissedFires.Reason.NO_CATCH_UP to 4L)
        }

        test("last: only the newest starts, the others are superseded") {
            val plan = CatchUpPolicy.DEFAULT.plan("2026-01-01T06:00:00Z", "2026-01-01T10:30:00Z")
            plan.starts() shouldBe listOf("2026-01-01T10:00:00Z")
            plan.missed.single().also {
                it.reason shouldBe MissedFires.Reason.SUPERSEDED
                it.count shouldBe 3
                it.first shouldBe instant("2026-01-01T07:00:00Z")
                it.last shouldBe instant("2026-01-01T09:00:00Z")
                it.newest.map { fire -> fire.instant.toString() } shouldBe
                    listOf("2026-01-01T07:00:00Z", "2026-01-01T08:00:00Z", "2026-01-01T09:00:00Z")
            }
        }

        test("last: a fire on time supersedes all late ones") {
            val plan = CatchUpPolicy.DEFAULT.plan("2026-01-01T06:00:00Z", "2026-01-01T10:00:01Z")
            plan.starts() shouldBe listOf("2026-01-01T10:00:00Z")
            plan.reasons() shouldBe mapOf(MissedFires.Reason.SUPERSEDED to 3L)
        }

        test("all: the newest up to the maximum start, in order") {
            val plan = policy(CatchUp.All(3)).plan("2026-01-01T02:00:00Z", "2026-01-01T10:00:01Z")
            plan.starts() shouldBe (8..10).map { "2026-01-01T%02d:00:00Z".format(it) }
            plan.reasons() shouldBe mapOf(MissedFires.Reason.OVER_MAXIMUM to 5L)
        }

        test("fires older than the window are missed, a fire at its edge is not") {
            val plan =
                policy(CatchUp.All(100), Duration.ofHours(3))
                    .plan("2026-01-01T02:00:00Z", "2026-01-01T10:00:00Z")
            plan.starts() shouldBe (7..10).map { "2026-01-01T%02d:00:00Z".format(it) }
            plan.reasons() shouldBe mapOf(MissedFires.Reason.OUTSIDE_WINDOW to 4L)
            policy(CatchUp.Last(), Duration.ofMinutes(20))
                .plan("2026-01-01T02:00:00Z", "2026-01-01T10:30:00Z")
                .start
                .shouldBeEmpty()
        }

        test("a fire whose jitter has not passed is neither started nor missed") {
            val jittered = HOURLY.withJitter(Duration.ofMinutes(50))
            val fire = jittered.fires.next(instant("2026-01-01T09:30:00Z")).get()
            val due = jittered.fires.due(fire)
            fun plan(now: Instant) =
                CatchUpPolicy.DEFAULT.plan(jittered.fires, instant("2026-01-01T09:00:00Z"), now)
            plan(due.minusMillis(1)).let { it.start + it.missed }.shouldBeEmpty()
            plan(due).starts() shouldBe listOf("2026-01-01T10:00:00Z")
            // On time is counted from when it is due.
            policy(CatchUp.None())
                .plan(jittered.fires, instant("2026-01-01T09:00:00Z"), due.plusSeconds(59))
                .starts() shouldBe listOf("2026-01-01T10:00:00Z")
            policy(CatchUp.None())
                .plan(jittered.fires, instant("2026-01-01T09:00:00Z"), due.plusSeconds(61))
                .starts()
                .shouldBeEmpty()
        }

        test("every second for years is counted, not listed") {
            val everySecond = schedule("* * * * * *", "Europe/Berlin")
            val plan =
                CatchUpPolicy.DEFAULT.plan(
                    "2016-01-01T00:00:00Z",
                    "2026-01-01T00:00:00.5Z",
                    everySecond,
                )
            val years =
                Duration.between(instant("2016-01-01T00:00:00Z"), instant("2026-01-01T00:00:00Z"))
            plan.start.size.toLong() + plan.missed.sumOf { it.count } shouldBe years.seconds
            plan.missed.map { it.reason } shouldBe
                listOf(MissedFires.Reason.OUTSIDE_WINDOW, MissedFires.Reason.SUPERSEDED)
            plan.missed.all { it.newest.size == CatchUpPolicy.MAX_LISTED } shouldBe true
        }

        test("started and missed fires together are all fires, under every policy") {
            val schedule =
                schedule("*/10 0-6 * * *", "Europe/Berlin").withJitter(Duration.ofMinutes(3))
            val from = instant("2026-10-23T00:00:00Z")
            for (mode in
                listOf(CatchUp.None(), CatchUp.Last(), CatchUp.All(7), CatchUp.All(1000))) {
                for (minutes in 0L..4000L step 77) {
                    val now = from.plus(Duration.ofMinutes(minutes))
                    val plan = policy(mode, Duration.ofHours(30)).plan(schedule.fires, from, now)
                    val due =
                        schedule.fires
                            .between(from.plusNanos(1), now.plusNanos(1))
                            .toList()
                            .filterIsInstance<Fire>()
                            .filter { schedule.fires.due(it) <= now }
                    val listed = plan.missed.flatMap { it.newest }
                    plan.start.size + plan.missed.sumOf { it.count } shouldBe due.size.toLong()
                    (listed + plan.start).sortedBy { it.instant }.takeLast(50) shouldBe
                        due.takeLast(50)
                }
            }
        }

        test("a policy refuses what makes no sense") {
            shouldThrow<IllegalArgumentException> { CatchUp.All(0) }
            shouldThrow<IllegalArgumentException> { CatchUp.All(CatchUp.All.MAX + 1) }
            shouldThrow<IllegalArgumentException> { policy(CatchUp.None(), Duration.ofSeconds(-1)) }
            shouldThrow<IllegalArgumentException> {
                policy(CatchUp.None(), tolerance = Duration.ofHours(2))
            }
        }
    })
