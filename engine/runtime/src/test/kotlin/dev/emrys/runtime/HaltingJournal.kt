package dev.emrys.runtime

import com.google.common.collect.ImmutableList
import dev.emrys.journal.EventLog
import dev.emrys.journal.Journal
import dev.emrys.journal.Lease
import dev.emrys.run.Event
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch

/** When the engine crashes, relative to the commit that holds the chosen event. */
internal enum class CrashPoint {
    /** The commit is lost; the commands of earlier commits were carried out. */
    BEFORE_THE_COMMIT,
    /** The commit is on the disk, but it is never acknowledged. */
    AFTER_THE_COMMIT,
}

/**
 * A journal in which the engine crashes at event [at]: from then on nothing is appended or
 * acknowledged.
 */
internal class HaltingJournal(
    private val real: Journal,
    private val at: Long,
    private val point: CrashPoint,
) : Journal by real {
    private val log = HaltingLog(real.events())
    val crashed = CountDownLatch(1)
    private val writes = CompletableFuture<Void?>()

    /** Fails the writes that wait, so that the engine can be closed. */
    fun failWrites() = writes.completeExceptionally(IllegalStateException("crashed"))

    override fun events(): EventLog = log

    private inner class HaltingLog(private val log: EventLog) : EventLog by log {
        override fun append(
            lease: Lease,
            firstSeq: Long,
            events: ImmutableList<Event>,
        ): CompletableFuture<Void?> {
            val never = writes.copy()
            if (crashed.count == 0L) return never
            if (firstSeq + events.size - 1 < at) return log.append(lease, firstSeq, events)
            if (point == CrashPoint.AFTER_THE_COMMIT) log.append(lease, firstSeq, events).join()
            crashed.countDown()
            return never
        }
    }
}
