package dev.emrys.cli

import com.google.common.base.Ticker
import dev.emrys.runtime.Engine
import dev.emrys.scheduler.ServedSchedule
import dev.emrys.scheduler.TriggerThreads
import java.time.Duration

/** What schedules wait for, as a command looks for it. Thread-safe. */
internal class ServedTriggers(engine: Engine, by: String, private val log: ServeLog) :
    AutoCloseable {
    private val poller =
        engine.schedules().triggers(by, { log.decided(it, Duration.ZERO) }, log::happened)
    private val threads = lazy {
        TriggerThreads(poller, Ticker.systemTicker()) { log.say("bug", "$it", ServeLog.ERROR) }
    }

    /** Looks again and again, until this is closed. */
    fun serve(schedules: List<ServedSchedule>) = threads.value.serve(schedules)

    /** Looks once. */
    fun poll(schedules: List<ServedSchedule>) = schedules.forEach(poller::poll)

    override fun close() {
        if (threads.isInitialized()) threads.value.close()
    }
}
