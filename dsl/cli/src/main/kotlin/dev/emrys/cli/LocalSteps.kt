package dev.emrys.cli

import java.nio.file.Path

/** How many steps the account of a state folder runs at the same time, where the user says it. */
internal object LocalSteps {
    const val VARIABLE = "EMRYS_LOCAL_STEPS"

    /**
     * What is said by the variable, else by emrys.properties of the script, else by that beside the
     * state folder. Null: nothing. It counts when the owner process of the account starts.
     */
    fun of(
        choice: TargetChoice,
        state: Path,
        environment: Map<String, String> = System.getenv(),
    ): Int? {
        val variable = environment[VARIABLE]
        return if (variable.isNullOrBlank()) choice.localSteps ?: besideState(state)
        else StepLimit.checked(variable, VARIABLE)
    }

    /** A file that is wrong is reported by the commands that take their target from it. */
    private fun besideState(state: Path): Int? =
        try {
            PropertiesFile.nearest(null, state)[PropertiesFile.LOCAL_STEPS]?.let(StepLimit::parse)
        } catch (_: StopException) {
            null
        }
}
