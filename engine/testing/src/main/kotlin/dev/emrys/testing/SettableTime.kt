package dev.emrys.testing

import java.time.Duration
import java.time.Instant
import java.time.InstantSource
import java.util.ArrayDeque
import java.util.PriorityQueue
import java.util.concurrent.Executor

/**
 * A clock, timers and an executor that go on only when the test says so, in an order that depends
 * on nothing else. Any thread may schedule and execute; the actions run in the thread of the test.
 */
public open class SettableTime(start: Instant = Instant.parse("2026-04-25T03:00:00Z")) :
    InstantSource, Executor {
    private class Timer(val due: Instant, val order: Long, val action: Runnable)

    private val timers = PriorityQueue<Timer>(compareBy({ it.due }, { it.order }))
    private val submitted = ArrayDeque<Runnable>()
    private var order = 0L
    private var now = start

    @Synchronized override fun instant(): Instant = now

    /** @return removes the timer; without effect when it has run */
    @Synchronized
    public fun schedule(due: Instant, action: Runnable): () -> Unit {
        val timer = Timer(due, order++, action)
        timers.add(timer)
        return { synchronized(this) { timers.remove(timer) } }
    }

    @Synchronized
    override fun execute(command: Runnable) {
        submitted.add(command)
    }

    /** Whether nothing is to be done, now or at some later time. */
    @Synchronized public fun idle(): Boolean = submitted.isEmpty() && timers.isEmpty()

    /** Does all that is to be done at this moment. */
    public fun settle() {
        var turns = 0
        while (true) {
            (next() ?: return).run()
            check(++turns < 1_000_000) {
                "This never comes to rest: something asks again without a pause."
            }
        }
    }

    /** Lets time pass, and does on the way what is due. */
    public fun pass(duration: Duration) {
        val until = instant().plus(duration)
        settle()
        while (stepTo(until)) {
            settle()
        }
    }

    @Synchronized
    private fun next(): Runnable? =
        submitted.poll()
            ?: if (timers.peek()?.due?.isAfter(now) == false) timers.remove().action else null

    @Synchronized
    private fun stepTo(until: Instant): Boolean {
        val due = timers.peek()?.due
        if (due == null || due.isAfter(until)) {
            now = until
            return false
        }
        now = maxOf(now, due)
        return true
    }
}
