package dev.emrys.cli

import dev.emrys.spec.ClusterOperation
import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.Configuration
import dev.emrys.spec.Durations
import dev.emrys.spec.ExistingCluster
import dev.emrys.spec.OperationSpec
import dev.emrys.spec.PipelineSpec
import dev.emrys.spec.RetryPolicy
import dev.emrys.spec.StepKind
import dev.emrys.spec.StepSpec

/** The plan as text: clusters with their settings, steps with their dependencies, warnings. */
internal class PlanText(
    private val spec: PipelineSpec,
    tasks: List<PlannedTask>,
    private val target: TargetDiagnostics,
    private val cost: PlannedCost? = null,
) {
    private val order = PlannedSteps(tasks)
    private val text = StringBuilder()

    override fun toString(): String {
        text.clear()
        line("Pipeline ${spec.name()}" + (spec.description()?.let { ": $it" } ?: ""))
        if (spec.params().isNotEmpty()) line("  params  " + pairs(spec.params()))
        if (target.preparations.isNotEmpty()) {
            line("")
            line("Before it starts")
            target.preparations.forEach { line("  $it") }
        }
        spec.clusters().forEach { cluster(it) }
        spec.existingClusters().forEach { existing(it) }
        cost?.let { cost(it) }
        if (order.steps.isNotEmpty()) {
            line("")
            line("Steps: each starts when the steps that it is after have succeeded")
        }
        if (!order.isCompared)
            line("  (too many steps to list which are independent of each other)")
        order.steps.forEach { task(it) }
        val warnings = target.asWarnings()
        if (warnings.isNotEmpty()) {
            line("")
            line("Warnings of the target ${target.target}")
            warnings.forEach { line("  " + it.toString().replace("\n", "\n  ")) }
        }
        return text.toString().trimEnd()
    }

    private fun line(content: String) {
        text.append(content).append('\n')
    }

    private fun field(name: String, value: String) = line("  ${name.padEnd(FIELD_WIDTH)}$value")

    private fun cluster(cluster: ClusterSpec) {
        line("")
        val applications =
            if (cluster.applications().isEmpty()) ""
            else " with " + cluster.applications().joinToString(", ")
        line("Cluster ${cluster.name()}: ${cluster.releaseLabel()}$applications")
        field("instances", InstancesText.of(cluster))
        InstancesText.scaling(cluster)?.let { field("scales", it) }
        cost?.let { field("costs", it.perHour(cluster)) }
        lines("retries", RetriesText.of(cluster))
        val isAlone = spec.tasks().none { it.scope() == cluster.name() } && cluster.staysAfterRun()
        field(
            "starts",
            (if (isAlone) "at once" else "when its first step is ready") + retry(cluster.retry()),
        )
        field(
            "ends",
            if (cluster.staysAfterRun()) "not with the run"
            else "when its last step has ended, whether it succeeded or not",
        )
        field(
            "idle",
            if (cluster.staysAfterRun())
                "EMR ends it after ${Durations.words(cluster.idleTimeout())} without work"
            else if (cluster.supportsIdleTimeout())
                "EMR ends it after ${Durations.words(cluster.idleTimeout())} without work, if Emrys does not"
            else
                "no timeout: ${cluster.releaseLabel()} has no auto-termination; if Emrys does not end it, it keeps running",
        )
        field(
            "steps",
            if (cluster.stepConcurrency() == 1) "one at a time"
            else "up to ${cluster.stepConcurrency()} at once",
        )
        field("logs", cluster.logUri()?.let(SourceText::of) ?: "not kept on S3")
        if (cluster.tags().isNotEmpty()) field("tags", pairs(cluster.tags()))
        lines("configures", cluster.configurations().flatMap { configuration(it, "") })
        lines(
            "bootstraps",
            cluster.bootstrapActions().map {
                commandLine(listOf(it.name(), it.path()) + it.args())
            },
        )
        field("roles", "${cluster.serviceRole()}; of its instances ${cluster.jobFlowRole()}")
        val network =
            listOfNotNull(
                cluster.subnetId()?.let { "subnet $it" },
                cluster.keyName()?.let { "key pair $it" },
            )
        if (network.isNotEmpty()) field("network", network.joinToString(", "))
    }

    private fun existing(cluster: ExistingCluster) {
        line("")
        line("Cluster ${cluster.name()}: exists already, ${cluster.identity()}")
        if (cluster.id() == null)
            field(
                "in state",
                cluster.states().joinToString(" or ") { it.name.lowercase() } +
                    "; exactly one cluster must have the name",
            )
        field("is found", "when its first step is ready" + retry(cluster.retry()))
        val ends = endsOf(cluster)
        field(
            "ends",
            if (ends.isEmpty()) "never by this run" else "by the task " + ends.joinToString(", "),
        )
        if (cost != null) field("costs", "not counted")
        field("steps", "as many at once as the cluster allows")
    }

    /** The names of the operations that end it. */
    private fun endsOf(cluster: ExistingCluster): List<String> =
        spec
            .tasks()
            .filter {
                it is OperationSpec &&
                    it.cluster() == cluster.name() &&
                    it.operation() is ClusterOperation.EndCluster
            }
            .map { it.name() }

    private fun cost(cost: PlannedCost) {
        line("")
        line("Cost: an estimate")
        cost.lines().forEach { (name, value) -> field(name, value) }
    }

    private fun lines(name: String, values: List<String>) = values.forEachIndexed { index, value ->
        field(if (index == 0) name else "", value)
    }

    /** One line per classification; a nested one has the path of its parents before its name. */
    private fun configuration(configuration: Configuration, parents: String): List<String> {
        val path = parents + configuration.classification()
        val nested = configuration.configurations().flatMap { configuration(it, "$path/") }
        val properties = configuration.properties()
        val own = if (properties.isEmpty()) path else "$path: ${pairs(properties)}"
        return if (properties.isEmpty() && nested.isNotEmpty()) nested else listOf(own) + nested
    }

    private fun pairs(values: Map<String, String>) =
        values.entries.joinToString(", ") { "${it.key}=${SourceText.of(it.value)}" }

    private fun task(planned: PlannedTask) {
        val task = checkNotNull(planned.declared)
        val after = order.upstream(planned)
        val independent = order.independentOf(planned)
        line(
            "  ${task.name()}" +
                (task.scope()?.let { " on $it" } ?: "") +
                (if (after.isEmpty()) "" else ", after " + after.joinToString(", ")) +
                (if (independent.isEmpty()) "" else "; independent of " + some(independent))
        )
        line(
            "     " +
                if (task is StepSpec) "${kind(task.kind())}: ${command(task)}" else task.summary()
        )
        val limits =
            listOfNotNull(
                task.timeout()?.let { "timeout of an attempt ${Durations.words(it)}" },
                retry(task.retry()).removePrefix(", ").takeIf { it.isNotEmpty() },
                (task as? StepSpec)?.runtimeRole()?.let { "acts with ${SourceText.of(it)}" },
            )
        if (limits.isNotEmpty()) line("     " + limits.joinToString(", "))
    }

    private fun some(names: List<String>) =
        if (names.size <= MAX_NAMES) names.joinToString(", ")
        else names.take(MAX_NAMES).joinToString(", ") + " and ${names.size - MAX_NAMES} more"

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
        return commandLine(
            listOf(jarStep.jar()) + listOfNotNull(jarStep.mainClass()) + properties + jarStep.args()
        )
    }

    /** Quoted as for a shell, except line ends, which are written as `\n`. */
    private fun commandLine(arguments: List<String>): String =
        arguments.joinToString(" ") { argument ->
            val text = SourceText.of(argument)
            if (argument.isEmpty() || argument.any { it.isWhitespace() || it == '\'' })
                "'" + text.replace("'", "'\\''").replace("\n", "\\n") + "'"
            else text
        }

    private fun retry(policy: RetryPolicy): String {
        if (policy.attempts() == 1) return ""
        val backoff = policy.backoff()
        val delays =
            if (backoff.factor() == 1.0) "${Durations.words(backoff.initial())} apart"
            else "${Durations.words(backoff.initial())} to ${Durations.words(backoff.max())} apart"
        val on =
            if (policy.on() == RetryPolicy.RETRYABLE) ""
            else " on " + policy.on().joinToString(", ") { it.name.lowercase().replace('_', ' ') }
        return ", up to ${policy.attempts()} attempts$on, $delays"
    }

    private companion object {
        const val FIELD_WIDTH = 12
        const val MAX_NAMES = 5
    }
}
