package dev.emrys.language

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.PipelineSpec
import dev.emrys.spec.SourceLocation
import dev.emrys.spec.StepKind
import dev.emrys.spec.StepSpec
import java.time.LocalDate

/**
 * The block of a pipeline: its parameters, its clusters and, through a cluster's handle, its steps.
 */
@EmrysDsl
public class PipelineScope
internal constructor(
    internal val script: Script,
    internal val name: String,
    internal val location: SourceLocation,
) {
    private val clusters = ArrayList<ClusterSpec>()
    private val steps = ArrayList<StepSpec>()

    /** What the pipeline is for, for people. Default: none. */
    public var description: String? = null

    /**
     * A text that is given from outside: `--param day=2026-04-25`. It is bound before the script
     * goes on, so the result is a plain [String]. Without a default it is required.
     *
     * ```
     * val day = param("day") { description = "The day to load"; default { logicalDate.toString() } }
     * ```
     *
     * @param name begins with a letter; letters, digits, `.`, `_` and `-`
     */
    public fun param(name: String, block: ParamScope<String>.() -> Unit = {}): String =
        script.params.bind(this, name, ParamForm.TEXT, block)

    /**
     * A whole number that is given from outside: `val parts = intParam("parts") { default = 4 }`.
     * See [param].
     */
    public fun intParam(name: String, block: ParamScope<Int>.() -> Unit = {}): Int =
        script.params.bind(this, name, ParamForm.INT, block)

    /**
     * `true` or `false`, given from outside: `val full = booleanParam("full") { default = false }`.
     * See [param].
     */
    public fun booleanParam(name: String, block: ParamScope<Boolean>.() -> Unit = {}): Boolean =
        script.params.bind(this, name, ParamForm.BOOLEAN, block)

    /**
     * A date that is given from outside as `2026-04-25`: `val from = dateParam("from") { default {
     * logicalDate.minusDays(1) } }`. See [param].
     */
    public fun dateParam(name: String, block: ParamScope<LocalDate>.() -> Unit = {}): LocalDate =
        script.params.bind(this, name, ParamForm.DATE, block)

    /**
     * A file, a folder or a place on S3 that is given from outside: `--param input=books/` (counted
     * from the working folder of whoever starts the run) or `--param input=s3://bucket/books/`. A
     * default counts from the script's folder: `val input = fileParam("input") { default =
     * file("data/james.txt") }`. See [param].
     */
    public fun fileParam(name: String, block: ParamScope<Source>.() -> Unit = {}): Source =
        script.params.bind(this, name, ParamForm.file(script), block)

    /**
     * A cluster that the run starts, uses and ends. The result is its handle: `etl.step("curate") {
     * … }`.
     *
     * ```
     * val etl = cluster("etl") {
     *     applications(Spark)
     *     instances { primary("m6g.xlarge"); core("m6g.2xlarge", count = 2) }
     * }
     * ```
     *
     * EMR: RunJobFlow.
     *
     * @param name unique within the pipeline
     */
    public fun cluster(name: String, block: ClusterScope.() -> Unit): ClusterHandle {
        val scope = ClusterScope(script, name, script.here())
        scope.block()
        clusters.add(scope.build())
        return ClusterHandle(name, this)
    }

    private var openStep: String? = null

    internal fun addStep(
        cluster: ClusterHandle,
        name: String,
        block: StepScope.() -> Unit,
    ): StepHandle {
        val scope = StepScope(script, cluster, name, script.here())
        val outer = openStep
        if (outer != null) {
            script.diagnostic(
                "The step \"$name\" stands within the step \"$outer\".",
                "Write it behind that block; after(…) says which comes first.",
            )
        }
        openStep = name
        try {
            scope.block()
        } finally {
            openStep = outer
        }
        steps.add(scope.build())
        return StepHandle(name, this)
    }

    internal fun build(): PipelineSpec =
        PipelineSpec(
            name,
            description,
            ImmutableMap.copyOf(script.params.bound()),
            ImmutableList.copyOf(clusters),
            ImmutableList.copyOf(steps),
            location,
        )

    /**
     * EMR would start the cluster and then fail the step, minutes and money later; an image of
     * one's own may have Spark, though.
     */
    internal fun noticeMissingApplications() {
        for (step in
            steps.filter { it.kind() == StepKind.SPARK || it.kind() == StepKind.SPARK_SQL }) {
            val cluster = clusters.firstOrNull { it.name() == step.cluster() } ?: continue
            if (Spark.name !in cluster.applications()) {
                script.notice(
                    step.location(),
                    "The step \"${step.name()}\" needs Spark, and the cluster \"${cluster.name()}\" does not install it. " +
                        "Add applications(Spark).",
                )
            }
        }
    }
}

/** A cluster of the pipeline. A value: keep it in a `val` and give it steps. */
public class ClusterHandle
internal constructor(public val name: String, internal val pipeline: PipelineScope) {
    /**
     * A step on this cluster. The block says what runs, with exactly one of `sparkSubmit`,
     * `sparkSql`, `sparkExample`, `mapReduce`, `bash`, `script` and `hadoopJarStep`, and when. The
     * result is its handle: `after(curate)`.
     *
     * EMR: AddJobFlowSteps.
     *
     * @param name unique within the pipeline
     */
    public fun step(name: String, block: StepScope.() -> Unit): StepHandle =
        pipeline.addStep(this, name, block)

    override fun toString(): String = "cluster \"$name\""
}

/** A step of the pipeline. A value: keep it in a `val` and name it in another step's `after(…)`. */
public class StepHandle
internal constructor(public val name: String, internal val pipeline: PipelineScope) {
    override fun toString(): String = "step \"$name\""
}
