package dev.emrys.view

import com.google.common.collect.ImmutableList
import dev.emrys.graph.TaskGraph
import dev.emrys.journal.EventLog
import dev.emrys.journal.InMemoryJournals
import dev.emrys.journal.Journal
import dev.emrys.journal.Lease
import dev.emrys.journal.RunRecord
import dev.emrys.run.Event
import dev.emrys.spec.SpecJson
import java.time.Instant
import java.util.concurrent.CompletableFuture

internal val NOW: Instant = Instant.parse("2026-04-25T03:00:00Z")

/** A journal in memory with one run, which counts the events that are read from it. */
internal class ViewFixture(graph: TaskGraph) {
    private val real = InMemoryJournals().open {}
    private val lease: Lease
    private var seq = 1L

    var eventsRead = 0
        private set

    private val journal =
        object : Journal by real {
            override fun events() =
                object : EventLog {
                    override fun append(
                        lease: Lease,
                        firstSeq: Long,
                        events: ImmutableList<Event>,
                    ): CompletableFuture<Void?> = real.events().append(lease, firstSeq, events)

                    override fun read(
                        run: String,
                        fromSeq: Long,
                        limit: Int,
                    ): ImmutableList<Event> =
                        real.events().read(run, fromSeq, limit).also { eventsRead += it.size }

                    override fun lastSeq(run: String): Long = real.events().lastSeq(run)
                }
        }

    val views = RunViews(journal)

    init {
        val run = RunRecord("r1", "brave-otter", "daily", "x.emr.kts", "local", NOW, null, null)
        lease = journal.runs().create(run, SpecJson.write(graph.spec()))
        append(Event.RunStarted(NOW, "r1", "brave-otter"))
    }

    fun append(vararg events: Event) {
        real.events().append(lease, seq, ImmutableList.copyOf(events)).join()
        seq += events.size
    }

    /** The driver stops. */
    fun release() = lease.close()
}

internal fun intended(task: String, attempt: Int) =
    Event.AttemptIntended(NOW, task, attempt, "$task-$attempt")

internal fun accepted(task: String, attempt: Int, id: String) =
    Event.AttemptAccepted(NOW, task, attempt, id)
