package dev.emrys.cli

import dev.emrys.graph.Task
import dev.emrys.graph.TaskGraph
import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.Durations
import dev.emrys.spec.InstanceGroup
import dev.emrys.spec.RetryPolicy
import dev.emrys.spec.StepKind
import dev.emrys.spec.StepSpec

/** The plan as people read it: what would be started, in which order, and when it would end. */
internal class PlanText(private val graph: TaskGraph, private val notes: List<String>) {
    private val text = StringBuilder()

    override fun toString(): String {
        text.clear()
        val spec = graph.spec()
        line("Pipeline ${spec.name()}" + (spec.description()?.let { ": $it" } ?: ""))
        if (spec.params().isNotEmpty()) {
            line(
                "  params  " + spec.params().entries.joinToString(", ") { "${it.key}=${it.value}" }
            )
        }
        spec.clusters().forEach { cluster(it) }
        line("")
        line("Order")
        var number = 1
        val order = graph.stepOrder()
        for (i in 0 until order.length()) {
            val task = graph.task(order.get(i))
            if (task is Task.RunStep) step(number++, task.spec())
        }
        if (notes.isNotEmpty()) {
            line("")
            line("On this machine")
            notes.forEach { line("  $it") }
        }
        return text.toString().trimEnd()
    }

    private fun line(words: String) {
        text.append(words).append('\n')
    }

    private fun cluster(cluster: ClusterSpec) {
        line("")
        line("Cluster ${cluster.name()}: ${cluster.releaseLabel()}" + applications(cluster))
        line("  instances   " + cluster.instanceGroups().joinToString(", ") { group(it) })
        line("  starts      when its first step is ready" + retry(cluster.retry()))
        line("  ends        when its last step is over, however it ended")
        line(
            if (cluster.supportsIdleTimeout())
                "  idle lease  EMR ends it after ${Durations.words(cluster.idleTimeout())} without work, should nobody else"
            else
                "  idle lease  none: EMR has no auto-termination for ${cluster.releaseLabel()}, so should nobody end it, it runs on"
        )
        if (cluster.stepConcurrency() > 1)
            line("  steps       up to ${cluster.stepConcurrency()} at once")
        line("  logs        " + (cluster.logUri() ?: "not kept on S3"))
        if (cluster.tags().isNotEmpty()) {
            line(
                "  tags        " +
                    cluster.tags().entries.joinToString(", ") { "${it.key}=${it.value}" }
            )
        }
        if (cluster.configurations().isNotEmpty()) {
            line(
                "  configured  " +
                    cluster.configurations().joinToString(", ") { it.classification() }
            )
        }
        if (cluster.bootstrapActions().isNotEmpty()) {
            line(
                "  bootstraps  " +
                    cluster.bootstrapActions().joinToString(", ") {
                        words(listOf(it.name(), it.path()) + it.args())
                    }
            )
        }
        line("  runs as     ${cluster.serviceRole()}, its instances as ${cluster.jobFlowRole()}")
        val network =
            listOfNotNull(
                cluster.subnetId()?.let { "subnet $it" },
                cluster.keyName()?.let { "key pair $it" },
            )
        if (network.isNotEmpty()) line("  reached by  " + network.joinToString(", "))
    }

    private fun applications(cluster: ClusterSpec) =
        if (cluster.applications().isEmpty()) ""
        else " with " + cluster.applications().joinToString(", ")

    private fun group(group: InstanceGroup): String {
        val spot = group.spot()
        val market =
            when {
                spot == null -> ""
                spot.maxPricePerHour() == null -> " spot, up to the on-demand price"
                else -> " spot, up to ${spot.maxPricePerHour()} USD/h"
            }
        return "${group.role().name.lowercase()} ${group.count()} × ${group.instanceType()}$market"
    }

    private fun step(number: Int, step: StepSpec) {
        val after = if (step.after().isEmpty()) "" else ", after " + step.after().joinToString(", ")
        line("  $number. ${step.name()} on ${step.cluster()}$after")
        line("     ${kind(step.kind())}: ${command(step)}")
        val limits =
            listOfNotNull(
                step.timeout()?.let { "an attempt may run ${Durations.words(it)}" },
                retry(step.retry()).removePrefix(", ").takeIf { it.isNotEmpty() },
            )
        if (limits.isNotEmpty()) line("     " + limits.joinToString(", "))
    }

    private fun kind(kind: StepKind) =
        when (kind) {
            StepKind.SPARK -> "Spark"
            StepKind.SPARK_SQL -> "Spark SQL"
            StepKind.MAP_REDUCE -> "MapReduce"
            StepKind.SHELL -> "shell"
            StepKind.RAW -> "jar"
        }

    private fun command(step: StepSpec): String {
        val jarStep = step.jarStep()
        val properties = jarStep.properties().entries.map { "-D${it.key}=${it.value}" }
        return words(
            listOf(jarStep.jar()) + listOfNotNull(jarStep.mainClass()) + properties + jarStep.args()
        )
    }

    /** As a shell would take them, but for line ends, which stay on the line. */
    private fun words(words: List<String>): String =
        words.joinToString(" ") {
            if (it.isEmpty() || it.any { char -> char.isWhitespace() || char == '\'' })
                "'" + it.replace("'", "'\\''").replace("\n", "\\n") + "'"
            else it
        }

    private fun retry(policy: RetryPolicy): String {
        if (policy.attempts() == 1) return ""
        val backoff = policy.backoff()
        val waits =
            if (backoff.factor() == 1.0) "${Durations.words(backoff.initial())} apart"
            else "${Durations.words(backoff.initial())} to ${Durations.words(backoff.max())} apart"
        val on =
            if (policy.on() == RetryPolicy.RETRYABLE) ""
            else " on " + policy.on().joinToString(", ") { it.name.lowercase().replace('_', ' ') }
        return ", up to ${policy.attempts()} attempts$on, $waits"
    }
}
