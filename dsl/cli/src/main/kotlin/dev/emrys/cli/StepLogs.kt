package dev.emrys.cli

import dev.emrys.drive.AttemptLogs
import dev.emrys.drive.Target
import dev.emrys.runtime.Engine
import dev.emrys.view.RunHeader
import dev.emrys.view.TaskView

/** The logs of a run's steps. */
internal class StepLogs(private val engine: Engine, private val run: RunHeader) {
    private val target: Target by lazy { engine.target(run.target()) }

    /** In the order in which people read them. */
    val names: List<String>
        get() = target.logNames()

    /** The logs of one attempt of a step; null when the target has not accepted that attempt. */
    fun of(step: TaskView, attempt: Int = step.attempt()): AttemptLogs? {
        val remoteId = step.remoteId()
        if (attempt == step.attempt() && remoteId != null) {
            return target.logs(step.scopeId(), remoteId).orElse(null)
        }
        if (attempt < 1) return null
        // An attempt before the newest, or one before the run was resumed.
        val found = engine.runs().attempt(run.id(), step.id(), attempt).orElse(null) ?: return null
        return target.logs(found.scopeId(), found.remoteId()).orElse(null)
    }

    /** A log of the newest attempt; null when it has none. */
    fun newest(step: TaskView, log: String): AttemptLogs.Log? = of(step)?.find(log)?.orElse(null)

    /** The last lines of a log of the newest attempt; empty when it has none. */
    fun tail(step: TaskView, log: String, lines: Int): LogTail =
        newest(step, log)?.let { LogTail.read(it, lines) } ?: LogTail.EMPTY
}
