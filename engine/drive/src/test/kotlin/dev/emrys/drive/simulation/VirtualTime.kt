package dev.emrys.drive.simulation

import java.time.Duration
import java.time.Instant
import java.util.PriorityQueue

/** The lifetime of one process; its scheduled actions are dropped when it ends. */
class ProcessLifetime {
    var ended = false
        private set

    fun end() {
        ended = true
    }
}

/** Executes all scheduled actions one after the other, in an order that the seed alone decides. */
class VirtualTime {
    private class Scheduled(
        val at: Instant,
        val order: Long,
        val lifetime: ProcessLifetime?,
        val action: () -> Unit,
    )

    private val queue = PriorityQueue(compareBy<Scheduled>({ it.at }, { it.order }))
    private var order = 0L
    var now: Instant = Instant.parse("2026-01-01T00:00:00Z")
        private set

    /**
     * @param lifetime the process whose end drops the action; null for actions outside of a process
     */
    fun at(due: Instant, lifetime: ProcessLifetime?, action: () -> Unit) {
        queue += Scheduled(maxOf(due, now), order++, lifetime, action)
    }

    fun after(wait: Duration, lifetime: ProcessLifetime?, action: () -> Unit) =
        at(now + wait, lifetime, action)

    /** Executes the next action. */
    fun step() {
        val next = checkNotNull(queue.poll()) { "no action is scheduled any more" }
        now = next.at
        if (next.lifetime?.ended != true) next.action()
    }
}
