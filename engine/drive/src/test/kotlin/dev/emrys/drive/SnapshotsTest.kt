package dev.emrys.drive

import dev.emrys.journal.InMemoryJournals
import dev.emrys.journal.JournalException
import dev.emrys.journal.RecordedRun
import dev.emrys.journal.RunRecord
import dev.emrys.journal.Snapshot
import dev.emrys.run.Outcome
import dev.emrys.run.RunSnapshot
import dev.emrys.run.RunState
import dev.emrys.testing.graph
import dev.emrys.testing.step
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.shouldBe
import java.time.Duration
import java.time.Instant
import java.util.concurrent.CompletableFuture

class SnapshotsTest :
    FunSpec({
        fun seconds(count: Long): Duration = Duration.ofSeconds(count)

        fun driver(interval: Int, journal: ManualJournal = ManualJournal()) =
            ManualDriver(graph(step("a"), step("b", "a")), journal, interval)

        fun ManualDriver.encode() = apply {
            while (encodings.isNotEmpty()) encodings.removeFirst().run()
        }

        /** As far as the two steps' first one, with a snapshot. */
        fun interrupted() = driver(5).untilRunning().encode()

        fun read(first: ManualDriver): RecordedRun =
            RecordedRun.read(first.journal, "run-1", first.graph)

        fun folded(first: ManualDriver) =
            RunState(first.graph).also { state ->
                first.journal.durable.forEach { state.apply(it) }
            }

        test("a snapshot is taken when enough events were appended, and encoded outside the turn") {
            val run = driver(3).start().settle()
            run.encodings.shouldBeEmpty()
            run.accepted("start:etl").settle()
            run.journal.durable.size shouldBe 3
            run.journal.stored.shouldBeEmpty()
            run.encode().journal.stored.map { it.seq() } shouldContainExactly listOf(3L)
            run.succeeded("start:etl").settle().encodings.shouldBeEmpty()
            run.accepted("a").settle().encode()
            run.journal.durable.size shouldBe 6
            run.journal.stored.map { it.seq() } shouldContainExactly listOf(3L, 6L)
        }

        test("while one is encoded or stored no other is taken") {
            val run = driver(1)
            run.journal.snapshotStored = CompletableFuture()
            run.untilRunning().encodings.size shouldBe 1
            run.encode().journal.stored.size shouldBe 1
            run.succeeded("a").settle().encodings.shouldBeEmpty()
            run.journal.snapshotStored.complete(null)
            run.accepted("b").settle().encodings.size shouldBe 1
        }

        test("a snapshot that cannot be stored is dropped, the run goes on, another follows") {
            val run = driver(1).start()
            run.journal.snapshotStored =
                CompletableFuture.failedFuture(JournalException("The disk is full.", null))
            run.settle().encode()
            run.accepted("start:etl").settle()
            run.encodings.size shouldBe 1
            run.refusesEncodings = true
            run.encode().succeeded("start:etl").settle()
            run.refusesEncodings = false
            run.accepted("a").settle().encodings.size shouldBe 1
            run.driver.done().isDone shouldBe false
            run.warnings shouldContainExactly
                listOf(
                    "The state of run run-1 could not be stored as a snapshot: " +
                        "dev.emrys.journal.JournalException: The disk is full.\n" +
                        "    The run continues. To resume or show it takes longer, " +
                        "since more of its events are read."
                )
        }

        fun refusedForItsLease(): CompletableFuture<Void?> {
            val journal = InMemoryJournals().open {}
            val run =
                RunRecord("run-1", "calm-otter", "daily", "", "aws", Instant.EPOCH, null, null)
            val lost = journal.runs().create(run, "{}")
            lost.close()
            journal.leases().acquire("run-1")
            return journal.snapshots().write(lost, Snapshot(1, RunSnapshot.VERSION, ByteArray(0)))
        }

        test(
            "a snapshot that another process prevents, and one at the process's end, give no warning"
        ) {
            val run = driver(1).start()
            run.refusesEncodings = true
            run.settle()
            run.refusesEncodings = false
            run.journal.snapshotStored = refusedForItsLease()
            run.accepted("start:etl").settle().encode()
            run.journal.stored.size shouldBe 1
            run.warnings.shouldBeEmpty()
        }

        /** Five seconds between two snapshots, whatever happens. */
        fun paused() =
            ManualDriver(graph(step("a"), step("b", "a")), ManualJournal(), 1, seconds(5))

        test("events that come fast are not followed by snapshots before the pause is over") {
            val run = paused().start().settle()
            run.wait(seconds(4)).accepted("start:etl").settle().encodings.shouldBeEmpty()
            run.wait(seconds(1)).encodings.shouldBeEmpty()
            run.succeeded("start:etl").settle().encodings.size shouldBe 1
            run.encode().wait(seconds(4)).accepted("a").settle().encodings.shouldBeEmpty()
            run.wait(seconds(1)).running("a").settle().encodings.size shouldBe 1
        }

        test("after a snapshot that took long the pause is longer in proportion") {
            val run = paused().start().settle().wait(seconds(5)).accepted("start:etl").settle()
            run.wait(seconds(1)).encode()
            run.wait(seconds(SNAPSHOT_PAUSE_FACTOR - 2L)).succeeded("start:etl").settle()
            run.encodings.shouldBeEmpty()
            run.wait(seconds(1)).accepted("a").settle().encodings.size shouldBe 1
        }

        test("a clock that is set back delays a snapshot by one pause at most") {
            val run = paused().start().settle().wait(seconds(-3_600))
            run.accepted("start:etl").settle().encodings.shouldBeEmpty()
            run.wait(seconds(5)).succeeded("start:etl").settle().encodings.size shouldBe 1
        }

        test("an ended run has a last snapshot, for which the run is not delayed") {
            val run = paused().untilRunning().succeeded("a").settle()
            run.accepted("b").settle().succeeded("b").settle()
            run.accepted("end:etl").settle().encodings.shouldBeEmpty()
            run.succeeded("end:etl").settle().driver.done().join() shouldBe Outcome.SUCCEEDED
            val released = run.driver.abandon()
            run.turn()
            released.isDone shouldBe false
            run.encode()
            released.isDone shouldBe true
            run.journal.stored.map { it.seq() } shouldContainExactly
                listOf(run.journal.durable.size.toLong())
            read(run).state().outcome().get() shouldBe Outcome.SUCCEEDED
        }

        test("a driver that is abandoned stores a last snapshot before the run is released") {
            val run = paused().untilRunning()
            val released = run.driver.abandon()
            run.turn()
            released.isDone shouldBe false
            run.encode()
            released.isDone shouldBe true
            read(run).snapshotSeq() shouldBe run.journal.durable.size.toLong()
        }

        test("a last snapshot follows one that is still written, if enough events came since") {
            val run = driver(4)
            run.journal.snapshotStored = CompletableFuture()
            run.untilRunning().encode().succeeded("a").settle()
            run.journal.stored.size shouldBe 1
            val few = run.driver.abandon()
            run.turn()
            run.encodings.shouldBeEmpty()
            few.isDone shouldBe false
            run.journal.snapshotStored.complete(null)
            run.encodings.size shouldBe 1
            run.encode()
            few.isDone shouldBe true
            run.journal.stored.map { it.seq() } shouldContainExactly listOf(5L, 9L)
        }

        test("few events are no reason for a last snapshot") {
            val run = driver(100).untilRunning()
            val released = run.driver.abandon()
            run.turn().encodings.shouldBeEmpty()
            released.isDone shouldBe true
        }

        test("a driver that cannot write the journal takes no last snapshot") {
            val run = paused().untilRunning().succeeded("a").turn()
            run.journal.fail()
            run.turn().encodings.shouldBeEmpty()
            run.driver.abandon()
            run.turn().encodings.shouldBeEmpty()
        }

        test("a resume reads the newest snapshot and the events after it only") {
            val first = interrupted()
            val newest = first.journal.stored.last().seq()
            first.journal.readFrom = Long.MAX_VALUE
            val second = ManualDriver(first.graph, first.journal, 3).resume().settle()
            first.journal.readFrom shouldBe newest + 1
            second.asked() shouldContainExactly listOf("Watch start:etl #1", "Watch a #1")
            second.succeeded("a").settle().accepted("b").settle().succeeded("b").settle()
            second.accepted("end:etl").settle().succeeded("end:etl").settle()
            second.driver.done().join() shouldBe Outcome.SUCCEEDED
        }

        test("the next snapshot after a resume counts from the one that is stored") {
            val first = interrupted()
            first.journal.stored.last().seq() shouldBe 5
            first.journal.durable.size shouldBe 7
            val second = ManualDriver(first.graph, first.journal, 5).resume().settle()
            second.encodings.shouldBeEmpty()
            second.succeeded("a").settle().encodings.shouldNotBeEmpty()
        }

        test("a snapshot that cannot be used is ignored, whatever is wrong with it") {
            val first = interrupted()
            val good = first.journal.stored.last()
            fun check(snapshot: Snapshot, used: Boolean) {
                first.journal.stored.clear()
                first.journal.stored += snapshot
                val recorded = read(first)
                (recorded.snapshotSeq() > 0) shouldBe used
                recorded.nextSeq() shouldBe first.journal.durable.size + 1L
                recorded.state().tasks() shouldContainExactly folded(first).tasks()
            }
            fun form(state: RunState) = RunSnapshot.of(state).toBytes()
            check(good, used = true)
            val damaged = good.form().copyOf().also { it[good.form().size / 2]++ }
            check(Snapshot(good.seq(), RunSnapshot.VERSION, damaged), used = false)
            check(Snapshot(good.seq(), RunSnapshot.VERSION + 1, good.form()), used = false)
            // Of another run.
            check(Snapshot(good.seq(), good.version(), form(RunState(first.graph))), used = false)
            val other = RunState(graph(step("a")))
            check(Snapshot(good.seq(), good.version(), form(other)), used = false)
            // Not of these events: those that follow do not fit.
            check(Snapshot(good.seq() - 1, good.version(), form(folded(first))), used = false)
        }
    })
