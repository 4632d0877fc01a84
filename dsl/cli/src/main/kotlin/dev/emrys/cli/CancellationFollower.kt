package dev.emrys.cli

import dev.emrys.run.Outcome
import dev.emrys.runtime.Engine
import dev.emrys.runtime.RunHandle
import dev.emrys.view.RunFeed
import dev.emrys.view.RunHeader
import dev.emrys.view.RunView
import java.time.Instant
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ExecutionException
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException

/**
 * Waits for the end of a run whose cancellation has been requested, and reports it. While no
 * process drives the run, this one does.
 */
internal class CancellationFollower(
    private val console: Console,
    private val engine: Engine,
    json: Boolean,
) {
    private val progress = ProgressDisplay(console, json)

    /** Returns the exit code. */
    fun follow(run: RunHeader): Int {
        // A feed of its own: the progress reads the other one at the speed of its output.
        val feed = engine.runs().follow(run.id())
        progress.begin(run, engine.runs().follow(run.id()))
        val end =
            try {
                InterruptedWait().use { await(run, feed, it) }
            } finally {
                progress.end()
            }
        feed.skip()
        return when (end) {
            is End.Ended -> report(feed.view(), end.outcome)
            End.StillDriven -> {
                console.status(
                    "No longer waiting. The cancellation continues in the process that drives the run."
                )
                console.status("    ${next().text("show", run.name())}    shows how it ended")
                ExitCode.INTERRUPTED.code
            }
            End.Released -> {
                console.status(
                    "The cancellation is recorded, but no process drives the run any longer: its clusters may still run."
                )
                console.status("    ${next().text("cancel", run.name())}    ends them")
                ExitCode.INTERRUPTED.code
            }
        }
    }

    private fun next() = NextCommands(engine)

    private sealed interface End {
        class Ended(val outcome: Outcome) : End

        /** Interrupted while another process drives the run. */
        data object StillDriven : End

        /** Interrupted while this process drove the run. */
        data object Released : End
    }

    private fun await(run: RunHeader, feed: RunFeed, interrupted: InterruptedWait): End {
        val silence = SilenceReport(run.name(), Instant.now())
        var announced = false
        while (true) {
            // Read before the events: a driver that ends the run releases it after its last event.
            val driver = engine.runs().find(run.id()).map { it.driver() }.orElse(null)
            readNew(feed, silence)
            feed.header().outcome()?.let {
                return End.Ended(it)
            }
            if (driver == null) {
                drive(run, interrupted)?.let {
                    return it
                }
            } else {
                val waitingFor = EndingText.of(feed.view())
                if (!announced) say("Waiting for its end: $waitingFor.")
                announced = true
                silence.due(Instant.now(), driver, waitingFor)?.let(::say)
            }
            if (interrupted.within(POLL_MILLIS)) return End.StillDriven
        }
    }

    private fun readNew(feed: RunFeed, silence: SilenceReport) {
        while (true) {
            val read = feed.next()
            if (read.isEmpty()) return
            silence.heard(Instant.now())
            progress.changed()
        }
    }

    private fun say(text: String) {
        progress.pause()
        console.status(text)
        progress.proceed()
    }

    /** Null when another process has begun to drive the run. */
    private fun drive(run: RunHeader, interrupted: InterruptedWait): End? {
        val handle =
            try {
                engine.takeOver(run.id(), progress::changed)
            } catch (_: Engine.HeldException) {
                return null
            }
        say("No other process drives the run: this one ends its clusters.")
        val outcome = interrupted.orOutcome(handle)
        if (outcome != null) return End.Ended(outcome)
        handle.abandon().join()
        // The run may have ended while it was released.
        val done = handle.done()
        return if (done.isCompletedExceptionally) End.Released else End.Ended(done.join())
    }

    private fun report(run: RunView, outcome: Outcome): Int {
        val name = run.header().name()
        // A cluster that could not be ended costs money: it must not be overlooked.
        val alive = run.clusters().map { it.end() }.filter { it.isFailed }
        val clusters =
            when {
                // One that was there before the run is not ended.
                run.clusters().isEmpty() -> "it has started no cluster"
                alive.isEmpty() && run.clusters().any { it.isKept } ->
                    "its clusters have ended, but for those that it keeps"
                alive.isEmpty() -> "its clusters have ended"
                else -> "not all of its clusters have ended"
            }
        console.status(
            if (outcome == Outcome.CANCELLED) "Run $name cancelled; $clusters."
            else
                "The run $name ${outcome.name.lowercase()} before it could be cancelled; $clusters."
        )
        alive.forEach { console.status("    ${it.id()}: ${it.reason()}") }
        if (alive.isNotEmpty()) {
            console.status("    End them on EMR, or try again: ${next().text("resume", name)}")
        }
        return if (outcome == Outcome.CANCELLED && alive.isEmpty()) ExitCode.SUCCEEDED.code
        else ExitCode.PIPELINE_FAILED.code
    }

    private companion object {
        const val POLL_MILLIS = 250L
    }
}

/**
 * Makes Ctrl-C, SIGTERM and SIGHUP end a wait, until it is closed. A second one ends this process
 * at once.
 */
private class InterruptedWait : AutoCloseable {
    private val signal = CompletableFuture<Outcome?>()
    private val previous =
        Signals.ENDING.map { name ->
            Signals.handle(name) {
                if (!signal.complete(null)) {
                    Runtime.getRuntime().halt(ExitCode.INTERRUPTED.code)
                }
            }
        }

    /** Waits that long; true when a signal came. */
    fun within(millis: Long): Boolean =
        try {
            signal.get(millis, TimeUnit.MILLISECONDS)
            true
        } catch (_: TimeoutException) {
            false
        }

    /** The run's outcome; null when a signal came before it. */
    fun orOutcome(handle: RunHandle): Outcome? {
        val done = handle.done()
        try {
            CompletableFuture.anyOf(done, signal).get()
        } catch (e: ExecutionException) {
            throw e.cause ?: e
        }
        return if (done.isDone) done.join() else null
    }

    override fun close() = previous.forEach { it.close() }
}
