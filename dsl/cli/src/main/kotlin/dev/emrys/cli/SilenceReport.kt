package dev.emrys.cli

import dev.emrys.view.RunDriver
import dev.emrys.view.RunView
import dev.emrys.view.TaskView
import java.time.Duration
import java.time.Instant

/**
 * Says who drives a run that is waited for, when nothing new was recorded of it for 30 s; again
 * after twice that time, at most every 5 minutes. Not thread-safe.
 *
 * @param run its name
 * @param began when the waiting began
 */
internal class SilenceReport(private val run: String, began: Instant) {
    private var heard = began
    private var interval = FIRST
    private var next = began + FIRST

    /** Something new was recorded of the run. */
    fun heard(at: Instant) {
        heard = at
        interval = FIRST
        next = at + FIRST
    }

    /** What to print now; null while there is nothing to say. */
    fun due(now: Instant, driver: RunDriver, waitingFor: String): String? {
        if (now < next) return null
        interval = minOf(interval.multipliedBy(2), LONGEST)
        next = now + interval
        val who =
            if (driver.pid() == 0L) "A process that has not recorded its id"
            else "Process ${driver.pid()} on ${driver.host()}"
        val silent = Formats.duration(Duration.between(heard, now))
        return "$who drives the run $run; nothing new was recorded since ${Formats.time(heard)}, for $silent. " +
            "Waiting for: $waitingFor.\n" +
            "    If that process hangs, end it: then this command ends the clusters."
    }

    private companion object {
        val FIRST: Duration = Duration.ofSeconds(30)
        val LONGEST: Duration = Duration.ofMinutes(5)
    }
}

/** The steps and clusters that still have to end before a cancelled run ends. */
internal object EndingText {
    /** Such as `step two (cancelling), cluster c (waits for its steps)`; never empty. */
    fun of(run: RunView): String {
        val tasks =
            run.tasks()
                .filter { it.isActive && it.kind() != TaskView.Kind.CLUSTER }
                .map { "${if (it.isStep) "step" else "task"} ${it.id()} (${it.phaseText()})" }
        val clusters =
            run.clusters()
                .filter { !it.end().isFinal && it.name() in started(run) }
                .map { "cluster ${it.name()} (${clusterText(it)})" }
        return (tasks + clusters).joinToString(", ").ifEmpty { "the end of the run" }
    }

    /** The clusters that were about to be started, at least. */
    private fun started(run: RunView): Set<String> =
        run.tasks().filter { it.attempt() > 0 }.mapNotNull { it.scope() }.toSet()

    private fun clusterText(cluster: RunView.ClusterView): String =
        when {
            cluster.end().attempt() > 0 -> "ending"
            cluster.steps().any { it.isActive } -> "waits for its steps"
            else -> "running"
        }
}
