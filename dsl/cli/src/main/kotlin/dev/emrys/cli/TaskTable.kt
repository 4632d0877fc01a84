package dev.emrys.cli

import dev.emrys.view.TaskView
import java.time.Instant

/**
 * One line per task: phase, attempt, elapsed time.
 *
 * @param width columns of the terminal; names are shortened to fit
 * @param height lines that may be used. When there are more tasks, those that are active or failed
 *   are shown, and the others are counted
 */
internal class TaskTable(
    private val tasks: List<TaskView>,
    private val now: Instant,
    private val width: Int,
    private val height: Int = Int.MAX_VALUE,
) {
    override fun toString(): String {
        val maxLines =
            when {
                height == Int.MAX_VALUE -> height
                // A terminal that does not tell its height.
                height < MIN_HEIGHT -> MAX_LIVE_LINES
                else -> height.coerceAtMost(MAX_LIVE_LINES)
            }
        val shown =
            if (tasks.size <= maxLines) tasks
            else tasks.filter { it.isActive || it.isFailed }.take(maxLines - 1)
        val maxName = (width - OTHER_COLUMNS).coerceIn(MIN_NAME_WIDTH, MAX_NAME_WIDTH)
        val nameWidth = (shown.maxOfOrNull { it.id().length } ?: 0).coerceAtMost(maxName)
        val lines = shown.map { line(it, nameWidth).take(maxOf(20, width - 1)) }
        val rest = tasks.size - shown.size
        val count = "… and $rest more; ${tasks.count { it.isFinal }} of ${tasks.size} ended"
        return (if (rest > 0) lines + count else lines).joinToString("\n")
    }

    private fun line(task: TaskView, nameWidth: Int): String {
        val name =
            if (task.id().length > nameWidth) task.id().take(nameWidth - 1) + "…"
            else task.id().padEnd(nameWidth)
        val attempt = if (task.attempt() > 1) ", attempt ${task.attempt()}" else ""
        val phase = (task.phaseText() + attempt).padEnd(PHASE_WIDTH)
        return "${task.symbol()} $name  $phase ${task.elapsedText(now)}"
    }

    private companion object {
        const val MAX_LIVE_LINES = 30
        const val MIN_HEIGHT = 3
        const val MAX_NAME_WIDTH = 40
        const val MIN_NAME_WIDTH = 8
        const val PHASE_WIDTH = 22

        /** The symbol, the phase, the time and the spaces between the columns. */
        const val OTHER_COLUMNS = 2 + 2 + PHASE_WIDTH + 1 + 13
    }
}
