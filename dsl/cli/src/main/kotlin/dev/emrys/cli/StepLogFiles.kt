package dev.emrys.cli

import dev.emrys.run.Event
import dev.emrys.runtime.Engine
import dev.emrys.runtime.Preflight
import java.nio.file.Files
import java.nio.file.Path

/** The log files of a run's steps on this machine. */
internal class StepLogFiles(private val engine: Engine, private val run: RunTasks) {
    /** The folder of one attempt of a step; null when EMR has not accepted that attempt. */
    fun folder(step: String, attempt: Int): Path? {
        if (run.step(step) == null) return null
        val start = run.clusterStart(step)
        var cluster: String? = null
        for (event in engine.journal().events().readAll(run.runId)) {
            if (event is Event.AttemptAccepted) {
                if (event.task() == start) cluster = event.remoteId()
                if (event.task() == step && event.attempt() == attempt && cluster != null) {
                    return Preflight.account(engine.stateFolder()).step(cluster, event.remoteId())
                }
            }
        }
        return null
    }

    /** The folder whose content steps see as `s3://`. */
    fun s3(): Path = Preflight.account(engine.stateFolder()).s3()

    /** The last lines of a log of the newest attempt; empty when it has none. */
    fun tail(step: String, log: String, lines: Int): LogTail =
        newest(step, log)?.let { LogTail.read(it, lines) } ?: LogTail.EMPTY

    /** A log of the newest attempt; null when it has none. */
    fun newest(step: String, log: String): Path? =
        folder(step, run.step(step)?.attempt() ?: 0)?.resolve(log)?.takeIf(Files::isRegularFile)
}
