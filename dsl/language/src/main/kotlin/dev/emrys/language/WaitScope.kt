package dev.emrys.language

import com.google.common.collect.ImmutableList
import dev.emrys.spec.ScriptCode
import dev.emrys.spec.SourceLocation
import dev.emrys.spec.TaskSpec
import dev.emrys.spec.WaitSpec

/** The block of a wait. */
@EmrysDsl
public class WaitScope
internal constructor(private val pipeline: PipelineScope, private val name: String) {
    private val after = LinkedHashSet<String>()

    /**
     * The tasks that must have succeeded before the wait begins: `after(load)`. Default: none, the
     * wait begins with the run; in a `sequence { }` the task above.
     */
    public fun after(vararg tasks: TaskHandle) {
        after(tasks.asIterable())
    }

    /** As [after] with single tasks: `after(listOf(load, check))`. An empty list adds nothing. */
    public fun after(tasks: Iterable<TaskHandle>) {
        for (task in tasks) {
            when {
                task.pipeline !== pipeline ->
                    pipeline.script.report(
                        ScriptCode.STEP_OF_OTHER_PIPELINE,
                        name,
                        task.name,
                        task.pipeline.name,
                    )
                task.name == name -> pipeline.script.report(ScriptCode.STEP_AFTER_ITSELF, name)
                else -> after.add(task.name)
            }
        }
    }

    /** As [after] with one list: `after(loads, checks)`. */
    public fun after(first: Iterable<TaskHandle>, vararg more: Iterable<TaskHandle>) {
        after(first)
        more.forEach { after(it) }
    }

    internal fun build(
        duration: java.time.Duration,
        previous: String?,
        location: SourceLocation,
    ): DeclaredTask =
        DeclaredWait(
            WaitSpec(
                name,
                duration,
                ImmutableList.copyOf(listOfNotNull(previous) + (after - setOfNotNull(previous))),
                location,
            )
        )
}

private class DeclaredWait(private val spec: WaitSpec) : DeclaredTask {
    override fun with(defaults: DefaultsScope): TaskSpec = spec
}

/** A wait of the pipeline; see [TaskHandle]. */
public class WaitHandle internal constructor(name: String, pipeline: PipelineScope) :
    TaskHandle(name, pipeline, "wait")
