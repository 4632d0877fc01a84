package dev.emrys.scheduler

import dev.emrys.journal.FireRecord
import dev.emrys.journal.ScheduleRecord
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

        test("two processes that serve the same schedule decide each fire once and run it once") {
            val processes = Processes()
            val both = listOf("process 1", "process 2").map { processes.process(it) }
            both.forEach {
                it.scheduler.serve(listOf(schedule("* * * * *", overlap = Overlap.Allow())))
            }
            repeat(120) {
                processes.time.pass(Duration.ofSeconds(5))
                both.forEach { it.settle() }
                both
                    .flatMap { it.runner.begun }
                    .forEach { it.done.complete(FireResult.of(Kind.SUCCEEDED)) }
                both.reversed().forEach { it.settle() }
            }
            both[0].states("daily/main").size shouldBe 10
            both.flatMap { it.runner.names }.let { it.toSet().size shouldBe it.size }
        }

        context("overlap") {
            fun overlapping(overlap: Overlap): Process {
                val process = Processes().process()
                process.scheduler.serve(listOf(schedule("*/10 * * * *", overlap = overlap)))
                process.pass(Duration.ofMinutes(31))
                return process
            }

            test("skip: while a run is running further fires are skipped, with the reason") {
                val process = overlapping(Overlap.Skip())
                process.runner.begun.size shouldBe 1
                process.states("daily/main") shouldContainExactly
                    listOf(
                        "00:10 STARTED",
                        "00:20 SKIPPED another run of the schedule is running",
                        "00:30 SKIPPED another run of the schedule is running",
                    )
            }

            test("buffer one: one waits, and starts when the run has ended") {
                val process = overlapping(Overlap.BufferOne())
                process.states("daily/main") shouldContainExactly
                    listOf(
                        "00:10 STARTED",
                        "00:20 WAITING another run of the schedule is running",
                        "00:30 SKIPPED as many fires wait as may",
                    )
                process.end(0, Kind.FAILED, "exit code 1")
                process.runner.names.last() shouldBe "daily-20260115T002000Z"
                process.states("daily/main").take(2) shouldContainExactly
                    listOf("00:10 FAILED exit code 1", "00:20 STARTED")
            }

            test("buffer all: they run one after the other") {
                val process = overlapping(Overlap.BufferAll(5))
                (0..2).forEach { process.end(it, Kind.SUCCEEDED) }
                process.states("daily/main") shouldContainExactly
                    listOf("00:10 SUCCEEDED", "00:20 SUCCEEDED", "00:30 SUCCEEDED")
            }

            test(
                "cancel other: the running one is cancelled, and the newest starts after its end"
            ) {
                val process = overlapping(Overlap.CancelOther())
                process.runner.cancelled.distinct() shouldContainExactly
                    listOf("daily-20260115T001000Z")
                process.runner.begun.size shouldBe 1
                process.end(0, Kind.CANCELLED)
                process.states("daily/main") shouldContainExactly
                    listOf(
                        "00:10 CANCELLED",
                        "00:20 SKIPPED a newer fire takes its place",
                        "00:30 STARTED",
                    )
            }

            test("terminate other: the newest starts at once, while the others are cancelled") {
                val process = overlapping(Overlap.TerminateOther())
                process.runner.begun.size shouldBe 3
                process.runner.cancelled.toSet() shouldBe
                    setOf("daily-20260115T001000Z", "daily-20260115T002000Z")
            }

            test("allow: they run beside each other") {
                val process = overlapping(Overlap.Allow())
                process.runner.begun.size shouldBe 3
                process.runner.cancelled.shouldBeEmpty()
            }
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

        test("a run that was started before a restart is looked after again, once") {
            val processes = Processes()
            val served = listOf(schedule("*/10 * * * *", overlap = Overlap.BufferOne()))
            val first = processes.process()
            first.scheduler.serve(served)
            first.pass(Duration.ofMinutes(21))
            val second = processes.process("process 2")
            second.scheduler.serve(served)
            second.settle()
            second.runner.names shouldContainExactly listOf("daily-20260115T001000Z")
            second.end(0, Kind.SUCCEEDED)
            second.runner.names.last() shouldBe "daily-20260115T002000Z"
            second.pass(Duration.ofSeconds(30))
            second.runner.begun.size shouldBe 2
        }

        test(
            "a fire that another process has decided is looked after when that one had time to start it"
        ) {
            val processes = Processes()
            val served = listOf(schedule("*/10 * * * *"))
            val second = processes.process("process 2")
            second.scheduler.serve(served)
            second.settle()
            val first = processes.process()
            first.scheduler.serve(served)
            processes.time.pass(Duration.ofMinutes(9).plusSeconds(30))
            first.settle()
            first.runner.begun.size shouldBe 1
            second.pass(Duration.ofSeconds(9))
            second.runner.begun.shouldBeEmpty()
            second.pass(Duration.ofSeconds(2))
            second.runner.begun.size shouldBe 1
            second.end(0, Kind.ELSEWHERE)
            second.pass(Duration.ofSeconds(9))
            second.runner.begun.size shouldBe 1
            second.pass(Duration.ofSeconds(2))
            second.end(1, Kind.SUCCEEDED)
            second.states("daily/main") shouldContainExactly listOf("00:10 SUCCEEDED")
            first.end(0, Kind.LEFT)
            first.pass(MINUTE)
            first.runner.begun.size shouldBe 1
        }

        test("what could not be started now is tried again, less and less often") {
            val process = Processes().process()
            process.scheduler.serve(listOf(schedule("0 1 * * *")))
            process.pass(HOUR)
            process.end(0, Kind.NOT_NOW, "the target cannot be reached")
            process.pass(Duration.ofSeconds(10))
            process.end(1, Kind.NOT_NOW, "the target cannot be reached")
            process.pass(Duration.ofSeconds(19))
            process.runner.begun.size shouldBe 2
            process.pass(Duration.ofSeconds(1))
            process.end(2, Kind.SUCCEEDED)
            process.states("daily/main") shouldContainExactly listOf("01:00 SUCCEEDED")
            process.listener.notNow.size shouldBe 2
        }

        test("no more runs than the limit start, and schedules take turns") {
            val process = Processes().process(maxRuns = 2)
            process.scheduler.serve(
                listOf("a", "b", "c").map {
                    schedule("*/10 * * * *", pipeline = it, overlap = Overlap.Allow())
                }
            )
            process.pass(Duration.ofMinutes(30))
            process.runner.names.map { it.take(1) } shouldContainExactly listOf("a", "b")
            process.scheduler.status() shouldBe
                SchedulerStatus(
                    3,
                    2,
                    7,
                    false,
                    true,
                    Instant.parse("2026-01-15T00:30:30Z"),
                    Instant.parse("2026-01-15T00:40:00Z"),
                )
            (0..6).forEach { process.end(it, Kind.SUCCEEDED) }
            process.runner.names.map { it.take(1) } shouldContainExactly
                listOf("a", "b", "c", "a", "b", "c", "a", "b", "c")
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

        test("a requested fire is run within a second, also while the schedule is paused") {
            val process = Processes().process()
            process.scheduler.serve(listOf(schedule("0 3 * * *")))
            process.settle()
            process.change("daily/main", { it.paused(pause(process)) }, trigger(process))
            process.pass(Duration.ofSeconds(1))
            process.runner.names shouldContainExactly listOf("daily-trigger-1")
            process.end(0, Kind.SUCCEEDED)
            process.fires("daily/main").single().state() shouldBe FireRecord.State.SUCCEEDED
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

        test("the end of a run is recorded although another process was faster with a change") {
            val process = Processes().process()
            process.scheduler.serve(listOf(schedule("*/10 * * * *")))
            process.pass(Duration.ofMinutes(10))
            process.change("daily/main", { it.paused(pause(process)) })
            process.scheduler.stop()
            // Decided by the record before the pause.
            process.end(0, Kind.SUCCEEDED)
            process.states("daily/main") shouldContainExactly listOf("00:10 SUCCEEDED")
            process.record("daily/main").paused().isPresent shouldBe true
            process.scheduler.status().recording() shouldBe false
        }

        test("what a journal that failed has not recorded is recorded when it works again") {
            val processes = Processes()
            val process = processes.process()
            val broken = BrokenStore(process.journal.schedules())
            val runner = FakeRunner()
            val listener = RecordingListener()
            val scheduler = Scheduler(broken, runner, processes.time, "process 1", 10, listener) {}
            fun settle() = repeat(8) { scheduler.tick() }
            scheduler.serve(listOf(schedule("*/10 * * * *")))
            settle()
            broken.isBroken = true
            processes.time.pass(Duration.ofMinutes(9).plusSeconds(30))
            settle()
            runner.begun.shouldBeEmpty()
            broken.isBroken = false
            processes.time.pass(Duration.ofSeconds(2))
            settle()
            runner.names shouldContainExactly listOf("daily-20260115T001000Z")
            broken.isBroken = true
            runner.begun[0].done.complete(FireResult.of(Kind.SUCCEEDED))
            settle()
            process.states("daily/main") shouldContainExactly listOf("00:10 STARTED")
            broken.isBroken = false
            processes.time.pass(Duration.ofSeconds(2))
            settle()
            process.states("daily/main") shouldContainExactly listOf("00:10 SUCCEEDED")
            runner.begun.size shouldBe 1
            (listener.failures.size > 1) shouldBe true
        }

        test("a stopped scheduler starts nothing, and records the ends of its runs") {
            val process = Processes().process()
            process.scheduler.serve(listOf(schedule("*/10 * * * *")))
            process.pass(Duration.ofMinutes(10))
            process.scheduler.stop()
            process.pass(Duration.ofMinutes(10))
            process.runner.begun.size shouldBe 1
            process.end(0, Kind.SUCCEEDED)
            process.states("daily/main") shouldContainExactly listOf("00:10 SUCCEEDED")
        }
    })

private fun all(max: Int) = CatchUpPolicy(CatchUp.All(max), Duration.ofDays(30), MINUTE)

private fun pause(process: Process) =
    ScheduleRecord.Pause(process.time.instant(), "ann", "maintenance")

private fun fixed(offset: String, version: String) =
    dev.emrys.schedule.ScheduleZone.of(
        "Test/Zone",
        java.time.zone.ZoneRules.of(java.time.ZoneOffset.of(offset)),
        version,
    )

private fun trigger(process: Process): FireRecord =
    FireRecord(
        "daily/main",
        process.time.instant(),
        FireRecord.Cause.TRIGGER,
        LocalDateTime.parse("2026-01-15T00:00:30"),
        "UTC",
        "",
        process.time.instant(),
        FireRecord.State.REQUESTED,
        "",
        "",
        "",
        "daily-trigger-1",
        "ann",
        process.time.instant(),
        null,
    )
