package dev.emrys.emr

import dev.emrys.drive.Timers as DriveTimers
import dev.emrys.emulator.CallbackScheduler
import java.time.Duration
import java.time.Instant
import java.time.InstantSource
import java.util.ArrayDeque
import java.util.PriorityQueue
import java.util.concurrent.Executor

/** A clock, timers and an executor that go on only when the test says so. */
class ManualTime : InstantSource, DriveTimers, Executor {
    private data class Booked(val due: Instant, val seq: Long, val action: Runnable)

    private val booked = PriorityQueue<Booked>(compareBy({ it.due }, { it.seq }))
    private val submitted = ArrayDeque<Runnable>()
    private var seq = 0L
    private var now = Instant.parse("2026-04-25T03:00:00Z")

    @Synchronized override fun instant(): Instant = now

    @Synchronized
    override fun at(due: Instant, action: Runnable): DriveTimers.Scheduled {
        val entry = Booked(due, seq++, action)
        booked.add(entry)
        return DriveTimers.Scheduled { synchronized(this) { booked.remove(entry) } }
    }

    /** The same time, for the emulator. */
    val emulatorScheduler = CallbackScheduler { due, action -> at(due, action) }

    @Synchronized
    override fun execute(command: Runnable) {
        submitted.add(command)
    }

    /** Whether anything waits to be done now or at some later time. */
    @Synchronized fun idle() = submitted.isEmpty() && booked.isEmpty()

    /** Does all that is to be done at this moment. */
    fun settle() {
        var turns = 0
        while (true) {
            (next() ?: return).run()
            check(++turns < 1_000_000) {
                "This never comes to rest: something asks again without a pause."
            }
        }
    }

    /** Lets time pass, and does on the way what is due. */
    fun pass(duration: Duration) {
        val until = instant().plus(duration)
        settle()
        while (stepTo(until)) {
            settle()
        }
    }

    @Synchronized
    private fun next(): Runnable? =
        submitted.poll()
            ?: if (booked.peek()?.due?.isAfter(now) == false) booked.remove().action else null

    @Synchronized
    private fun stepTo(until: Instant): Boolean {
        val due = booked.peek()?.due
        if (due == null || due.isAfter(until)) {
            now = until
            return false
        }
        now = maxOf(now, due)
        return true
    }
}
