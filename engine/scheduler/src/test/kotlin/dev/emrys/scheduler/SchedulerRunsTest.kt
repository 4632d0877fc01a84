package dev.emrys.scheduler

import dev.emrys.journal.FireRecord
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

/** The runs of the fires, with several processes, limits and failures. */
class SchedulerRunsTest :
    FunSpec({
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

        test("a fire is decided once, also when the run of the one before has ended") {
            val processes = Processes()
            val store = RecordingStore(processes.process().journal.schedules())
            val runner = FakeRunner()
            val scheduler =
                Scheduler(store, runner, processes.time, "process 1", 10, RecordingListener()) {}
            scheduler.serve(listOf("a", "b").map { schedule("*/10 * * * *", pipeline = it) })
            repeat(8) { scheduler.tick() }
            repeat(3) {
                store.applied.clear()
                processes.time.pass(Duration.ofMinutes(10))
                repeat(8) { scheduler.tick() }
                runner.begun.forEach { it.done.complete(FireResult.of(Kind.SUCCEEDED)) }
                repeat(8) { scheduler.tick() }
                store.applied.map { together -> together.map { it.schedule } } shouldContainExactly
                    listOf(listOf("a/main", "b/main"), listOf("a/main", "b/main"))
                store.applied.flatten().all { it.isRecorded } shouldBe true
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
