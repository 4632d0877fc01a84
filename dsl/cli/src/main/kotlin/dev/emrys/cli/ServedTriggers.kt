package dev.emrys.cli

import dev.emrys.journal.FireRecord
import dev.emrys.journal.ScheduleChange
import dev.emrys.runtime.Engine
import dev.emrys.scheduler.ServedSchedule
import dev.emrys.scheduler.TriggerThreads
import java.time.Duration
import java.time.InstantSource

/** What schedules wait for, as a command looks for it. Thread-safe. */
internal class ServedTriggers(engine: Engine, by: String, private val log: ServeLog) :
    AutoCloseable {
    private val poller = engine.schedules().triggers(by, ::recorded)
    private val threads = lazy {
        TriggerThreads(poller, InstantSource.system()) { log.say("bug", "$it", ServeLog.ERROR) }
    }

    /** Looks again and again, until this is closed. */
    fun serve(schedules: List<ServedSchedule>) = threads.value.serve(schedules)

    /** Looks once. */
    fun poll(schedules: List<ServedSchedule>) = schedules.forEach(poller::poll)

    /** What the scheduler decides about, it tells itself. */
    private fun recorded(change: ScheduleChange) {
        change.events().forEach(log::happened)
        change
            .fires()
            .filter { it.state() == FireRecord.State.SKIPPED }
            .forEach { log.decided(it, Duration.ZERO) }
    }

    override fun close() {
        if (threads.isInitialized()) threads.value.close()
    }
}
