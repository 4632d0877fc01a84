package dev.emrys.scheduler

import com.google.common.collect.ImmutableList
import dev.emrys.journal.FireRecord
import dev.emrys.journal.JournalException
import dev.emrys.journal.LogicalTime
import dev.emrys.journal.ScheduleChange
import dev.emrys.journal.ScheduleRecord
import dev.emrys.journal.ScheduleStore
import dev.emrys.run.Outcome
import dev.emrys.schedule.CatchUp
import dev.emrys.schedule.Exclusions
import dev.emrys.schedule.Overlap
import dev.emrys.scheduler.FireResult.Kind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import java.time.Duration
import java.time.Instant
import java.time.LocalDate
import java.time.LocalDateTime
import java.util.concurrent.CompletableFuture
import kotlin.random.Random

private const val ID = "report/main"

class SuccessTriggerTest :
    FunSpec({
        test("a success fires once, with the day and the interval of the run that has succeeded") {
            val all = TriggerProcesses()
            val process = all.process()
            all.run("before")
            process.serve(afterSuccess())
            val logical =
                LogicalTime(
                    LocalDate.parse("2026-01-14"),
                    Instant.parse("2026-01-14T02:00:00Z"),
                    "Europe/Berlin",
                    Instant.parse("2026-01-13T02:00:00Z"),
                )
            val ended = all.time.instant()
            all.run("one", logical = logical)
            all.run("failed", outcome = Outcome.FAILED)
            all.run("other", pipeline = "ingest-2")
            process.pass(Duration.ofMinutes(20))
            val fire = process.process.fires(ID).single()
            fire.cause() shouldBe FireRecord.Cause.SUCCESS
            fire.at() shouldBe ended
            fire.nominal() shouldBe LocalDateTime.parse("2026-01-14T03:00")
            process.inputs(fire).triggeringRun() shouldBe "one"
            process.inputs(fire).logicalTime() shouldBe logical
            process.process.runner.names shouldContainExactly
                listOf("report-success-20260115T120001.000000Z-ccbc0b")
        }

        test("a run without a logical time is for the time of its end") {
            val all = TriggerProcesses()
            val process = all.process()
            process.serve(afterSuccess())
            all.run("one")
            process.look()
            val logical = process.inputs(process.process.fires(ID).single()).logicalTime()
            logical.time() shouldBe Instant.parse("2026-01-15T12:00:01Z")
            logical.date() shouldBe LocalDate.parse("2026-01-15")
            logical.intervalStart() shouldBe Instant.parse("2026-01-15T11:59:01Z")
        }

        test("runs that end at the same instant fire each, at instants of their own") {
            val all = TriggerProcesses()
            val process = all.process()
            process.serve(afterSuccess(), afterSuccess(name = "second one"))
            val at = all.time.instant().plusNanos(999)
            listOf("a", "b", "c").forEach { all.run(it, at = at) }
            process.look()
            all.run("d", at = at)
            process.look()
            process.process.fires(ID).map {
                Duration.between(at, it.at()).toNanos() + 999
            } shouldContainExactly listOf(0L, 1_000L, 2_000L, 3_000L)
            process.process.runner.names.toSet().size shouldBe 8
            process.process.runner.names.last() shouldBe
                "report-second-one-success-20260115T120001.000003Z-401a4a"
        }

        test("an end that becomes visible late is found") {
            val all = TriggerProcesses()
            val process = all.process()
            process.serve(afterSuccess())
            process.pass(Duration.ofHours(2))
            all.run("new")
            process.pass(Duration.ofSeconds(5))
            all.run("late", at = all.time.instant().minusSeconds(3_600))
            process.pass(Duration.ofMinutes(6))
            process.process.fires(ID).map {
                process.inputs(it).triggeringRun()
            } shouldContainExactly listOf("late", "new")
        }

        test("what is older than a day before the newest end is forgotten and not looked at") {
            val all = TriggerProcesses()
            val process = all.process()
            process.serve(afterSuccess())
            all.run("old")
            process.look()
            all.time.pass(Duration.ofHours(25))
            all.run("new")
            process.look()
            process.pass(Duration.ofMinutes(6))
            all.journal().schedules().triggerState(ID).get().consumed().keys shouldContainExactly
                setOf("new")
            process.process.fires(ID).size shouldBe 2
        }

        context("what succeeded while no process served the schedule") {
            fun missed(mode: CatchUp): Process {
                val all = TriggerProcesses()
                all.process().serve(afterSuccess(mode))
                repeat(3) {
                    all.time.pass(Duration.ofHours(1))
                    all.run("run-$it")
                }
                all.time.pass(Duration.ofDays(3))
                return all.process("process 2").also { it.serve(afterSuccess(mode)) }.process
            }

            fun Process.caused(): List<String> =
                fires(ID).map { journal.schedules().inputs(it).get().triggeringRun() }

            test("fires by default") {
                missed(CatchUp.All(10_000)).caused() shouldContainExactly
                    listOf("run-0", "run-1", "run-2")
            }

            test("does not fire with None, which is an event") {
                val process = missed(CatchUp.None())
                process.caused().shouldBeEmpty()
                process.events(ID).last() shouldBe "MISSED no-catch-up 3"
            }

            test("fires for the newest only with Last") {
                val process = missed(CatchUp.Last())
                process.caused() shouldContainExactly listOf("run-2")
                process.events(ID).last() shouldBe "MISSED superseded 2"
            }

            test("fires for the newest ones with All of two") {
                val process = missed(CatchUp.All(2))
                process.caused() shouldContainExactly listOf("run-1", "run-2")
                process.events(ID).last() shouldBe "MISSED over-maximum 1"
            }
        }

        test("a paused schedule skips, and what ended before it is resumed does not fire") {
            val all = TriggerProcesses()
            val process = all.process()
            process.serve(afterSuccess())
            val pause = ScheduleRecord.Pause(all.time.instant(), "ann", "")
            process.process.change(ID, { it.paused(pause) })
            all.run("skipped")
            process.look()
            all.run("unseen")
            process.process.change(ID, { it.paused(null).handled(all.time.instant(), null) })
            all.time.pass(Duration.ofSeconds(1))
            all.run("new")
            process.look()
            process.process.fires(ID).map {
                "${process.inputs(it).triggeringRun()} ${it.state()} ${it.reason()}".trim()
            } shouldContainExactly listOf("skipped SKIPPED the schedule is paused", "new STARTED")
        }

        test(
            "a success outside of start and end or on an excluded day is skipped with its reason"
        ) {
            fun reason(
                change: (dev.emrys.schedule.Schedule) -> dev.emrys.schedule.Schedule
            ): String {
                val all = TriggerProcesses()
                val process = all.process()
                process.serve(afterSuccess(change = change))
                all.run("one")
                process.look()
                return process.process.fires(ID).single().let { "${it.state()} ${it.reason()}" }
            }
            val noon = Instant.parse("2026-01-15T12:00:00Z")
            reason { it.between(noon.plusSeconds(60), null) } shouldBe
                "SKIPPED the schedule has not started yet"
            reason { it.between(null, noon) } shouldBe "SKIPPED the schedule has ended"
            reason {
                it.excluding(
                    Exclusions.of(
                        listOf(dev.emrys.schedule.DateRange.of(LocalDate.parse("2026-01-15"))),
                        listOf(),
                        listOf(),
                    )
                )
            } shouldBe "SKIPPED the day is excluded"
        }

        test("three successes wait for each other with BufferAll") {
            val all = TriggerProcesses()
            val process = all.process()
            process.serve(afterSuccess(overlap = Overlap.BufferAll(10)))
            listOf("a", "b", "c").forEach { all.run(it) }
            process.look()
            process.process.runner.begun.size shouldBe 1
            (0..2).forEach { process.process.end(it, Kind.SUCCEEDED) }
            process.process.fires(ID).map { it.state() }.toSet() shouldBe
                setOf(FireRecord.State.SUCCEEDED)
        }

        test("each success fires exactly once, whichever process dies or whose commit is lost") {
            repeat(40) { seed ->
                val random = Random(seed)
                val all = TriggerProcesses()
                val journal = all.journal()
                val ids = ArrayList<String>()
                fun process(): () -> Unit {
                    val store = DyingStore(journal.schedules(), random)
                    val scheduler =
                        Scheduler(
                            store.real,
                            FakeRunner(),
                            all.time,
                            "p",
                            9,
                            RecordingListener(),
                        ) {}
                    scheduler.serve(listOf(afterSuccess()))
                    val look =
                        TriggerPoller(store, journal.runs(), all.arrivals, all.time, "p") {}
                            .watch(afterSuccess())
                            .get()
                            .look()
                    return {
                        repeat(4) { scheduler.tick() }
                        runCatching { look.asBoolean }
                    }
                }
                val processes = arrayOf(process(), process())
                processes.forEach { it() }
                repeat(60) { step ->
                    all.time.pass(Duration.ofMillis(random.nextLong(1, 3_000)))
                    repeat(random.nextInt(3)) {
                        ids.add("run-$step-$it")
                        all.run(ids.last())
                    }
                    val index = random.nextInt(2)
                    if (random.nextInt(5) == 0) processes[index] = process()
                    processes[index]()
                }
                repeat(60) {
                    all.time.pass(Duration.ofSeconds(10))
                    processes.forEach { it() }
                }
                val fires =
                    journal
                        .schedules()
                        .fires(ID, Instant.EPOCH, Instant.parse("2100-01-01T00:00:00Z"), 10_000)
                fires.map {
                    journal.schedules().inputs(it).get().triggeringRun()
                } shouldContainExactlyInAnyOrder ids
            }
        }
    })

/** A journal whose commits are lost, or whose replies are, with one chance in three. */
private class DyingStore(val real: ScheduleStore, private val random: Random) :
    ScheduleStore by real {
    override fun apply(
        changes: ImmutableList<ScheduleChange>
    ): CompletableFuture<ImmutableList<Boolean>> {
        val lost = random.nextInt(6)
        if (lost == 0) return CompletableFuture.failedFuture(JournalException("lost", null))
        val applied = real.apply(changes)
        return if (lost == 1) CompletableFuture.failedFuture(JournalException("no reply", null))
        else applied
    }
}
