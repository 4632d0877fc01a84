package dev.emrys.host

import dev.emrys.language.EmrScript
import dev.emrys.language.ScriptEvaluation
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.HostCode
import java.util.concurrent.TimeUnit

/** Tells the frames of a script from others. */
internal object ScriptFrames {
    private const val SUFFIX = "." + EmrScript.EXTENSION

    fun isOfScript(frame: StackTraceElement): Boolean =
        frame.lineNumber > 0 && frame.fileName?.endsWith(SUFFIX) == true
}

/** The thread of a script, and all that it starts. */
internal class ScriptThreads(name: String) : ThreadGroup(name) {
    /** An [ExitAttempt] is reported as a diagnostic. */
    override fun uncaughtException(thread: Thread, failure: Throwable) {
        if (failure !is ExitAttempt) super.uncaughtException(thread, failure)
    }

    /** A thread of the script that does not end; null when there is none. */
    fun left(): Thread? {
        val end = System.nanoTime() + GRACE
        for (thread in threads()) {
            val rest = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())
            thread.join(rest.coerceAtLeast(1))
            if (thread.isAlive) return thread
        }
        return null
    }

    private fun threads(): List<Thread> {
        // The count is an estimate; the array must have room for one more to show that it was
        // enough.
        var threads = arrayOfNulls<Thread>(activeCount() + 1)
        var count = enumerate(threads)
        while (count == threads.size) {
            threads = arrayOfNulls(threads.size * 2)
            count = enumerate(threads)
        }
        return threads.take(count).filterNotNull()
    }

    private companion object {
        /** How long a thread that is about to end may take after the end of the script. */
        val GRACE = TimeUnit.MILLISECONDS.toNanos(500)
    }
}

/** Reports a script that ends this process, when it could not be prevented. */
internal class ExitHook(
    private val group: ThreadGroup,
    private val evaluation: ScriptEvaluation,
    private val onExit: (Diagnostic) -> Unit,
) {
    private val thread = Thread({ diagnostic()?.let(onExit) }, "emrys-script-exit")

    fun add() {
        try {
            Runtime.getRuntime().addShutdownHook(thread)
        } catch (_: IllegalStateException) {
            // The process is ending already, and not because of this script.
        }
    }

    fun remove() {
        try {
            Runtime.getRuntime().removeShutdownHook(thread)
        } catch (_: IllegalStateException) {
            // The process is ending.
        }
    }

    /** Null when the process ends for another reason, such as a signal. */
    private fun diagnostic(): Diagnostic? {
        val stack =
            Thread.getAllStackTraces()
                .entries
                .firstOrNull { (thread, stack) ->
                    stack.any { it.className == "java.lang.Shutdown" } &&
                        (thread.threadGroup === group || stack.any(ScriptFrames::isOfScript))
                }
                ?.value ?: return null
        return HostCode.SCRIPT_EXIT.at(
            evaluation.location(stack),
            "System.exit through another method",
        )
    }
}
