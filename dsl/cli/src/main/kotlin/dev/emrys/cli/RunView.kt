package dev.emrys.cli

import com.github.ajalt.mordant.animation.Animation
import com.github.ajalt.mordant.animation.textAnimation
import com.github.ajalt.mordant.rendering.AnsiLevel
import com.github.ajalt.mordant.terminal.Terminal
import com.google.common.collect.ImmutableList
import dev.emrys.drive.Listener
import dev.emrys.journal.RunRecord
import dev.emrys.run.Event
import dev.emrys.run.Phase
import dev.emrys.run.RunState
import dev.emrys.run.TaskState
import dev.emrys.spec.PipelineSpec
import java.time.Duration
import java.time.Instant
import java.time.LocalTime
import java.time.ZoneId
import java.time.temporal.ChronoUnit
import java.util.concurrent.Executors
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.ScheduledExecutorService
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit

/**
 * How a run is going. On a terminal a line per task, drawn over twice a second: state, attempt,
 * time. Elsewhere a plain line for every fact. Thread-safe.
 */
internal class RunView(
    private val console: Console,
    private val spec: PipelineSpec,
    json: Boolean = false,
) : Listener {
    /** What is drawn goes to standard output, where a program may be reading. */
    private val live = console.interactive && !json

    private var tasks: Array<TaskState> = emptyArray()

    /**
     * Held while something is drawn, which lasts for as long as a terminal stands still (Ctrl-S):
     * whoever drives the run never waits for it.
     */
    private val pen = Any()
    private var animation: Animation<List<TaskState>>? = null
    private var ticker: ScheduledExecutorService? = null
    @Volatile private var paused = false
    private val teller =
        ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            LinkedBlockingQueue(),
            ::daemon,
            ThreadPoolExecutor.DiscardPolicy(),
        )

    private fun daemon(task: Runnable) = Thread(task, "emrys-view").apply { isDaemon = true }

    fun begin(run: RunRecord) {
        console.problem("Run ${run.name()} (${run.id()}) of pipeline ${spec.name()}")
        if (!live) return
        synchronized(pen) { animation = picture() }
        ticker =
            Executors.newSingleThreadScheduledExecutor(::daemon).also {
                it.scheduleWithFixedDelay(::draw, 0, REDRAW_MILLIS, TimeUnit.MILLISECONDS)
            }
    }

    override fun happened(events: ImmutableList<Event>, state: RunState) {
        synchronized(this) {
            if (tasks.isEmpty()) tasks = state.tasks().toTypedArray()
            // Only what the facts are about: a run may have a hundred thousand tasks.
            for (event in events) {
                if (event is Event.OfTask) {
                    val index = state.graph().indexOf(event.task())
                    tasks[index] = state.task(index)
                }
            }
            // Not on the driver's thread: a reader that stands still, less say, must not hold the
            // run up.
            if (!live) events.forEach { event -> teller.execute { say(event) } }
        }
    }

    private fun draw() {
        val now = synchronized(this) { tasks.toList() }
        synchronized(pen) { if (!paused && now.isNotEmpty()) animation?.update(now) }
    }

    private fun picture(): Animation<List<TaskState>> {
        val terminal =
            if (console.colours) Terminal()
            else Terminal(ansiLevel = AnsiLevel.NONE, interactive = true)
        return terminal.textAnimation {
            val width = terminal.size.width
            // To the edge: what stood there before may have been longer.
            TaskLines(it, Instant.now(), width, terminal.size.height - 2)
                .toString()
                .lines()
                .joinToString("\n") { line ->
                    line.padEnd(maxOf(0, width - 1))
                }
        }
    }

    /** The picture stays where it is, and what is said and answered stands below it. */
    fun pause() {
        paused = true
        synchronized(pen) { animation?.stop() }
    }

    fun proceed() {
        synchronized(pen) { if (animation != null) animation = picture() }
        paused = false
    }

    /** Draws the last picture; what is still to be told is told. */
    fun end() {
        teller.shutdown()
        teller.awaitTermination(LAST_WORDS_SECONDS, TimeUnit.SECONDS)
        endPicture()
    }

    private fun endPicture() {
        ticker?.shutdownNow()
        paused = false
        draw()
        synchronized(pen) {
            animation?.stop()
            animation = null
        }
    }

    private fun say(event: Event) {
        val words = Story.of(event) ?: return
        val time =
            LocalTime.ofInstant(event.at(), ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS)
        console.problem("${time.format(TIME)}  $words")
    }

    private companion object {
        const val REDRAW_MILLIS = 500L
        const val LAST_WORDS_SECONDS = 10L
        val TIME: java.time.format.DateTimeFormatter =
            java.time.format.DateTimeFormatter.ofPattern("HH:mm:ss")
    }
}

/**
 * One line a task: state, attempt, time. Long runs show what is under way and what failed, and
 * count the rest.
 */
internal class TaskLines(
    private val tasks: List<TaskState>,
    private val now: Instant,
    private val width: Int,
    private val height: Int = Int.MAX_VALUE,
) {
    override fun toString(): String {
        // What is drawn over must fit on the screen, where its size is known.
        val most =
            when {
                height == Int.MAX_VALUE -> height
                height < LEAST_HEIGHT -> MOST
                else -> height.coerceAtMost(MOST)
            }
        val shown =
            if (tasks.size <= most) tasks
            else tasks.filter { it.phase().open() || it.phase() == Phase.FAILED }.take(most - 1)
        // A long name gives way to what becomes of the task.
        val room = (width - AROUND_NAME).coerceIn(LEAST_NAME_WIDTH, NAME_WIDTH)
        val nameWidth = (shown.maxOfOrNull { it.task().length } ?: 0).coerceAtMost(room)
        val lines = shown.map { line(it, nameWidth).take(maxOf(20, width - 1)) }
        val rest = tasks.size - shown.size
        return (if (rest > 0)
                lines +
                    "… and $rest more, ${tasks.count { it.phase().over() }} of ${tasks.size} over"
            else lines)
            .joinToString("\n")
    }

    private fun line(task: TaskState, nameWidth: Int): String {
        val name =
            if (task.task().length > nameWidth) task.task().take(nameWidth - 1) + "…"
            else task.task().padEnd(nameWidth)
        val attempt = if (task.attempt() > 1) ", attempt ${task.attempt()}" else ""
        return "${mark(task.phase())} $name  ${(Words.phase(task.phase()) + attempt).padEnd(STATE_WIDTH)} ${elapsed(task)}"
    }

    private fun mark(phase: Phase) =
        when (phase) {
            Phase.SUCCEEDED -> "✓"
            Phase.FAILED,
            Phase.FELL -> "✗"
            Phase.CANCELLED,
            Phase.SKIPPED -> "–"
            Phase.WAITING -> "·"
            Phase.BACKOFF -> "↻"
            else -> "▸"
        }

    private fun elapsed(task: TaskState): String {
        val since = task.runningSince() ?: task.since() ?: return ""
        if (task.phase() == Phase.BACKOFF) {
            return "in " + Words.duration(Duration.between(now, task.until() ?: now))
        }
        return Words.duration(
            Duration.between(since, if (task.phase().over()) task.until() ?: now else now)
        )
    }

    private companion object {
        const val MOST = 30
        const val LEAST_HEIGHT = 3
        const val NAME_WIDTH = 40
        const val LEAST_NAME_WIDTH = 8
        const val STATE_WIDTH = 22

        /** The mark, the state, the time and what stands between them. */
        const val AROUND_NAME = 2 + 2 + STATE_WIDTH + 1 + 13
    }
}

/** A fact in words; null for what people need not hear. */
internal object Story {
    fun of(event: Event): String? =
        when (event) {
            is Event.RunStarted -> null
            is Event.RunResumed -> "resumed by ${event.by()}"
            is Event.RunReopened -> "goes on, by ${event.by()}"
            is Event.CancelRequested -> "cancellation asked for by ${event.by()}"
            is Event.RunEnded -> "run ${event.outcome().name.lowercase()}"
            is Event.OfTask -> ofTask(event)?.let { "${event.task()}${attempt(event)}  $it" }
        }

    private fun attempt(event: Event.OfTask) =
        if (event.attempt() > 1) " (attempt ${event.attempt()})" else ""

    private fun ofTask(event: Event.OfTask): String? =
        when (event) {
            is Event.AttemptIntended -> null
            is Event.AttemptAccepted -> "accepted, ${event.remoteId()}"
            is Event.AttemptRunning -> "running"
            is Event.AttemptSucceeded -> "succeeded"
            is Event.AttemptFailed -> "attempt failed: ${event.reason().lines().first()}"
            is Event.AttemptCancelling -> "is being cancelled"
            is Event.AttemptTimedOut -> "ran longer than its timeout, is being cancelled"
            is Event.AttemptCancelled -> "cancelled"
            is Event.ClusterLost -> "lost: ${event.reason()}"
            is Event.RetryPlanned ->
                "tries again in ${Words.duration(Duration.between(event.at(), event.due()))}"
            is Event.RetryDue -> null
            is Event.TaskFailed -> "failed"
            is Event.TaskSkipped -> "skipped: ${event.because()} did not succeed"
            is Event.TaskCancelled -> "cancelled"
        }
}
