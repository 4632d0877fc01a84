package dev.emrys.cli

import dev.emrys.journal.FireRecord
import dev.emrys.scheduler.FireResult
import dev.emrys.scheduler.FireRunner
import dev.emrys.scheduler.ServedSchedule
import java.util.concurrent.CompletableFuture

/**
 * Runs fires in the order in which they come, at most [max] at the same time, and knows what has
 * become of them. Thread-safe.
 */
internal class LimitedFireRunner(private val runner: FireRunner, private val max: Int) :
    FireRunner {
    private class Item(val schedule: ServedSchedule, val fire: FireRecord) {
        val done = CompletableFuture<FireResult>()
    }

    private val items = LinkedHashMap<FireRecord.Key, Item>()
    private val waiting = ArrayDeque<Item>()
    private var running = 0
    private var isClosed = false

    override fun run(
        schedule: ServedSchedule,
        fire: FireRecord,
    ): CompletableFuture<FireResult> {
        val item = Item(schedule, fire)
        synchronized(this) {
            items[fire.key()] = item
            waiting.add(item)
        }
        startNext()
        return item.done
    }

    private fun startNext() {
        val item =
            synchronized(this) {
                if (isClosed || running >= max) null
                else waiting.removeFirstOrNull()?.also { running++ }
            } ?: return
        val unused =
            runner.run(item.schedule, item.fire).whenComplete { result, failure ->
                synchronized(this) { running-- }
                if (failure == null) item.done.complete(result)
                else item.done.completeExceptionally(failure)
                startNext()
            }
    }

    override fun cancel(run: String): Unit = runner.cancel(run)

    /** Starts nothing any more. */
    @Synchronized
    fun close() {
        isClosed = true
    }

    /** Whether a fire was given to this runner. */
    @Synchronized fun knows(fire: FireRecord): Boolean = fire.key() in items

    /** What has become of a fire; null when it is not known yet. */
    @Synchronized
    fun result(fire: FireRecord): FireResult? = items[fire.key()]?.done?.let(::resultNow)

    /** How many runs have not ended. */
    @get:Synchronized
    val unfinished: Int
        get() = items.values.count { !it.done.isDone }

    /** How all runs have ended that have. */
    @get:Synchronized
    val results: List<FireResult>
        get() = items.values.mapNotNull { resultNow(it.done) }

    private fun resultNow(done: CompletableFuture<FireResult>): FireResult? =
        if (done.isDone && !done.isCompletedExceptionally) done.getNow(null) else null
}
