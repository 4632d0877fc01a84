package dev.emrys.emr

import com.google.common.collect.ImmutableList
import dev.emrys.drive.Timers
import dev.emrys.journal.EventLog
import dev.emrys.journal.Journal
import dev.emrys.journal.Lease
import dev.emrys.journal.Snapshot
import dev.emrys.journal.SnapshotStore
import dev.emrys.run.Event
import java.time.Duration
import java.time.Instant
import java.util.concurrent.CompletableFuture
import java.util.concurrent.Executor
import kotlin.random.Random

/** One process of the engine. What it has scheduled is dropped when it crashes. */
class SimulatedProcess(val time: ManualTime, private val random: Random) : Timers {
    var crashed = false
        private set

    val begun: Instant = time.instant()

    fun crash() {
        crashed = true
    }

    override fun at(due: Instant, action: Runnable): Timers.Scheduled =
        time.at(due) { if (!crashed) action.run() }

    /** Runs actions side by side: each begins up to [millis] after it was submitted. */
    fun executor(millis: Long) = Executor { action -> at(soon(millis), action) }

    /** Runs actions one after the other, in the order in which they were submitted. */
    fun inOrder(millis: Long): Executor {
        var last = begun
        return Executor { action ->
            last = maxOf(last, soon(millis))
            at(last, action)
        }
    }

    private fun soon(millis: Long): Instant = time.instant().plusMillis(random.nextLong(millis))

    fun after(wait: Duration, action: () -> Unit) = at(time.instant().plus(wait), action)
}

/**
 * A journal whose writes take time: what is queued when the process crashes is lost.
 *
 * @param crashes called when events are about to be written: how many of them reach the disk before
 *   the process crashes; null when it does not
 * @param durable called with the events that are on the disk
 */
class SlowJournal(
    private val journal: Journal,
    private val process: SimulatedProcess,
    private val crashes: (Int) -> Int?,
    private val durable: (List<Event>) -> Unit,
) : Journal by journal {
    private val disk = process.inOrder(20)

    private fun submit(write: () -> CompletableFuture<Void?>): CompletableFuture<Void?> {
        val done = CompletableFuture<Void?>()
        disk.execute {
            val written = write()
            disk.execute {
                written.whenComplete { _, failure ->
                    if (failure == null) done.complete(null)
                    else done.completeExceptionally(failure)
                }
            }
        }
        return done
    }

    private val events =
        object : EventLog by journal.events() {
            override fun append(
                lease: Lease,
                firstSeq: Long,
                events: ImmutableList<Event>,
            ): CompletableFuture<Void?> = submit {
                val crashAfter = crashes(events.size)
                val written = events.subList(0, crashAfter ?: events.size)
                durable(written)
                val appended =
                    if (written.isEmpty()) CompletableFuture()
                    else journal.events().append(lease, firstSeq, written)
                if (crashAfter != null) process.crash()
                appended
            }
        }

    private val snapshots =
        object : SnapshotStore by journal.snapshots() {
            override fun write(lease: Lease, snapshot: Snapshot): CompletableFuture<Void?> =
                submit {
                    journal.snapshots().write(lease, snapshot)
                }
        }

    override fun events(): EventLog = events

    override fun snapshots(): SnapshotStore = snapshots
}
