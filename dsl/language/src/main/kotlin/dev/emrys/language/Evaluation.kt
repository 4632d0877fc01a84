package dev.emrys.language

import dev.emrys.spec.Diagnostic
import dev.emrys.spec.PipelineSpec
import dev.emrys.spec.ScriptCode
import dev.emrys.spec.SourceLocation
import java.time.LocalDate
import java.time.ZoneId
import java.time.ZonedDateTime

/**
 * What a script is evaluated with.
 *
 * @property params the values from outside, as text, by name
 * @property sampling true when only the script is to be checked: a missing required parameter then
 *   gets a sample of its type
 * @property logicalDate the day the run is for; parameters may take their default from it. Lazy,
 *   because finding the time zone's rules takes 30 ms in a new JVM
 * @property scriptFile the script as the author named it, for messages
 * @property folder the absolute folder of the script, for `file("…")`
 * @property workingFolder the absolute folder that a relative path from outside counts from
 * @property moment the fire that the run is for
 */
public data class ScriptInputs(
    val params: Map<String, String>,
    val sampling: Boolean,
    val logicalDate: Lazy<LocalDate>,
    val scriptFile: String,
    val folder: String,
    val workingFolder: String = folder,
    val moment: Lazy<RunMoment> = lazy { RunMoment.ofDay(logicalDate.value, ZoneId.of("UTC")) },
)

/**
 * The moment that a run is for, and the time whose data it processes.
 *
 * @property time the schedule's fire; the beginning of today when a person starts the run
 * @property intervalStart the fire before; the beginning of yesterday when a person starts the run
 * @property arrived the paths or locations that the schedule has waited for
 * @property triggeringRun the name of the run that the schedule has waited for; null for none
 */
public data class RunMoment(
    val time: ZonedDateTime,
    val intervalStart: ZonedDateTime,
    val arrived: List<String> = emptyList(),
    val triggeringRun: String? = null,
) {
    public companion object {
        /** That of a run that a person starts on a day. */
        public fun ofDay(day: LocalDate, zone: ZoneId): RunMoment =
            RunMoment(day.atStartOfDay(zone), day.minusDays(1).atStartOfDay(zone))
    }
}

/** The type of a parameter. [word] is what people read. */
public enum class ParamType(public val word: String) {
    STRING("text"),
    INT("whole number"),
    BOOLEAN("true or false"),
    DATE("date"),
    FILE("file, folder or S3 location"),
}

/**
 * One parameter that a script declares.
 *
 * @property required true when it has no default
 * @property default the default as text, for the logical date of this evaluation; null when
 *   required
 */
public data class ParamDeclaration(
    val name: String,
    val type: ParamType,
    val required: Boolean,
    val default: String?,
    val description: String?,
    val location: SourceLocation,
)

/**
 * The result of a script.
 *
 * @property spec null when the script declared no pipeline; not to be used when [diagnostics] has
 *   an error
 * @property params in the order of their declaration
 * @property diagnostics errors and warnings in the order of the script, without those that
 *   `spec.check()` finds
 * @property schedules in the order of the script
 * @property notifications null when the script has none
 * @property target null when the script names none
 */
public data class Evaluated(
    val spec: PipelineSpec?,
    val params: List<ParamDeclaration>,
    val diagnostics: List<Diagnostic>,
    val schedules: List<DeclaredSchedule> = emptyList(),
    val notifications: DeclaredNotifications? = null,
    val target: RunTarget? = null,
)

/**
 * One evaluation of one script: pass [scope] to the script as its receiver, let it run, then
 * [finish]. Not thread-safe; for one evaluation only.
 */
public class ScriptEvaluation internal constructor(inputs: ScriptInputs, frameSuffix: String) {
    public constructor(inputs: ScriptInputs) : this(inputs, "." + EmrScript.EXTENSION)

    /** What the script sees at its top level. */
    public val scope: ScriptScope = ScriptScope(Script(inputs, frameSuffix, EmrScript::class.java))

    /** The diagnostics found so far, for a script that threw. */
    public fun diagnosticsSoFar(): List<Diagnostic> = scope.script.diagnostics.all()

    /**
     * The innermost line of the script in a stack, with the calls of the script's functions that
     * led to it; the script without a line when no frame is of it.
     */
    public fun location(stack: Array<StackTraceElement>): SourceLocation = scope.script.at(stack)

    /** To be called once, when the script has run to its end. */
    public fun finish(): Evaluated {
        val script = scope.script
        val nowhere = SourceLocation.at(script.inputs.scriptFile, 0)
        if (scope.pipelines.isEmpty()) script.reportAt(nowhere, ScriptCode.NO_PIPELINE)
        val first = scope.pipelines.firstOrNull()
        first?.warn()
        script.params.reportUnknown(first?.location ?: nowhere)
        return Evaluated(
            first?.build(),
            script.params.declarations(),
            script.diagnostics.all(),
            first?.schedules.orEmpty(),
            first?.notifications,
            first?.target,
        )
    }
}
