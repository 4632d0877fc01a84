package dev.emrys.cli

import com.google.common.base.Throwables
import dev.emrys.drive.Driver
import dev.emrys.run.Outcome
import dev.emrys.runtime.RunHandle
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ExecutionException
import java.util.concurrent.atomic.AtomicBoolean
import kotlin.concurrent.thread
import sun.misc.Signal

/**
 * Ctrl-C asks once: leave the run resumable, cancel it and end its clusters, or go on. A second
 * Ctrl-C, or one where nobody can be asked, leaves it; so does a terminal that is closed. Nothing
 * that EMR does is lost either way: the journal knows of it.
 */
internal class Interrupt(
    private val console: Console,
    private val handle: RunHandle,
    private val view: RunView,
) {
    private val left = CompletableFuture<Outcome?>()
    private val asking = AtomicBoolean()
    private val leaving = AtomicBoolean()

    /** How the run ended, or null when it was left. */
    fun outcome(): Outcome? {
        val old =
            listOf("INT", "TERM", "HUP").map { name ->
                Signal(name).let { it to Signal.handle(it) { heard(name) } }
            }
        try {
            val done =
                handle.done().handle { outcome, failure ->
                    if (failure != null) throw failure else outcome
                }
            CompletableFuture.anyOf(done, left).get()
            // A signal in the moment of the end does not undo the end.
            return if (done.isDone) done.get() else null
        } catch (e: ExecutionException) {
            if (Throwables.getCausalChain(e).any { it is Driver.AbandonedException }) return null
            throw e.cause ?: e
        } finally {
            old.forEach { (signal, handler) -> Signal.handle(signal, handler) }
        }
    }

    private fun heard(signal: String) {
        if (signal != "INT" || !console.interactive || !asking.compareAndSet(false, true)) {
            leave()
        } else {
            thread(isDaemon = true, name = "emrys-question") { ask() }
        }
    }

    private fun ask() {
        view.pause()
        console.problem("")
        while (true) {
            console.problem(
                "Ctrl-C. [l]eave the run to be resumed, [c]ancel it and end its clusters, or [g]o on?"
            )
            val answer = System.console()?.readLine()
            when (answer?.trim()?.lowercase()?.take(1)) {
                "c" -> {
                    console.problem("Cancelling: the clusters are being ended.")
                    handle.cancel("Ctrl-C")
                    return view.proceed()
                }
                "g" -> {
                    console.problem("Going on.")
                    asking.set(false)
                    return view.proceed()
                }
                "l",
                null -> return leave()
            }
        }
    }

    private fun leave() {
        if (!leaving.compareAndSet(false, true)) {
            // A call to EMR hangs, and somebody has no time. It is a crash, which a resume mends.
            Runtime.getRuntime().halt(ExitCode.INTERRUPTED.code)
        }
        handle.abandon().thenRun { left.complete(null) }
    }
}
