package dev.emrys.cli

import dev.emrys.graph.Task
import dev.emrys.run.Event
import dev.emrys.run.RunState
import dev.emrys.runtime.Engine
import dev.emrys.runtime.Preflight
import java.nio.file.Files
import java.nio.file.Path

/** Finds the log files of a run's steps on this machine. */
internal class StepFiles(private val engine: Engine, private val state: RunState) {
    /** The folder of an attempt of a step; null when that attempt never reached the cluster. */
    fun folder(task: String, attempt: Int, stateFolder: Path): Path? {
        val graph = state.graph()
        val index = graph.indexOf(task)
        if (index < 0 || graph.task(index) !is Task.RunStep) return null
        val start = graph.task(graph.clusterOf(index).start()).id()
        var cluster: String? = null
        for (event in engine.journal().events().readAll(state.runId())) {
            if (event is Event.AttemptAccepted) {
                if (event.task() == start) cluster = event.remoteId()
                if (event.task() == task && event.attempt() == attempt && cluster != null) {
                    return Preflight.account(stateFolder).step(cluster, event.remoteId())
                }
            }
        }
        return null
    }

    /** The folder that stands for S3. */
    fun s3(): Path = Preflight.account(engine.stateFolder()).s3()

    /** The last lines of a log of the newest attempt; empty when there is none. */
    fun tail(task: String, log: String, lines: Int): Tail.Lines {
        val file = newest(task, log) ?: return NOTHING
        return Tail.lines(file, lines)
    }

    /** A log of the newest attempt; null when there is none. */
    fun newest(task: String, log: String): Path? {
        val index = state.graph().indexOf(task)
        val attempt = if (index < 0) 0 else state.task(index).attempt()
        return folder(task, attempt, engine.stateFolder())
            ?.resolve(log)
            ?.takeIf(Files::isRegularFile)
    }

    private companion object {
        val NOTHING = Tail.Lines(emptyList(), false)
    }
}
