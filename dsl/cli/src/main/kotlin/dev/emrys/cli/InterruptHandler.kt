package dev.emrys.cli

import dev.emrys.run.Outcome
import dev.emrys.runtime.RunHandle
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ExecutionException
import java.util.concurrent.atomic.AtomicBoolean
import kotlin.concurrent.thread

/**
 * Signals while a run is driven. The first Ctrl-C on a terminal asks: detach, cancel, or keep
 * running. A second Ctrl-C, a Ctrl-C without a terminal, SIGTERM and SIGHUP detach. Nothing is lost
 * by it: the journal has everything that EMR was told, and the run can be resumed.
 */
internal class InterruptHandler(
    private val console: Console,
    private val handle: RunHandle,
    private val progress: ProgressDisplay,
) {
    private val detached = CompletableFuture<Outcome?>()
    private val asking = AtomicBoolean()
    private val detaching = AtomicBoolean()

    /** Waits for the end of the run. Null when this process detached from it. */
    fun outcome(): Outcome? {
        val handlers = Signals.ENDING.map { name -> Signals.handle(name) { onSignal(name) } }
        try {
            val done =
                handle.done().handle { outcome, failure ->
                    if (failure != null) throw failure else outcome
                }
            CompletableFuture.anyOf(done, detached).get()
            // A run that ended while the signal was handled has ended.
            return if (done.isDone) done.get() else null
        } catch (e: ExecutionException) {
            if (RunHandle.isAbandoned(e)) return null
            throw e.cause ?: e
        } finally {
            handlers.forEach { it.close() }
        }
    }

    private fun onSignal(signal: String) {
        if (signal != "INT" || !console.interactive || !asking.compareAndSet(false, true)) {
            detach()
        } else {
            thread(isDaemon = true, name = "emrys-question") { ask() }
        }
    }

    private fun ask() {
        progress.pause()
        console.status("")
        while (true) {
            console.status(
                "Ctrl-C. [d]etach (resume it later), [c]ancel the run and end its clusters, or [k]eep running?"
            )
            val answer = System.console()?.readLine()
            when (answer?.trim()?.lowercase()?.take(1)) {
                "c" -> {
                    console.status("Cancelling: the clusters are being ended.")
                    handle.cancel("Ctrl-C")
                    return progress.proceed()
                }
                "k" -> {
                    console.status("The run continues.")
                    asking.set(false)
                    return progress.proceed()
                }
                "d",
                null -> return detach()
            }
        }
    }

    private fun detach() {
        if (!detaching.compareAndSet(false, true)) {
            // A call to EMR does not return, and the user has asked twice. A resume recovers from
            // it
            // as from a crash.
            Runtime.getRuntime().halt(ExitCode.INTERRUPTED.code)
        }
        handle.abandon().thenRun { detached.complete(null) }
    }
}
