package dev.emrys.drive.simulation

import com.google.common.collect.ImmutableList
import dev.emrys.journal.ControlInbox
import dev.emrys.journal.ControlRequest
import dev.emrys.journal.EventLog
import dev.emrys.journal.Journal
import dev.emrys.journal.JournalException
import dev.emrys.journal.Lease
import dev.emrys.journal.RunCatalog
import dev.emrys.journal.RunLease
import dev.emrys.journal.ScheduleStore
import dev.emrys.journal.Snapshot
import dev.emrys.journal.SnapshotStore
import dev.emrys.journal.TokenBuckets
import dev.emrys.run.Event
import java.time.Duration
import java.util.Optional
import java.util.concurrent.CompletableFuture
import java.util.function.Consumer
import kotlin.random.Random

const val DISK_FULL: String = "The disk is full."

/**
 * A journal with a write queue. When a process crashes, a prefix of its queued writes may reach the
 * disk, without being acknowledged. Some writes fail.
 *
 * @param crashAfter the number of events after which [onFull] is called; until then no more events
 *   reach the disk, even if that splits an append
 */
class SimulatedJournal(
    private val time: VirtualTime,
    private val random: Random,
    private val failures: Boolean,
    private var crashAfter: Int = Int.MAX_VALUE,
    private val onFull: () -> Unit = {},
) : Journal, EventLog, ControlInbox, SnapshotStore {
    private class Write(val action: () -> JournalException?, val done: CompletableFuture<Void?>)

    val durable = mutableListOf<Event>()
    private val requests = mutableListOf<ControlRequest>()
    private val acknowledged = mutableSetOf<Long>()
    private val writes = ArrayDeque<Write>()
    private var lifetime = ProcessLifetime()
    private var lastAcknowledged = time.now

    private fun millis(maxMillis: Int) = Duration.ofMillis(random.nextLong(1, maxMillis.toLong()))

    private fun submit(action: () -> JournalException?): CompletableFuture<Void?> {
        val done = CompletableFuture<Void?>()
        writes += Write(action, done)
        time.after(millis(20), lifetime) { writeOne() }
        return done
    }

    private fun writeOne() {
        val write = writes.removeFirst()
        val refused =
            if (failures && random.nextInt(150) == 0) JournalException(DISK_FULL, null)
            else write.action()
        // Every journal acknowledges in order.
        lastAcknowledged = maxOf(lastAcknowledged, time.now + millis(10))
        time.at(lastAcknowledged, lifetime) {
            if (refused == null) write.done.complete(null)
            else write.done.completeExceptionally(refused)
        }
    }

    /** The process has crashed: a prefix of what it had queued may still reach the disk. */
    fun processCrashed(next: ProcessLifetime) {
        while (writes.isNotEmpty() && random.nextBoolean()) writes.removeFirst().action()
        writes.clear()
        lifetime = next
    }

    /** The journal is restored from a copy that has only its first [events] events. */
    fun setBack(events: Int) {
        while (durable.size > events) durable.removeLast()
        snapshot = snapshot?.takeIf { it.seq() <= events }
    }

    override fun append(
        lease: Lease,
        firstSeq: Long,
        events: ImmutableList<Event>,
    ): CompletableFuture<Void?> = submit {
        if (firstSeq != durable.size + 1L) {
            JournalException("event $firstSeq cannot follow ${durable.size}", null)
        } else {
            val free = crashAfter - durable.size
            durable += events.take(free)
            if (events.size >= free) {
                crashAfter = Int.MAX_VALUE
                onFull()
            }
            null
        }
    }

    override fun read(run: String, fromSeq: Long, limit: Int): ImmutableList<Event> =
        ImmutableList.copyOf(durable.drop((fromSeq - 1).toInt()).take(limit))

    override fun lastSeq(run: String): Long = durable.size.toLong()

    /** What is on the disk; a process that crashes may leave it at any age. */
    private var snapshot: Snapshot? = null

    override fun write(lease: Lease, snapshot: Snapshot): CompletableFuture<Void?> = submit {
        if (snapshot.seq() > durable.size) {
            JournalException("no event ${snapshot.seq()} yet", null)
        } else {
            this.snapshot = snapshot
            null
        }
    }

    override fun newest(run: String, version: Int): Optional<Snapshot> =
        Optional.ofNullable(snapshot).filter { it.version() == version }

    override fun drop(run: String) {
        acknowledged += requests.map { it.id() }
    }

    override fun acknowledge(request: ControlRequest) {
        submit {
            // It has become an event, or it came when the run had ended; without either the next
            // driver would miss it.
            check(durable.any { it is Event.CancelRequested || it is Event.RunEnded }) {
                "$request was acknowledged without an event"
            }
            acknowledged += request.id()
            null
        }
    }

    override fun send(run: String, kind: ControlRequest.Kind, by: String) {
        requests += ControlRequest(requests.size + 1L, run, kind, by)
    }

    fun openRequests(): List<ControlRequest> = requests.filter { it.id() !in acknowledged }

    override fun receive(
        run: String,
        receiver: Consumer<ControlRequest>,
    ): ControlInbox.Subscription = error("not used by a driver")

    override fun events(): EventLog = this

    override fun inbox(): ControlInbox = this

    override fun snapshots(): SnapshotStore = this

    override fun schedules(): ScheduleStore = error("not used by a driver")

    override fun tokens(): TokenBuckets = error("not used by a driver")

    override fun runs(): RunCatalog = error("not used by a driver")

    override fun leases(): RunLease = error("not used by a driver")

    override fun close() {}
}
