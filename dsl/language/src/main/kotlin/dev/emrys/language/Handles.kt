package dev.emrys.language

import dev.emrys.spec.AwaitedState
import dev.emrys.spec.ClusterOperation
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

    /**
     * Sets how many instances the cluster has, as a task: `etl.resize("grow") { core = 10;
     * after(load) }`. It has succeeded when EMR reports that they run, and has failed when EMR
     * stops the resize (`SUSPENDED`, `ARRESTED`) or something else resizes the cluster meanwhile.
     *
     * ```
     * val grow = etl.resize("grow") { core = 10; task = 20; timeout = 30.minutes }
     * etl.step("join") { sparkSubmit("s3://my-bucket/join.py"); after(grow) }
     * ```
     *
     * It changes groups and fleets that the cluster has, and adds none. The primary instances keep
     * their number. On this machine the number is shown, and steps run as before.
     *
     * EMR:
     * [ModifyInstanceGroups](https://docs.aws.amazon.com/emr/latest/APIReference/API_ModifyInstanceGroups.html),
     * [ModifyInstanceFleet](https://docs.aws.amazon.com/emr/latest/APIReference/API_ModifyInstanceFleet.html).
     *
     * @param name unique within the pipeline
     */
    public fun resize(name: String, block: ResizeScope.() -> Unit): OperationHandle =
        pipeline.addOperation(
            this,
            name,
            ResizeScope(pipeline.script, pipeline, name),
            block,
        ) {
            it.operation()
        }

    /**
     * Sets how many steps run at once, as a task: `etl.changeStepConcurrency("four at once", to =
     * 4) { after(load) }`. Steps that run already go on.
     *
     * EMR:
     * [ModifyCluster](https://docs.aws.amazon.com/emr/latest/APIReference/API_ModifyCluster.html),
     * `StepConcurrencyLevel`.
     *
     * @param name unique within the pipeline
     * @param to 1 to 256
     */
    public fun changeStepConcurrency(
        name: String,
        to: Int,
        block: OperationScope.() -> Unit = {},
    ): OperationHandle = change(name, ClusterOperation.StepConcurrency(to), block)

    /**
     * Puts managed scaling, as a task: `etl.changeManagedScaling("wider") { limits { minimum = 4;
     * maximum = 40 } }`.
     *
     * EMR:
     * [PutManagedScalingPolicy](https://docs.aws.amazon.com/emr/latest/APIReference/API_PutManagedScalingPolicy.html).
     *
     * @param name unique within the pipeline
     */
    public fun changeManagedScaling(
        name: String,
        block: ScalingChangeScope.() -> Unit,
    ): OperationHandle =
        pipeline.addOperation(
            this,
            name,
            ScalingChangeScope(pipeline.script, pipeline, name),
            block,
        ) {
            it.operation()
        }

    /**
     * Removes managed scaling, as a task: the cluster keeps the instances that it has.
     *
     * EMR:
     * [RemoveManagedScalingPolicy](https://docs.aws.amazon.com/emr/latest/APIReference/API_RemoveManagedScalingPolicy.html).
     *
     * @param name unique within the pipeline
     */
    public fun removeManagedScaling(
        name: String,
        block: OperationScope.() -> Unit = {},
    ): OperationHandle = change(name, ClusterOperation.ScalingLimits(null), block)

    /**
     * Sets after which time without work EMR ends the cluster, as a task:
     * `prod.changeIdleTimeout("stay for the evening", to = 6.hours)`.
     *
     * EMR:
     * [PutAutoTerminationPolicy](https://docs.aws.amazon.com/emr/latest/APIReference/API_PutAutoTerminationPolicy.html).
     *
     * @param name unique within the pipeline
     * @param to 1 minute to 7 days
     */
    public fun changeIdleTimeout(
        name: String,
        to: Duration,
        block: OperationScope.() -> Unit = {},
    ): OperationHandle {
        val length = pipeline.script.javaDuration(to, "idle timeout of the operation \"$name\"")
        return change(name, ClusterOperation.AutoTermination(length), block)
    }

    /**
     * Lets the cluster stay however long it has no work, as a task. Only for an existing cluster:
     * one that the run starts keeps an idle timeout.
     *
     * EMR:
     * [RemoveAutoTerminationPolicy](https://docs.aws.amazon.com/emr/latest/APIReference/API_RemoveAutoTerminationPolicy.html).
     *
     * @param name unique within the pipeline
     */
    public fun removeIdleTimeout(
        name: String,
        block: OperationScope.() -> Unit = {},
    ): OperationHandle = change(name, ClusterOperation.AutoTermination(null), block)

    /**
     * Sets whether EMR refuses to end the cluster, as a task. The run ends the clusters that it has
     * started in any case; before that it ends this protection.
     *
     * EMR:
     * [SetTerminationProtection](https://docs.aws.amazon.com/emr/latest/APIReference/API_SetTerminationProtection.html).
     *
     * @param name unique within the pipeline
     */
    public fun changeTerminationProtection(
        name: String,
        on: Boolean,
        block: OperationScope.() -> Unit = {},
    ): OperationHandle = change(name, ClusterOperation.TerminationProtection(on), block)

    /**
     * Waits until a step of the cluster has completed, whoever has submitted it:
     * `prod.awaitStep("their load") { stepName = "load"; timeout = 2.hours }`. It fails with
     * [Failure.Step] when the step fails, is cancelled or is not there; to wait for one that is
     * submitted later, use `retry`.
     *
     * EMR: [ListSteps](https://docs.aws.amazon.com/emr/latest/APIReference/API_ListSteps.html).
     *
     * @param name unique within the pipeline
     */
    public fun awaitStep(name: String, block: StepChoiceScope.() -> Unit): OperationHandle =
        pipeline.addOperation(
            this,
            name,
            StepChoiceScope(pipeline.script, pipeline, name),
            block,
        ) {
            it.operation()
        }

    /**
     * Cancels a step of the cluster, whoever has submitted it, and waits until it has ended:
     * `prod.cancelStep("stop the stream") { stepName = "stream" }`. By its name it is the newest
     * one that has not ended. When the step has ended already, or none of the name is active, there
     * is nothing to do, and the operation has succeeded. When the process of the step ignores the
     * interrupt, use [CancelStepScope.kill], or a timeout.
     *
     * EMR: [CancelSteps](https://docs.aws.amazon.com/emr/latest/APIReference/API_CancelSteps.html).
     *
     * @param name unique within the pipeline
     */
    public fun cancelStep(name: String, block: CancelStepScope.() -> Unit): OperationHandle =
        pipeline.addOperation(
            this,
            name,
            CancelStepScope(pipeline.script, pipeline, name),
            block,
        ) {
            it.operation()
        }

    /**
     * Waits until the cluster is up and has no step to run, of this run or of others. It fails with
     * [Failure.ClusterLost] when the cluster ends.
     *
     * EMR: the state `WAITING`,
     * [DescribeCluster](https://docs.aws.amazon.com/emr/latest/APIReference/API_DescribeCluster.html).
     *
     * @param name unique within the pipeline
     */
    public fun awaitIdle(name: String, block: OperationScope.() -> Unit = {}): OperationHandle =
        change(name, ClusterOperation.AwaitCluster(AwaitedState.IDLE), block)

    /**
     * Waits until an existing cluster has ended, which must be there when the run looks it up. It
     * fails with [Failure.Step] when the cluster ends with errors.
     *
     * EMR: the state `TERMINATED`,
     * [DescribeCluster](https://docs.aws.amazon.com/emr/latest/APIReference/API_DescribeCluster.html).
     *
     * @param name unique within the pipeline
     */
    public fun awaitEnd(name: String, block: OperationScope.() -> Unit = {}): OperationHandle =
        change(name, ClusterOperation.AwaitCluster(AwaitedState.ENDED), block)

    /**
     * Ends an existing cluster, whatever runs there, and waits until it has ended. Nothing else of
     * a run ends such a cluster; one that the run starts needs no such task. A cluster with
     * termination protection is refused: see [changeTerminationProtection].
     *
     * EMR:
     * [TerminateJobFlows](https://docs.aws.amazon.com/emr/latest/APIReference/API_TerminateJobFlows.html).
     *
     * @param name unique within the pipeline
     */
    public fun endCluster(name: String, block: OperationScope.() -> Unit = {}): OperationHandle =
        change(name, ClusterOperation.EndCluster(), block)

    /**
     * Executes a notebook on the cluster, and waits until that has finished:
     * `etl.notebookExecution("report") { workspace("e-1ABCDEF", "daily.ipynb") }`. It fails with
     * [Failure.Step] when the execution fails or somebody stops it. A cancelled run, and a timeout,
     * stop it. The cluster needs `JupyterEnterpriseGateway` and, for Spark, `Livy` among its
     * applications. On this machine notebooks are not executed: only with `--target aws`.
     *
     * EMR:
     * [StartNotebookExecution](https://docs.aws.amazon.com/emr/latest/APIReference/API_StartNotebookExecution.html).
     *
     * @param name unique within the pipeline
     */
    public fun notebookExecution(
        name: String,
        block: NotebookExecutionScope.() -> Unit,
    ): OperationHandle =
        pipeline.addOperation(
            this,
            name,
            NotebookExecutionScope(pipeline.script, pipeline, name),
            block,
        ) {
            it.operation()
        }

    private fun change(
        name: String,
        operation: ClusterOperation,
        block: OperationScope.() -> Unit,
    ): OperationHandle =
        pipeline.addOperation(
            this,
            name,
            OperationScope(pipeline.script, pipeline, name),
            block,
        ) {
            operation
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
