package dev.emrys.cli

import com.github.ajalt.mordant.animation.Animation
import com.github.ajalt.mordant.animation.textAnimation
import com.github.ajalt.mordant.rendering.AnsiLevel
import com.github.ajalt.mordant.terminal.Terminal
import com.google.common.collect.ImmutableList
import dev.emrys.drive.Listener
import dev.emrys.journal.RunRecord
import dev.emrys.run.Event
import dev.emrys.run.RunState
import dev.emrys.run.TaskState
import dev.emrys.spec.PipelineSpec
import java.time.Instant
import java.util.concurrent.Executors
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.ScheduledExecutorService
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit

/**
 * The progress of a run: on a terminal a table of the tasks, redrawn twice a second; elsewhere one
 * line per event. The driver's thread never waits for output. Thread-safe.
 */
internal class RunProgress(
    private val console: Console,
    private val spec: PipelineSpec,
    json: Boolean = false,
) : Listener {
    /** The table is drawn on standard output, which JSON needs for itself. */
    private val live = console.interactive && !json

    private var tasks: Array<TaskState> = emptyArray()

    /** Held while drawing, which blocks while the terminal's output is stopped (Ctrl-S). */
    private val drawing = Any()
    private var animation: Animation<List<TaskState>>? = null
    private var ticker: ScheduledExecutorService? = null
    @Volatile private var paused = false
    private val eventText = EventText()
    private val eventWriter =
        ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            LinkedBlockingQueue(),
            ::daemon,
            ThreadPoolExecutor.DiscardPolicy(),
        )

    private val terminal by lazy {
        if (console.colours) Terminal()
        else Terminal(ansiLevel = AnsiLevel.NONE, interactive = true)
    }

    private fun daemon(task: Runnable) = Thread(task, "emrys-progress").apply { isDaemon = true }

    fun begin(run: RunRecord) {
        console.status("Run ${run.name()} (${run.id()}) of pipeline ${spec.name()}")
        if (!live) return
        synchronized(drawing) { animation = newAnimation() }
        ticker =
            Executors.newSingleThreadScheduledExecutor(::daemon).also {
                it.scheduleWithFixedDelay(::draw, 0, REDRAW_MILLIS, TimeUnit.MILLISECONDS)
            }
    }

    override fun happened(events: ImmutableList<Event>, state: RunState) {
        synchronized(this) {
            if (tasks.isEmpty()) tasks = state.tasks().toTypedArray()
            // Only the tasks of these events: a run may have 100,000 tasks.
            for (event in events) {
                if (event is Event.OfTask) {
                    val index = state.graph().indexOf(event.task())
                    tasks[index] = state.task(index)
                }
            }
            if (!live) events.forEach { event -> eventWriter.execute { print(event) } }
        }
    }

    private fun snapshot() = synchronized(this) { tasks.toList() }

    private fun draw() {
        val now = snapshot()
        synchronized(drawing) { if (!paused && now.isNotEmpty()) animation?.update(now) }
    }

    private fun newAnimation(): Animation<List<TaskState>> = terminal.textAnimation {
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

    /** Writes the remaining events, and replaces the live table by one with every task. */
    fun end() {
        eventWriter.shutdown()
        eventWriter.awaitTermination(FLUSH_SECONDS, TimeUnit.SECONDS)
        ticker?.shutdownNow()
        synchronized(drawing) {
            val last = animation ?: return
            animation = null
            if (paused) last.stop() else last.clear()
            val tasks = snapshot()
            if (tasks.isNotEmpty()) {
                console.print(TaskTable(tasks, Instant.now(), terminal.size.width).toString())
            }
        }
    }

    private fun print(event: Event) {
        val text = eventText.of(event) ?: return
        console.status("${Formats.time(event.at())}  $text")
    }

    private companion object {
        const val REDRAW_MILLIS = 500L
        const val FLUSH_SECONDS = 10L
    }
}
