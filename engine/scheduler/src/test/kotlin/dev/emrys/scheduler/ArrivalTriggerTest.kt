package dev.emrys.scheduler

import dev.emrys.journal.FireRecord
import dev.emrys.journal.ScheduleRecord
import dev.emrys.schedule.CatchUp
import dev.emrys.schedule.Overlap
import dev.emrys.scheduler.FireResult.Kind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.time.Duration
import java.time.Instant
import java.time.LocalDateTime
import java.time.ZoneOffset

private const val ID = "load/main"

class ArrivalTriggerTest :
    FunSpec({
        test("what exists at first does not fire, what arrives then fires once, together") {
            val all = TriggerProcesses()
            all.arrivals.put("/in/old.csv", all.time.instant())
            val process = all.process()
            process.serve(files())
            process.pass(Duration.ofMinutes(1))
            process.process.runner.begun.shouldBeEmpty()
            all.arrivals.put("/in/a.csv", all.time.instant().minusSeconds(30))
            all.arrivals.put("/in/b.csv", all.time.instant().minusSeconds(31))
            process.pass(Duration.ofMinutes(10))
            process.arrived(ID) shouldContainExactly listOf(listOf("/in/b.csv", "/in/a.csv"))
            val fire = process.process.fires(ID).single()
            fire.cause() shouldBe FireRecord.Cause.ARRIVAL
            fire.state() shouldBe FireRecord.State.STARTED
            process.process.events(ID) shouldContainExactly listOf("DECLARED ${files().timing()}")
        }

        test("a file that grows has arrived when it has not changed for a while") {
            val all = TriggerProcesses()
            val process = all.process()
            process.serve(files())
            repeat(30) {
                all.arrivals.put("/in/a.csv", all.time.instant(), size = it.toLong())
                process.look()
            }
            process.process.fires(ID).shouldBeEmpty()
            process.pass(Duration.ofSeconds(8))
            process.process.fires(ID).shouldBeEmpty()
            process.pass(Duration.ofSeconds(4))
            process.arrived(ID) shouldContainExactly listOf(listOf("/in/a.csv"))
        }

        test(
            "a file with a time of modification in the future has arrived when it was seen unchanged"
        ) {
            val all = TriggerProcesses()
            val process = all.process()
            process.serve(files())
            val future = all.time.instant().plus(Duration.ofDays(400))
            all.arrivals.put("/in/a.csv", future)
            process.pass(Duration.ofSeconds(9))
            process.process.fires(ID).shouldBeEmpty()
            process.pass(Duration.ofSeconds(3))
            process.arrived(ID).size shouldBe 1
        }

        test("a file that is moved has arrived at once, one that is overwritten arrives again") {
            val all = TriggerProcesses()
            val process = all.process()
            process.serve(files())
            val old = all.time.instant().minusSeconds(3_600)
            all.arrivals.put("/in/a.csv", all.time.instant(), modified = old)
            process.look()
            process.arrived(ID).size shouldBe 1
            all.arrivals.put("/in/a.csv", all.time.instant(), modified = old.plusSeconds(1))
            process.look()
            process.arrived(ID) shouldContainExactly
                listOf(listOf("/in/a.csv"), listOf("/in/a.csv"))
            process.process.runner.names.toSet().size shouldBe 2
        }

        test("a deleted file is forgotten with the next arrival") {
            val all = TriggerProcesses()
            val process = all.process()
            process.serve(files())
            val old = all.time.instant().minusSeconds(3_600)
            all.arrivals.put("/in/a.csv", all.time.instant(), modified = old)
            process.look()
            all.arrivals.items.remove("/in/a.csv")
            all.arrivals.put("/in/b.csv", all.time.instant(), modified = old)
            process.look()
            all.journal().schedules().triggerState(ID).get().consumed().keys shouldContainExactly
                setOf("/in/b.csv")
        }

        test("many deleted files are forgotten without an arrival") {
            val all = TriggerProcesses()
            val process = all.process()
            process.serve(files())
            repeat(1_500) { all.arrivals.put("/in/$it.csv", all.time.instant()) }
            process.pass(Duration.ofSeconds(30))
            repeat(1_400) { all.arrivals.items.remove("/in/$it.csv") }
            process.pass(Duration.ofSeconds(30))
            all.journal().schedules().triggerState(ID).get().consumed().size shouldBe 100
        }

        test("a file system that is not mounted for a time makes nothing arrive again") {
            val all = TriggerProcesses()
            val process = all.process()
            process.serve(files())
            // So many that they are forgotten without an arrival, if they are deleted.
            repeat(1_500) { all.arrivals.put("/in/$it.csv", all.time.instant()) }
            process.pass(Duration.ofSeconds(30))
            val before = all.arrivals.items.toMap()
            all.arrivals.items.clear()
            process.pass(Duration.ofSeconds(30))
            all.arrivals.items.putAll(before)
            process.pass(Duration.ofSeconds(30))
            process.arrived(ID).flatten().size shouldBe 1_500
        }

        test("files of a part that is not mounted for a time do not arrive again") {
            val all = TriggerProcesses()
            val process = all.process()
            process.serve(files())
            val old = all.time.instant().minusSeconds(3_600)
            all.arrivals.put("/a/in/1.csv", all.time.instant(), modified = old)
            all.arrivals.put("/b/in/1.csv", all.time.instant(), modified = old)
            process.look()
            val unmounted = all.arrivals.items.remove("/b/in/1.csv")!!
            all.arrivals.put("/a/in/2.csv", all.time.instant(), modified = old)
            process.look()
            all.arrivals.items["/b/in/1.csv"] = unmounted
            process.pass(Duration.ofSeconds(30))
            process.arrived(ID) shouldContainExactly
                listOf(listOf("/a/in/1.csv", "/b/in/1.csv"), listOf("/a/in/2.csv"))
        }

        test("what arrives after a resume and before the next look is run") {
            val all = TriggerProcesses()
            val process = all.process()
            process.serve(files())
            all.arrivals.put("/in/before.csv", all.time.instant())
            process.process.change(ID, { it.handled(all.time.instant(), null) })
            all.time.pass(Duration.ofHours(8))
            all.arrivals.put("/in/after.csv", all.time.instant().minusSeconds(60))
            process.pass(Duration.ofSeconds(3))
            process.arrived(ID) shouldContainExactly listOf(listOf("/in/after.csv"))
        }

        test("a paused schedule starts no run for what was found before it was paused") {
            val all = TriggerProcesses()
            val process = all.process()
            process.serve(files())
            val store = process.process.journal.schedules()
            val record = store.schedule(ID).get()
            val fire = fire(record, all.time.instant())
            process.process.change(
                ID,
                { it.paused(ScheduleRecord.Pause(all.time.instant(), "anna", "")) },
                fire,
            )
            process.look()
            val decided = process.process.fires(ID).single()
            decided.state() shouldBe FireRecord.State.SKIPPED
            decided.reason() shouldBe "the schedule is paused"
        }

        context("what arrived while no process served the schedule") {
            fun missed(mode: CatchUp): TriggerProcess {
                val all = TriggerProcesses()
                all.process().serve(files(mode))
                repeat(3) {
                    all.time.pass(Duration.ofHours(1))
                    // Moved there: only the time of its move is new.
                    all.arrivals.put(
                        "/in/$it.csv",
                        all.time.instant(),
                        modified = all.time.instant().minusSeconds(86_400),
                    )
                }
                all.time.pass(Duration.ofHours(1))
                return all.process("process 2").also { it.serve(files(mode)) }
            }

            test("fires by default") {
                missed(CatchUp.All(10_000)).arrived(ID) shouldContainExactly
                    listOf(listOf("/in/0.csv", "/in/1.csv", "/in/2.csv"))
            }

            test("does not fire with None, which is an event") {
                val process = missed(CatchUp.None())
                process.arrived(ID).shouldBeEmpty()
                process.process.events(ID).last() shouldBe "MISSED no-catch-up 3"
            }

            test("fires for the newest only with Last") {
                val process = missed(CatchUp.Last())
                process.arrived(ID) shouldContainExactly listOf(listOf("/in/2.csv"))
                process.process.events(ID).last() shouldBe "MISSED superseded 2"
            }
        }

        test("more files than one fire has make several fires, and all are remembered") {
            val all = TriggerProcesses()
            val process = all.process()
            repeat(12_000) { all.arrivals.put("/in/old-$it.csv", all.time.instant()) }
            process.serve(files(overlap = Overlap.BufferAll(100)))
            repeat(7_500) {
                all.arrivals.put("/in/new-$it.csv", all.time.instant().minusSeconds(30))
            }
            process.look()
            process.arrived(ID).map { it.size } shouldContainExactly List(7) { 1_000 } + 500
            process.arrived(ID).flatten().toSet().size shouldBe 7_500
            process.recorded.forEach { (it.trigger()!!.consumed().size <= 5_000) shouldBe true }
            all.journal().schedules().triggerState(ID).get().consumed().size shouldBe 19_500
            process.look()
            process.arrived(ID).size shouldBe 8
        }

        test("three arrivals wait for each other with BufferAll") {
            val all = TriggerProcesses()
            val process = all.process()
            process.serve(files(overlap = Overlap.BufferAll(10)))
            listOf("a", "b", "c").forEach {
                all.arrivals.put("/in/$it.csv", all.time.instant())
                process.pass(Duration.ofSeconds(12))
            }
            process.process.runner.begun.size shouldBe 1
            process.process.fires(ID).map { it.state() } shouldContainExactly
                listOf(
                    FireRecord.State.STARTED,
                    FireRecord.State.WAITING,
                    FireRecord.State.WAITING,
                )
            (0..2).forEach { process.process.end(it, Kind.SUCCEEDED) }
            process.process.runner.begun.map {
                process.inputs(it.fire).arrived().single()
            } shouldContainExactly listOf("/in/a.csv", "/in/b.csv", "/in/c.csv")
        }

        test("a paused schedule skips, and what exists when it is resumed does not fire") {
            val all = TriggerProcesses()
            val process = all.process()
            process.serve(files())
            val pause = ScheduleRecord.Pause(all.time.instant(), "ann", "")
            process.process.change(ID, { it.paused(pause) })
            all.arrivals.put("/in/a.csv", all.time.instant())
            process.pass(Duration.ofSeconds(15))
            all.arrivals.put("/in/b.csv", all.time.instant())
            process.process.change(ID, { it.paused(null).handled(all.time.instant(), null) })
            process.pass(Duration.ofSeconds(15))
            all.arrivals.put("/in/c.csv", all.time.instant())
            process.pass(Duration.ofSeconds(15))
            process.process.fires(ID).map {
                "${process.inputs(it).arrived().single()} ${it.state()} ${it.reason()}".trim()
            } shouldContainExactly
                listOf("/in/a.csv SKIPPED the schedule is paused", "/in/c.csv STARTED")
            process.process.events(ID).last() shouldBe "MISSED before-change 1"
        }

        test(
            "another pattern does not fire for what exists, another pause does not lose anything"
        ) {
            val all = TriggerProcesses()
            val process = all.process()
            process.serve(files())
            all.arrivals.put("/in/a.csv", all.time.instant())
            val slow =
                dev.emrys.schedule.Arrival(
                    dev.emrys.schedule.Arrival.Kind.FILE,
                    "/in/*.csv",
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(7),
                )
            process.serve(triggered(slow))
            process.pass(Duration.ofSeconds(25))
            process.arrived(ID) shouldContainExactly listOf(listOf("/in/a.csv"))
            all.arrivals.put("/in/b.csv", all.time.instant().minusSeconds(60))
            process.serve(
                triggered(
                    dev.emrys.schedule.Arrival.of(dev.emrys.schedule.Arrival.Kind.FILE, "/in/**")
                )
            )
            process.pass(Duration.ofSeconds(30))
            process.arrived(ID).size shouldBe 1
            process.process.events(ID).last() shouldBe "MISSED before-change 1"
        }

        test("a folder that cannot be read is one event, and when it can be is another one") {
            val all = TriggerProcesses()
            val process = all.process()
            process.serve(files())
            all.arrivals.problem = "/in cannot be read: permission denied"
            process.pass(Duration.ofMinutes(1))
            all.arrivals.problem = "/in cannot be read: stale file handle"
            process.pass(Duration.ofMinutes(1))
            all.arrivals.problem = null
            all.arrivals.put("/in/a.csv", all.time.instant().minusSeconds(60))
            process.pass(Duration.ofMinutes(1))
            process.process.events(ID).drop(1) shouldContainExactly
                listOf("UNREADABLE /in cannot be read: permission denied", "READABLE")
            process.arrived(ID).size shouldBe 1
        }

        test("two processes that look at the same folder start one run for a file") {
            val all = TriggerProcesses()
            val both = listOf("process 1", "process 2").map { all.process(it) }
            both.forEach { it.serve(files()) }
            repeat(20) {
                all.arrivals.put("/in/$it.csv", all.time.instant().minusSeconds(60))
                both.forEach { each ->
                    each.look()
                    each.process.runner.begun.forEach { begun ->
                        begun.done.complete(FireResult.of(Kind.SUCCEEDED))
                    }
                    each.process.settle()
                }
            }
            both[0].arrived(ID).flatten().sorted() shouldContainExactly
                (0 until 20).map { "/in/$it.csv" }.sorted()
            both.flatMap { it.process.runner.names }.let { it.toSet().size shouldBe it.size }
        }

        test("a schedule whose change is not recorded yet looks at nothing") {
            val all = TriggerProcesses()
            val process = all.process()
            process.serve(files())
            all.arrivals.put("/in/a.txt", all.time.instant().minusSeconds(60))
            val journal = all.journal()
            val poller =
                TriggerPoller(journal.schedules(), journal.runs(), all.arrivals, all.time, "p") {}
            val changed =
                triggered(
                    dev.emrys.schedule.Arrival.of(dev.emrys.schedule.Arrival.Kind.FILE, "/in/*.txt")
                )
            poller.poll(changed) shouldBe false
            process.process.fires(ID).shouldBeEmpty()
        }

        test("a schedule that nothing has recorded yet looks at nothing") {
            val all = TriggerProcesses()
            val poller =
                TriggerPoller(
                    all.journal().schedules(),
                    all.journal().runs(),
                    all.arrivals,
                    all.time,
                    "p",
                ) {}
            poller.poll(files()) shouldBe false
            all.journal().schedules().triggerState(ID).isEmpty shouldBe true
        }
    })

/** What a look records. */
private fun fire(record: ScheduleRecord, at: Instant): FireRecord =
    FireRecord(
        record.id(),
        at,
        FireRecord.Cause.ARRIVAL,
        LocalDateTime.ofInstant(at, ZoneOffset.UTC),
        "UTC",
        "",
        at,
        FireRecord.State.REQUESTED,
        "",
        "",
        "",
        "load-arrival-x",
        "process 1",
        at,
        null,
    )
