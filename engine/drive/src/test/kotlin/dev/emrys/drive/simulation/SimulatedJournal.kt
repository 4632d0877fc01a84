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
import dev.emrys.run.Event
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.function.Consumer
import kotlin.random.Random

const val DISK_FULL: String = "The disk is full."

/**
 * A disk with a writer before it. What a dying process had under way may have reached the disk or
 * not, in order; what reached it may not have been acknowledged. Sometimes the disk refuses.
 *
 * @param keep no more events than this reach the disk, though it cut an append in two, until
 *   [onFull] has been called
 */
class SimulatedJournal(
    private val time: VirtualTime,
    private val random: Random,
    private val failures: Boolean,
    private var keep: Int = Int.MAX_VALUE,
    private val onFull: () -> Unit = {},
) : Journal, EventLog, ControlInbox {
    private class Write(val toDisk: () -> JournalException?, val done: CompletableFuture<Void?>)

    val durable = mutableListOf<Event>()
    private val requests = mutableListOf<ControlRequest>()
    private val acknowledged = mutableSetOf<Long>()
    private val writes = ArrayDeque<Write>()
    private var life = Life()
    private var lastAcknowledged = time.now

    private fun millis(most: Int) = Duration.ofMillis(random.nextLong(1, most.toLong()))

    private fun submit(toDisk: () -> JournalException?): CompletableFuture<Void?> {
        val done = CompletableFuture<Void?>()
        writes += Write(toDisk, done)
        time.after(millis(20), life) { writeOne() }
        return done
    }

    private fun writeOne() {
        val write = writes.removeFirst()
        val refused =
            if (failures && random.nextInt(150) == 0) JournalException(DISK_FULL, null)
            else write.toDisk()
        // Acknowledged in order, as every journal does it.
        lastAcknowledged = maxOf(lastAcknowledged, time.now + millis(10))
        time.at(lastAcknowledged, life) {
            if (refused == null) write.done.complete(null)
            else write.done.completeExceptionally(refused)
        }
    }

    /** The process is dead: of what it had queued a beginning may still be on the disk. */
    fun processDied(next: Life) {
        while (writes.isNotEmpty() && random.nextBoolean()) writes.removeFirst().toDisk()
        writes.clear()
        life = next
    }

    override fun append(
        lease: Lease,
        firstSeq: Long,
        events: ImmutableList<Event>,
    ): CompletableFuture<Void?> = submit {
        if (firstSeq != durable.size + 1L) {
            JournalException("event $firstSeq cannot follow ${durable.size}", null)
        } else {
            val room = keep - durable.size
            durable += events.take(room)
            if (events.size >= room) {
                keep = Int.MAX_VALUE
                onFull()
            }
            null
        }
    }

    override fun read(run: String, fromSeq: Long, limit: Int): ImmutableList<Event> =
        ImmutableList.copyOf(durable.drop((fromSeq - 1).toInt()).take(limit))

    override fun lastSeq(run: String): Long = durable.size.toLong()

    override fun drop(run: String) {
        acknowledged += requests.map { it.id() }
    }

    override fun acknowledge(request: ControlRequest) {
        submit {
            // Either it has become an event, or it came when the run had ended: the next driver
            // needs to know one of them.
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

    override fun runs(): RunCatalog = error("not used by a driver")

    override fun leases(): RunLease = error("not used by a driver")

    override fun close() {}
}
