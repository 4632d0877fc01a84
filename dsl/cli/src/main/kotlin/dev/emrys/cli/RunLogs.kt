package dev.emrys.cli

import dev.emrys.drive.AttemptLogs
import dev.emrys.drive.Target
import dev.emrys.runtime.Engine
import dev.emrys.view.AttemptView
import dev.emrys.view.RunHeader
import dev.emrys.view.TaskView

/** The logs of a run's steps. */
internal class RunLogs(private val engine: Engine, private val run: RunHeader) {
    private val history = AttemptHistory { step, attempt ->
        engine.runs().attempt(run.id(), step, attempt).orElse(null)
    }

    private val target: Target by lazy { engine.target(run.target(), run.targetSettings()) }

    /** In the order in which people read them. */
    val names: List<String>
        get() = target.logNames()

    private var opened: Pair<AttemptId, AttemptLogs>? = null

    /** The target's ids of an attempt. */
    private data class AttemptId(val scope: String?, val remote: String)

    /** The logs of one attempt of a step; null when the target has not accepted that attempt. */
    fun of(step: TaskView, attempt: Int = step.attempt()): AttemptLogs? {
        val id = id(step, attempt) ?: return null
        // They know what was read already.
        opened?.let { (last, logs) -> if (last == id) return logs }
        return target.logs(id.scope, id.remote).orElse(null)?.also { opened = id to it }
    }

    private fun id(step: TaskView, attempt: Int): AttemptId? {
        val remoteId = step.remoteId()
        if (attempt == step.attempt() && remoteId != null)
            return AttemptId(step.scopeId(), remoteId)
        if (attempt < 1) return null
        // An attempt before the newest, or one before the run was resumed.
        return history.find(step, attempt)?.let { AttemptId(it.scopeId(), it.remoteId()) }
    }

    /** Where the logs of an attempt are when they cannot be read here; null without any. */
    fun location(step: TaskView, attempt: Int): String? =
        id(step, attempt)?.let { target.logLocation(it.scope, it.remote).orElse(null) }

    /**
     * A log of the newest attempt; null when it has none, and when the target's logs come late:
     * what a run prints at its end does not wait for them.
     */
    fun newest(step: TaskView, log: String): AttemptLogs.Log? =
        of(step)?.takeIf { it.delay().isEmpty }?.find(log)?.orElse(null)

    /** The last lines of a log of the newest attempt; empty when it has none. */
    fun tail(step: TaskView, log: String, lines: Int): LogTail =
        newest(step, log)?.let { LogTail.read(it, lines) } ?: LogTail.EMPTY
}

/**
 * Attempts that are not the newest of their step. To find one the whole history of the run is read,
 * so this is done once for each state in which the answer may be another one. Not thread-safe.
 *
 * @param read finds an attempt of a step in the history; null when no target has accepted it
 */
internal class AttemptHistory(private val read: (String, Int) -> AttemptView?) {
    private data class Question(val step: String, val attempt: Int, val newest: Int)

    private var last: Question? = null
    private var found: AttemptView? = null

    /** What is accepted later is the newest attempt of the step then, or older than the newest. */
    fun find(step: TaskView, attempt: Int): AttemptView? {
        val question = Question(step.id(), attempt, step.attempt())
        if (question != last) {
            found = read(step.id(), attempt)
            last = question
        }
        return found
    }
}
