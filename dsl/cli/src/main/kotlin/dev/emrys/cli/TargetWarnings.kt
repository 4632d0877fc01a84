package dev.emrys.cli

import dev.emrys.runtime.Preflight
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.InvalidSpecException
import dev.emrys.spec.PipelineSpec
import dev.emrys.spec.SourceLocation
import java.nio.file.Path

/**
 * A warning: it ends no command.
 *
 * @param fix empty when there is nothing to add to [what]
 */
internal data class Warning(val location: SourceLocation, val what: String, val fix: String = "") {
    override fun toString() = "$location: $what" + if (fix.isEmpty()) "" else "\n    $fix"
}

/**
 * What the target of a run says of a spec before anything is started.
 *
 * @param errors why `run` and `resume` refuse the spec: a file that does not exist, an unknown
 *   secret, a step that the target cannot execute
 * @param warnings what the target does in another way than the script says
 */
internal class TargetWarnings(val errors: List<Diagnostic>, val warnings: List<Warning>) {
    /**
     * Everything as warnings, the errors first. For `plan` and `check`, which refuse nothing that
     * only this machine at this moment cannot do.
     */
    fun asWarnings(): List<Warning> =
        errors.map { Warning(it.location(), it.what(), it.fix()) } + warnings

    companion object {
        private val LOCATED = Regex("(?s)(.*?):(\\d+)(?::(\\d+))?: (.*)")

        fun find(spec: PipelineSpec, stateFolder: Path): TargetWarnings {
            val errors =
                try {
                    Preflight.look(spec, stateFolder)
                    emptyList()
                } catch (e: InvalidSpecException) {
                    e.diagnostics()
                }
            // Without a step to submit nothing is refused, and the warnings remain.
            val warnings = Preflight.look(spec, stateFolder) { false }.map(::warning)
            return TargetWarnings(errors, warnings)
        }

        private fun warning(text: String): Warning {
            val (file, line, column, what) =
                LOCATED.matchEntire(text)?.destructured
                    ?: return Warning(SourceLocation.UNKNOWN, text)
            return Warning(
                SourceLocation(file, line.toInt(), column.ifEmpty { "0" }.toInt()),
                what,
            )
        }
    }
}
