package dev.emrys.language

import dev.emrys.spec.ClusterOperation
import dev.emrys.spec.StepChoice

/**
 * The block of [ClusterHandle.awaitStep]: which step, and the operation's order, retry and timeout.
 * Exactly one of [stepId] and [stepName] names the step.
 */
@EmrysDsl
public open class StepChoiceScope
internal constructor(script: Script, pipeline: PipelineScope, name: String) :
    OperationScope(script, pipeline, name) {
    /** The id of the step on EMR: `stepId = "s-3ABCDEFGHIJKL"`. Default: null. */
    public var stepId: String? = null

    /**
     * The whole name of the step on EMR; upper and lower case differ. A step of an Emrys run is
     * found by the name that its script gives it. Of several steps of the name it is the newest.
     * Default: null.
     */
    public var stepName: String? = null

    internal open fun operation(): ClusterOperation = ClusterOperation.AwaitStep(choice())

    internal fun choice() = StepChoice(stepId, stepName)
}

/** The block of [ClusterHandle.cancelStep]. See [StepChoiceScope]. */
@EmrysDsl
public class CancelStepScope
internal constructor(script: Script, pipeline: PipelineScope, name: String) :
    StepChoiceScope(script, pipeline, name) {
    /**
     * Whether the processes of the step are killed, not interrupted. Default: false. EMR:
     * `StepCancellationOption`, `TERMINATE_PROCESS` or `SEND_INTERRUPT`.
     */
    public var kill: Boolean = false

    internal override fun operation(): ClusterOperation =
        ClusterOperation.CancelStep(choice(), kill)
}
