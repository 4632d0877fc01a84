package dev.emrys.drive.simulation

import java.time.Duration
import java.time.Instant
import java.util.PriorityQueue

/** The life of one process: what it had under way ends with it. */
class Life {
    var over = false
        private set

    fun end() {
        over = true
    }
}

/** All that happens, one thing after the other, in an order that the seed alone decides. */
class VirtualTime {
    private class Coming(val at: Instant, val order: Long, val life: Life?, val action: () -> Unit)

    private val coming = PriorityQueue(compareBy<Coming>({ it.at }, { it.order }))
    private var order = 0L
    var now: Instant = Instant.parse("2026-01-01T00:00:00Z")
        private set

    /** @param life whose end takes the action with it; null for what the world does */
    fun at(due: Instant, life: Life?, action: () -> Unit) {
        coming += Coming(maxOf(due, now), order++, life, action)
    }

    fun after(wait: Duration, life: Life?, action: () -> Unit) = at(now + wait, life, action)

    /** Lets the next thing happen. */
    fun step() {
        val next = checkNotNull(coming.poll()) { "nothing happens any more" }
        now = next.at
        if (next.life?.over != true) next.action()
    }
}
