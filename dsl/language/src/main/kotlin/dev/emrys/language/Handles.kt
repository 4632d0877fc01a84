package dev.emrys.language

import dev.emrys.spec.RetryPolicy
import kotlin.time.Duration

/** The block of the pipeline's defaults. */
@EmrysDsl
public class DefaultsScope internal constructor(private val script: Script) {
    internal var policy: RetryPolicy? = null
    internal var limit: java.time.Duration? = null
        private set

    /** The timeout of a step that sets none. Default: null, no limit. See [StepScope.timeout]. */
    public var timeout: Duration? = null
        set(value) {
            field = value
            limit = value?.let { script.javaDuration(it, "timeout in defaults { }") }
        }

    /**
     * The retry of a step that sets none: `retry(3)`, or a block. Default: none. See [RetryScope].
     *
     * @param attempts all attempts together, the first included
     */
    public fun retry(
        attempts: Int = RetryScope.DEFAULT_ATTEMPTS,
        block: RetryScope.() -> Unit = {},
    ) {
        policy = RetryScope(script, attempts).apply(block).build()
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

    /**
     * Runs the steps that are declared in the block one after the other: each waits until the one
     * above has succeeded, as the steps of a cluster do on EMR.
     *
     * ```
     * etl.sequence {
     *     step("load") { sparkSubmit("s3://my-bucket/load.py") }
     *     step("publish") { hadoopJarStep("command-runner.jar") { args("…") } }    // after load
     * }
     * ```
     *
     * See [PipelineScope.sequence], also for steps of several clusters.
     *
     * @return the steps in their order; `after(…)` takes them
     */
    public fun sequence(block: ClusterHandle.() -> Unit): List<StepHandle> = pipeline.sequence {
        block()
    }

    override fun toString(): String = "cluster \"$name\""
}

/** A task of the pipeline. A value: keep it in a `val` and name it in another task's `after(…)`. */
public sealed class TaskHandle(
    public val name: String,
    internal val pipeline: PipelineScope,
    private val noun: String,
) {
    override fun toString(): String = "$noun \"$name\""
}

/** A step of the pipeline; see [TaskHandle]. */
public class StepHandle internal constructor(name: String, pipeline: PipelineScope) :
    TaskHandle(name, pipeline, "step")
