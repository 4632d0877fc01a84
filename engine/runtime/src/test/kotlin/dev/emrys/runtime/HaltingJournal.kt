package dev.emrys.runtime

import com.google.common.collect.ImmutableList
import dev.emrys.journal.EventLog
import dev.emrys.journal.Journal
import dev.emrys.journal.Lease
import dev.emrys.run.Event
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch

/** When the engine dies, seen from the commit that holds the chosen event. */
internal enum class Death {
    /** The commit is lost with the engine, though what the engine did before it went out. */
    BEFORE_THE_COMMIT,
    /** The commit is on the disk, but nobody lived to hear of it. */
    AFTER_THE_COMMIT,
}

/**
 * A journal in which the engine dies at event [at]: from then on nothing is appended and nothing
 * acknowledged.
 */
internal class HaltingJournal(
    private val real: Journal,
    private val at: Long,
    private val death: Death,
) : Journal by real {
    private val log = HaltingLog(real.events())
    val dead = CountDownLatch(1)
    private val burial = CompletableFuture<Void?>()

    /** Who waits to be buried waits no longer. */
    fun bury() = burial.completeExceptionally(IllegalStateException("dead"))

    override fun events(): EventLog = log

    private inner class HaltingLog(private val log: EventLog) : EventLog by log {
        override fun append(
            lease: Lease,
            firstSeq: Long,
            events: ImmutableList<Event>,
        ): CompletableFuture<Void?> {
            val never = burial.copy()
            if (dead.count == 0L) return never
            if (firstSeq + events.size - 1 < at) return log.append(lease, firstSeq, events)
            if (death == Death.AFTER_THE_COMMIT) log.append(lease, firstSeq, events).join()
            dead.countDown()
            return never
        }
    }
}
