package dev.emrys.cli

import com.github.ajalt.mordant.animation.Animation
import com.github.ajalt.mordant.animation.textAnimation
import com.github.ajalt.mordant.rendering.AnsiLevel
import com.github.ajalt.mordant.terminal.Terminal
import dev.emrys.journal.JournalException
import dev.emrys.view.RunFeed
import dev.emrys.view.RunHeader
import dev.emrys.view.TaskView
import java.time.Instant
import java.util.concurrent.Executors
import java.util.concurrent.ScheduledExecutorService
import java.util.concurrent.Semaphore
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread

/**
 * The progress of a run: on a terminal a table of the tasks, redrawn twice a second; elsewhere one
 * line per change. It reads the changes from the journal at the speed of its output: a terminal
 * that is stopped (Ctrl-S) costs no memory, and the driver's thread never waits for it.
 * Thread-safe.
 */
internal class ProgressDisplay(private val console: Console, json: Boolean = false) {
    /** The table is drawn on standard output, which JSON needs for itself. */
    private val live = console.interactive && !json

    private var feed: RunFeed? = null
    private val changes = Semaphore(0)
    @Volatile private var ended = false
    private var reader: Thread? = null

    /** Held while drawing, which blocks while the terminal's output is stopped (Ctrl-S). */
    private val drawing = Any()
    private var animation: Animation<List<TaskView>>? = null
    private var ticker: ScheduledExecutorService? = null
    @Volatile private var paused = false

    private val terminal by lazy {
        if (console.colours) Terminal()
        else Terminal(ansiLevel = AnsiLevel.NONE, interactive = true)
    }

    private fun daemon(task: Runnable) = Thread(task, "emrys-progress").apply { isDaemon = true }

    /** Called when the run has changed; does not block. */
    fun changed() = changes.release()

    /** Begins to show what [feed] reads of the run. */
    fun begin(run: RunHeader, feed: RunFeed) {
        console.status("Run ${run.name()} (${run.id()}) of pipeline ${run.pipeline()}")
        this.feed = feed
        if (!live) {
            reader = thread(isDaemon = true, name = "emrys-progress") { printChanges(feed) }
            return
        }
        synchronized(drawing) { animation = newAnimation() }
        ticker =
            Executors.newSingleThreadScheduledExecutor(::daemon).also {
                it.scheduleWithFixedDelay(::draw, 0, REDRAW_MILLIS, TimeUnit.MILLISECONDS)
            }
    }

    private fun printChanges(feed: RunFeed) {
        try {
            while (true) {
                val last = ended
                changes.drainPermits()
                printNew(feed)
                if (last) return
                changes.acquire()
            }
        } catch (e: JournalException) {
            console.status("The progress cannot be shown any longer: ${e.message}")
        }
    }

    private fun printNew(feed: RunFeed) {
        while (true) {
            val read = feed.next()
            if (read.isEmpty()) return
            for (change in read) {
                val text = ChangeText.of(change) ?: continue
                console.status("${Formats.time(change.at())}  $text")
            }
        }
    }

    private fun tasks(): List<TaskView> {
        val feed = feed ?: return emptyList()
        feed.skip()
        return feed.tasks()
    }

    private fun draw() {
        val now =
            try {
                tasks()
            } catch (_: JournalException) {
                // The driver meets the same failure, and reports it.
                return
            }
        synchronized(drawing) { if (!paused && now.isNotEmpty()) animation?.update(now) }
    }

    private fun newAnimation(): Animation<List<TaskView>> = terminal.textAnimation {
        val width = terminal.size.width
        // Padded, because the line below it on the screen may have been longer.
        TaskTable(it, Instant.now(), width, terminal.size.height - 2)
            .toString()
            .lines()
            .joinToString("\n") { line ->
                line.padEnd(maxOf(0, width - 1))
            }
    }

    /** Leaves the table where it is; what is printed next is below it. */
    fun pause() {
        paused = true
        synchronized(drawing) { animation?.stop() }
    }

    fun proceed() {
        synchronized(drawing) { if (animation != null) animation = newAnimation() }
        paused = false
    }

    /** Prints the remaining changes, and replaces the live table by one with every task. */
    fun end() {
        ended = true
        changes.release()
        reader?.join(TimeUnit.SECONDS.toMillis(FLUSH_SECONDS))
        ticker?.shutdownNow()
        synchronized(drawing) {
            val last = animation ?: return
            animation = null
            if (paused) last.stop() else last.clear()
            val tasks =
                try {
                    tasks()
                } catch (_: JournalException) {
                    emptyList()
                }
            if (tasks.isNotEmpty()) {
                console.print(TaskTable(tasks, Instant.now(), terminal.size.width).toString())
            }
        }
    }

    private companion object {
        const val REDRAW_MILLIS = 500L
        const val FLUSH_SECONDS = 10L
    }
}
