package dev.emrys.cli

import dev.emrys.runtime.Preflight
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.InvalidSpecException
import dev.emrys.spec.PipelineSpec
import dev.emrys.spec.Severity
import java.nio.file.Path

/**
 * What the target of a run says of a spec before anything is started.
 *
 * @param errors why `run` and `resume` refuse the spec: a file that does not exist, an unknown
 *   secret, a step that the target cannot execute
 * @param warnings what the target does in another way than the script says
 */
internal class TargetWarnings(val errors: List<Diagnostic>, val warnings: List<Diagnostic>) {
    /**
     * Everything as warnings, the errors first. For `plan` and `check`, which refuse nothing that
     * only this machine at this moment cannot do.
     */
    fun asWarnings(): List<Diagnostic> = errors.map { it.withSeverity(Severity.WARNING) } + warnings

    companion object {
        fun find(spec: PipelineSpec, stateFolder: Path): TargetWarnings {
            val errors =
                try {
                    Preflight.look(spec, stateFolder)
                    emptyList()
                } catch (e: InvalidSpecException) {
                    e.diagnostics()
                }
            // Without a step to submit nothing is refused, and the warnings remain.
            return TargetWarnings(errors, Preflight.look(spec, stateFolder) { false })
        }
    }
}
