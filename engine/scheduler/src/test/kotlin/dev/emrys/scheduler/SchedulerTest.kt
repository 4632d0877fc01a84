package dev.emrys.scheduler

import dev.emrys.schedule.CatchUp
import dev.emrys.schedule.CatchUpPolicy
import dev.emrys.schedule.Overlap
import dev.emrys.scheduler.FireResult.Kind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.time.Duration
import java.time.Instant
import java.time.LocalDateTime

private val MINUTE = Duration.ofMinutes(1)
private val HOUR = Duration.ofHours(1)
private val DAY = Duration.ofDays(1)

/** Which fires are recorded, and when. */
class SchedulerTest :
    FunSpec({
        test(
            "a fire is recorded when it is due, then its run is started, and its end is recorded"
        ) {
            val process = Processes().process()
            process.scheduler.serve(listOf(schedule("*/10 * * * *")))
            process.pass(Duration.ofMinutes(9))
            process.runner.begun.shouldBeEmpty()
            process.pass(MINUTE)
            process.runner.names shouldContainExactly listOf("daily-20260115T001000Z")
            process.states("daily/main") shouldContainExactly listOf("00:10 STARTED")
            process.listener.decided.single().second shouldBe Duration.ZERO
            process.end(0, Kind.SUCCEEDED)
            process.states("daily/main") shouldContainExactly listOf("00:10 SUCCEEDED")
            process.events("daily/main") shouldContainExactly listOf("DECLARED */10 * * * *")
            process.pass(Duration.ofMinutes(20))
            process.runner.names.drop(1) shouldContainExactly listOf("daily-20260115T002000Z")
        }

        test("a schedule fires from its first declaration on, not before") {
            val process = Processes("2026-01-15T12:00:00Z").process()
            process.scheduler.serve(listOf(schedule("0 * * * *", catchUp = all(100))))
            process.pass(HOUR)
            process.states("daily/main") shouldContainExactly listOf("13:00 STARTED")
        }

        context("after a time without any process") {
            fun afterDays(policy: CatchUpPolicy, overlap: Overlap = Overlap.Skip()): Process {
                val processes = Processes("2026-01-10T12:00:00Z")
                val served = schedule("0 3 * * *", catchUp = policy, overlap = overlap)
                val first = processes.process()
                first.scheduler.serve(listOf(served))
                first.settle()
                processes.time.pass(DAY.multipliedBy(5))
                val second = processes.process("process 2")
                second.scheduler.serve(listOf(served))
                second.settle()
                return second
            }

            test("the last missed fire is started within its window, the others are counted") {
                val process = afterDays(CatchUpPolicy.DEFAULT)
                process.states("daily/main") shouldContainExactly listOf("03:00 STARTED")
                process.runner.names shouldContainExactly listOf("daily-20260115T030000Z")
                process.events("daily/main") shouldContainExactly
                    listOf("DECLARED 0 3 * * *", "MISSED outside-window 4")
            }

            test("none: all are missed, with the reason") {
                val process = afterDays(CatchUpPolicy(CatchUp.None(), DAY.multipliedBy(9), MINUTE))
                process.runner.begun.shouldBeEmpty()
                process.events("daily/main").last() shouldBe "MISSED no-catch-up 5"
            }

            test(
                "all: the newest are run one after the other, although overlapping ones are skipped"
            ) {
                val process = afterDays(all(3))
                process.states("daily/main") shouldContainExactly
                    listOf(
                        "03:00 STARTED",
                        "03:00 WAITING another run of the schedule is running",
                        "03:00 WAITING another run of the schedule is running",
                    )
                process.events("daily/main").last() shouldBe "MISSED over-maximum 2"
                process.end(0, Kind.SUCCEEDED)
                process.end(1, Kind.SUCCEEDED)
                process.runner.names shouldContainExactly
                    listOf(
                        "daily-20260113T030000Z",
                        "daily-20260114T030000Z",
                        "daily-20260115T030000Z",
                    )
            }
        }

        context("pause") {
            test(
                "while it is paused fires are skipped, with the reason, and afterwards it goes on"
            ) {
                val process = Processes().process()
                process.scheduler.serve(listOf(schedule("*/10 * * * *")))
                process.settle()
                process.change("daily/main", { it.paused(pause(process)) })
                process.pass(Duration.ofMinutes(20))
                process.states("daily/main") shouldContainExactly
                    listOf(
                        "00:10 SKIPPED the schedule is paused",
                        "00:20 SKIPPED the schedule is paused",
                    )
                process.change("daily/main", { it.paused(null) })
                process.pass(Duration.ofMinutes(10))
                process.runner.names shouldContainExactly listOf("daily-20260115T003000Z")
            }

            test("consecutive failures pause it, a success between them does not count") {
                val process = Processes().process()
                process.scheduler.serve(listOf(schedule("*/10 * * * *", pauseAfterFailures = 2)))
                listOf(Kind.FAILED, Kind.SUCCEEDED, Kind.FAILED, Kind.FAILED).forEachIndexed {
                    index,
                    kind ->
                    process.pass(Duration.ofMinutes(10))
                    process.record("daily/main").pause() shouldBe null
                    process.end(index, kind)
                }
                process.record("daily/main").paused().get().reason() shouldBe
                    "2 runs have failed one after the other"
                process.events("daily/main").last() shouldBe
                    "PAUSED 2 runs have failed one after the other"
                process.listener.ended.map { it.second to it.third } shouldContainExactly
                    listOf(1 to 0, 0 to 1, 1 to 0, 2 to 1)
            }

            test("what waits is started when it is resumed") {
                val process = Processes().process()
                process.scheduler.serve(
                    listOf(schedule("*/10 * * * *", overlap = Overlap.BufferOne()))
                )
                process.pass(Duration.ofMinutes(20))
                process.change("daily/main", { it.paused(pause(process)) })
                process.pass(Duration.ofSeconds(2))
                process.end(0, Kind.SUCCEEDED)
                process.pass(Duration.ofMinutes(1))
                process.runner.begun.size shouldBe 1
                process.change("daily/main", { it.paused(null) })
                process.pass(Duration.ofSeconds(2))
                process.runner.begun.size shouldBe 2
            }
        }

        context("declarations") {
            test("another expression counts from now on: nothing of it is caught up") {
                val process = Processes("2026-01-15T12:00:00Z").process()
                process.scheduler.serve(listOf(schedule("0 3 * * *")))
                process.settle()
                process.time.pass(Duration.ofHours(5))
                process.scheduler.serve(listOf(schedule("30 * * * *", catchUp = all(100))))
                process.settle()
                process.runner.begun.shouldBeEmpty()
                process.events("daily/main").last() shouldBe
                    "CHANGED was 0 3 * * * in UTC, is 30 * * * * in UTC"
                process.pass(HOUR)
                process.states("daily/main") shouldContainExactly listOf("17:30 STARTED")
            }

            test("a schedule that is not served any more does not fire, and is not forgotten") {
                val process = Processes().process()
                process.scheduler.serve(listOf(schedule("*/10 * * * *")))
                process.settle()
                process.scheduler.serve(emptyList())
                process.pass(HOUR)
                process.runner.begun.shouldBeEmpty()
                process.scheduler.serve(listOf(schedule("*/10 * * * *")))
                process.settle()
                process.runner.names shouldContainExactly listOf("daily-20260115T010000Z")
            }

            test("the end of a run is recorded although its script has changed meanwhile") {
                val process = Processes().process()
                process.scheduler.serve(listOf(schedule("*/10 * * * *")))
                process.pass(Duration.ofMinutes(10))
                process.scheduler.serve(listOf(schedule("0 4 * * *")))
                process.settle()
                process.end(0, Kind.FAILED, "exit code 1")
                process.states("daily/main") shouldContainExactly listOf("00:10 FAILED exit code 1")
            }

            test("rules of another time-zone database do not fire a local time again") {
                val before = Instant.parse("2026-01-15T00:30:00Z")
                val processes = Processes("2026-01-14T12:00:00Z")
                val old = fixed("+02:00", "2025a")
                val new = fixed("+01:00", "2025b")
                val first = processes.process()
                first.scheduler.serve(listOf(schedule("30 2 * * *", zone = old)))
                first.pass(Duration.between(processes.time.instant(), before))
                first.end(0, Kind.SUCCEEDED)
                val second = processes.process()
                second.scheduler.serve(listOf(schedule("30 2 * * *", zone = new)))
                second.pass(DAY)
                second.runner.begun.shouldBeEmpty()
                second.events("daily/main").drop(1) shouldContainExactly
                    listOf("TZDATA was 2025a, is 2025b", "OMITTED fired by the old rules 1")
                second.pass(Duration.ofHours(1))
                second.fires("daily/main").map { it.tzdb() to it.at() } shouldContainExactly
                    listOf(
                        "2025a" to before,
                        "2025b" to Instant.parse("2026-01-16T01:30:00Z"),
                    )
            }
        }

        context("clock changes") {
            test("a shifted fire says so, with its zone and the version of its rules") {
                val process = Processes("2026-03-28T12:00:00Z").process()
                process.scheduler.serve(
                    listOf(schedule("30 2 * * *", zone = zone("Europe/Berlin")))
                )
                process.pass(Duration.ofHours(14))
                val fire = process.fires("daily/main").single()
                fire.clockChange() shouldBe "shifted"
                fire.nominal() shouldBe LocalDateTime.parse("2026-03-29T02:30")
                fire.at() shouldBe Instant.parse("2026-03-29T01:30:00Z")
                fire.zone() shouldBe "Europe/Berlin"
                fire.tzdb() shouldBe zone("Europe/Berlin").tzdbVersion()
            }

            test("merged local times are in the record of the fire") {
                val process = Processes("2026-03-28T12:00:00Z").process()
                process.scheduler.serve(
                    listOf(schedule("30 2,3 * * *", zone = zone("Europe/Berlin")))
                )
                process.pass(Duration.ofHours(14))
                process.fires("daily/main").single().merged() shouldBe "2026-03-29T02:30"
            }

            test("local times that are left out are events with the reason and their number") {
                val process = Processes("2026-03-28T22:00:00Z").process()
                process.scheduler.serve(
                    listOf(
                        schedule(
                            "*/30 * * * *",
                            zone = zone("Europe/Berlin"),
                            overlap = Overlap.Allow(),
                        )
                    )
                )
                process.pass(Duration.ofHours(5))
                process.events("daily/main").drop(1) shouldContainExactly listOf("OMITTED gap 2")
            }
        }

        context("the wall clock") {
            test("set forward: what was due in between is missed, and the last one is caught up") {
                val process = Processes().process()
                process.scheduler.serve(listOf(schedule("0 * * * *")))
                process.settle()
                process.time.pass(Duration.ofHours(3).plusMinutes(20))
                process.settle()
                process.runner.names shouldContainExactly listOf("daily-20260115T030000Z")
                process.events("daily/main").last() shouldBe "MISSED superseded 2"
            }

            test("set back: no fire is repeated") {
                val processes = Processes()
                val served = listOf(schedule("*/10 * * * *"))
                val process = processes.process()
                process.scheduler.serve(served)
                process.pass(Duration.ofMinutes(30))
                process.end(0, Kind.SUCCEEDED)
                val before = process.fires("daily/main").size
                // The journal is the same, the clock begins again.
                val again = Process(Processes().time, process.journal, "process 2")
                again.scheduler.serve(served)
                again.pass(Duration.ofMinutes(29))
                again.fires("daily/main").size shouldBe before
                again.runner.begun.shouldBeEmpty()
            }
        }
    })

private fun all(max: Int) = CatchUpPolicy(CatchUp.All(max), Duration.ofDays(30), MINUTE)

private fun fixed(offset: String, version: String) =
    dev.emrys.schedule.ScheduleZone.of(
        "Test/Zone",
        java.time.zone.ZoneRules.of(java.time.ZoneOffset.of(offset)),
        version,
    )
