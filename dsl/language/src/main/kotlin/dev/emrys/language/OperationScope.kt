package dev.emrys.language

import com.google.common.collect.ImmutableList
import dev.emrys.spec.ClusterOperation
import dev.emrys.spec.OperationSpec
import dev.emrys.spec.RetryPolicy
import dev.emrys.spec.ScriptCode
import dev.emrys.spec.SourceLocation
import dev.emrys.spec.TaskSpec
import kotlin.time.Duration

/**
 * The block of an operation on a cluster: its order, retry and timeout. An operation is a task, as
 * a step is, but runs nothing on the cluster: it does not count in `defaults { }`.
 */
@EmrysDsl
public open class OperationScope
internal constructor(
    private val script: Script,
    private val pipeline: PipelineScope,
    private val name: String,
) {
    private val after = LinkedHashSet<String>()
    private var retry: RetryPolicy = RetryPolicy.NONE

    /**
     * The longest time that one attempt may take, from the moment EMR has accepted it; at least
     * `1.seconds`. What EMR was asked for is not taken back by a timeout. Default: null, no limit.
     */
    public var timeout: Duration? = null

    /**
     * The tasks that must have succeeded before: `after(load)`. Default: none, it waits for its
     * cluster alone; in a `sequence { }` the task above.
     */
    public fun after(vararg tasks: TaskHandle) {
        after(tasks.asIterable())
    }

    /** As [after] with single tasks: `after(listOf(load, check))`. An empty list adds nothing. */
    public fun after(tasks: Iterable<TaskHandle>) {
        for (task in tasks) {
            when {
                task.pipeline !== pipeline ->
                    script.report(
                        ScriptCode.STEP_OF_OTHER_PIPELINE,
                        name,
                        task.name,
                        task.pipeline.name,
                    )
                task.name == name -> script.report(ScriptCode.STEP_AFTER_ITSELF, name)
                else -> after.add(task.name)
            }
        }
    }

    /** As [after] with one list: `after(loads, checks)`. */
    public fun after(first: Iterable<TaskHandle>, vararg more: Iterable<TaskHandle>) {
        after(first)
        more.forEach { after(it) }
    }

    /**
     * How often to try it: `retry(3)`, or a block. It can fail with [Failure.Timeout],
     * [Failure.ClusterLost], [Failure.Internal] and, for a step or a cluster that is waited for,
     * [Failure.Step]; what EMR refuses is not tried again. Default: once. See [RetryScope].
     *
     * @param attempts all attempts together, the first included; 1 is no retry
     */
    public fun retry(
        attempts: Int = RetryScope.DEFAULT_ATTEMPTS,
        block: RetryScope.() -> Unit = {},
    ) {
        retry = RetryScope(script, attempts).apply(block).build()
    }

    internal fun build(
        cluster: String,
        operation: ClusterOperation,
        previous: String?,
        location: SourceLocation,
    ): DeclaredTask =
        DeclaredOperation(
            OperationSpec(
                name,
                cluster,
                operation,
                ImmutableList.copyOf(setOfNotNull(previous?.takeIf { it != name }) + after),
                retry,
                timeout?.let { script.javaDuration(it, "timeout of the operation \"$name\"") },
                location,
            )
        )
}

private class DeclaredOperation(private val spec: OperationSpec) : DeclaredTask {
    override fun with(defaults: DefaultsScope): TaskSpec = spec
}

/** An operation on a cluster; see [TaskHandle]. */
public class OperationHandle internal constructor(name: String, pipeline: PipelineScope) :
    TaskHandle(name, pipeline, "operation")
