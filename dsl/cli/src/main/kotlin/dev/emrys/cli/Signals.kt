package dev.emrys.cli

import sun.misc.Signal

/** Handlers of the process's signals. */
internal object Signals {
    /** Ctrl-C, a request to end, and the end of the terminal. */
    val ENDING = listOf("INT", "TERM", "HUP")

    /** @return restores the handler before this one when it is closed */
    fun handle(name: String, action: () -> Unit): AutoCloseable {
        val signal = Signal(name)
        val previous = Signal.handle(signal) { action() }
        return AutoCloseable { Signal.handle(signal, previous) }
    }
}
