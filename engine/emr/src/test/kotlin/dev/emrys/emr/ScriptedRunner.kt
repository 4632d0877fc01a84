package dev.emrys.emr

import dev.emrys.emulator.StepExit
import dev.emrys.emulator.StepLaunch
import dev.emrys.emulator.StepListener
import dev.emrys.emulator.StepRunner
import java.time.InstantSource

/** Executes nothing: steps run until the test says how they end. */
class ScriptedRunner(private val clock: InstantSource) : StepRunner {
    val orders = mutableListOf<StepLaunch>()

    /** In the order in which they were asked for: the step, and whether by force. */
    val cancellations = mutableListOf<Pair<String, Boolean>>()

    /** Whether a step ends when it is asked to; by force it always does. */
    var endsWhenInterrupted = true

    /** Whether steps succeed as soon as they start. */
    var immediate = false

    /** Is called with each step that starts. */
    var started: (String) -> Unit = {}

    private val listeners = LinkedHashMap<String, StepListener>()

    override fun start(order: StepLaunch, listener: StepListener) {
        orders += order
        listeners[order.stepId] = listener
        started(order.stepId)
        if (immediate) {
            complete(order.stepId)
        }
    }

    override fun cancel(clusterId: String, stepId: String, force: Boolean) {
        cancellations += stepId to force
        if (force || endsWhenInterrupted) {
            end(stepId, StepExit.Cancelled(clock.instant()))
        }
    }

    override fun clusterEnded(clusterId: String) {}

    fun running(): List<String> = listeners.keys.toList()

    fun complete(stepId: String) = end(stepId, StepExit.Completed(clock.instant()))

    fun end(stepId: String, exit: StepExit) {
        listeners.remove(stepId)?.ended(exit)
    }
}
