package dev.emrys.cli

import dev.emrys.drive.Target
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.PipelineSpec
import dev.emrys.spec.Severity

/**
 * What the target of a run says of a spec before anything is started.
 *
 * @param target its name
 * @param errors why `run` and `resume` refuse the spec: a file that does not exist, an unknown
 *   secret, a step that the target cannot execute
 * @param warnings what the target does in another way than the script says
 * @param preparations what a run would do before it starts; only where they are asked for
 */
internal class TargetDiagnostics(
    val target: String,
    val errors: List<Diagnostic>,
    val warnings: List<Diagnostic>,
    val preparations: List<String> = emptyList(),
) {
    /**
     * Everything as warnings, the errors first. For `plan` and `check`, which refuse nothing that
     * only the target at this moment cannot do.
     */
    fun asWarnings(): List<Diagnostic> = errors.map { it.withSeverity(Severity.WARNING) } + warnings

    fun plusErrors(more: List<Diagnostic>) =
        TargetDiagnostics(target, errors + more, warnings, preparations)

    fun plus(more: List<Diagnostic>): TargetDiagnostics {
        val (newErrors, newWarnings) = more.partition { it.isError }
        return TargetDiagnostics(target, errors + newErrors, warnings + newWarnings, preparations)
    }

    companion object {
        fun find(spec: PipelineSpec, target: Target): TargetDiagnostics {
            val (errors, warnings) = target.preflight(spec) { true }.partition { it.isError }
            return TargetDiagnostics(target.name(), errors, warnings)
        }

        /** With what a run would do before it starts. */
        fun plan(spec: PipelineSpec, target: Target): TargetDiagnostics {
            val found = find(spec, target)
            val preparations = target.preparations(spec)
            return TargetDiagnostics(found.target, found.errors, found.warnings, preparations)
        }
    }
}
