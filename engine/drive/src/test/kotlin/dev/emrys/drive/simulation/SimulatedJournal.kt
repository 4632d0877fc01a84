package dev.emrys.drive.simulation

import com.google.common.collect.ImmutableList
import dev.emrys.journal.Journal
import dev.emrys.journal.JournalException
import dev.emrys.run.Event
import java.time.Duration
import java.util.Optional
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
) : Journal {
    private class Write(val toDisk: () -> JournalException?, val done: CompletableFuture<Void?>)

    val durable = mutableListOf<Event>()
    val wishes = mutableListOf<Journal.Wish>()
    private val granted = mutableSetOf<Long>()
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
        run: String,
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

    override fun events(run: String): ImmutableList<Event> = ImmutableList.copyOf(durable)

    override fun dropWishes(run: String) {
        granted += wishes.map { it.id() }
    }

    override fun granted(wish: Journal.Wish) {
        submit {
            // Either it has become an event, or it came when the run had ended: whoever takes over
            // needs to know one of them.
            check(durable.any { it is Event.CancelRequested || it is Event.RunEnded }) {
                "$wish was granted and nothing came of it"
            }
            granted += wish.id()
            null
        }
    }

    override fun wish(run: String, kind: String, by: String) {
        wishes += Journal.Wish(wishes.size + 1L, run, kind, by)
    }

    fun openWishes(): List<Journal.Wish> = wishes.filter { it.id() !in granted }

    override fun create(run: Journal.RunRecord, spec: String) = error("not a driver's business")

    override fun spec(run: String): String = error("not a driver's business")

    override fun find(idOrName: String): Optional<Journal.RunRecord> =
        error("not a driver's business")

    override fun runs(limit: Int): ImmutableList<Journal.RunRecord> =
        error("not a driver's business")

    override fun own(run: String): Optional<Journal.Ownership> = error("not a driver's business")

    override fun holder(run: String): Optional<Journal.Holder> = error("not a driver's business")

    override fun receive(run: String, receiver: Consumer<Journal.Wish>): AutoCloseable =
        error("not a driver's business")

    override fun close() {}
}
