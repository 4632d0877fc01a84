package dev.emrys.cli

import com.fasterxml.jackson.annotation.JsonInclude
import com.fasterxml.jackson.annotation.JsonUnwrapped
import com.fasterxml.jackson.core.JsonFactory
import com.fasterxml.jackson.core.json.JsonWriteFeature
import com.fasterxml.jackson.databind.ObjectMapper
import com.fasterxml.jackson.databind.SerializationFeature
import dev.emrys.cost.Money
import dev.emrys.runtime.RunCosts
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.PipelineSpec
import dev.emrys.spec.SpecJson
import dev.emrys.view.RunHeader
import dev.emrys.view.RunView
import dev.emrys.view.TaskView
import java.io.OutputStream

/**
 * The JSON output of the commands. Programs read it: members may be added, and are never renamed or
 * removed. Instants are ISO-8601 in UTC. The records below are the documents, member by member.
 */
internal object Json {
    /** By default Jackson escapes what needs four bytes in UTF-8. */
    private val factory =
        JsonFactory.builder().enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8).build()
    private val mapper = ObjectMapper(factory).disable(SerializationFeature.FLUSH_AFTER_WRITE_VALUE)
    private val plannedTask = mapper.writerFor(PlannedTaskJson::class.java)

    private val line =
        mapper
            .copy()
            .setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL)
            .writerFor(LogLine::class.java)

    /** A line of a daemon's log. */
    fun line(value: LogLine): String = line.writeValueAsString(value)

    /** In one line: the command that prints it goes on. */
    fun emulator(endpoint: EmulatorEndpoint): String = mapper.writeValueAsString(endpoint)

    class DiagnosticJson(diagnostic: Diagnostic) {
        val code: String = diagnostic.code().id()
        val severity: String = diagnostic.severity().name

        /** Null for one that is about no file. */
        val file: String? = diagnostic.location().file().takeIf { diagnostic.hasLocation() }
        val line: Int? = diagnostic.location().line().takeIf { it > 0 }
        val column: Int? = diagnostic.location().column().takeIf { it > 0 }
        /** The calls that led to a location in a function of the script, the innermost first. */
        @get:JsonInclude(JsonInclude.Include.NON_EMPTY)
        val calledFrom: List<CallJson> =
            generateSequence(diagnostic.location().calledFrom()) { it.calledFrom() }
                .map { CallJson(it.file(), it.line()) }
                .toList()
        val endLine: Int? = diagnostic.range().endLine().takeIf { it > 0 }
        val endColumn: Int? = diagnostic.range().endColumn().takeIf { it > 0 }
        val what: String = diagnostic.what()
        val why: String = diagnostic.why()
        val fix: String = diagnostic.fix()
    }

    class CallJson(val file: String, val line: Int)

    class DiagnosticsJson(val diagnostics: List<DiagnosticJson>)

    class FailureJson(val error: String, val exit: Int, val diagnostics: List<DiagnosticJson>)

    class PlannedTaskJson(task: PlannedTask) {
        val id = task.id
        val does = task.action
        val cluster = task.cluster

        /** The steps among [upstream]. */
        val after: List<String> = task.declared?.after()?.distinct().orEmpty()
        val upstream: List<PlannedTask.Upstream> = task.upstream
    }

    class RunJson(run: RunHeader) {
        val id: String = run.id()
        val name: String = run.name()
        val pipeline: String = run.pipeline()
        val script: String = run.script()
        val target: String = run.target()

        /** Such as the account and the region. */
        @get:JsonInclude(JsonInclude.Include.NON_EMPTY)
        val targetSettings: Map<String, String> = run.targetSettings()
        val startedAt: String = run.startedAt().toString()
        val endedAt: String? = run.endedAt()?.toString()
        val outcome: String? = run.outcome()?.name

        /** Whether a process drives it now. */
        val driven: Boolean = run.outcome() == null && run.driver() != null
    }

    class ListedRunJson(listed: ListedRun) {
        @get:JsonUnwrapped val run = RunJson(listed.run)
        val state: String = "${listed.state}"
    }

    class RunDetailsJson(
        view: RunView,
        @get:JsonInclude(JsonInclude.Include.NON_NULL) val cost: RunCostJson?,
    ) {
        @get:JsonUnwrapped val run = RunJson(view.header())
        val params: Map<String, String> = view.params()
        val tasks: List<TaskJson> = view.tasks().map(::TaskJson)
    }

    /**
     * What the run has cost so far, in US dollars; [low] and [high] differ where clusters scale.
     */
    class RunCostJson(cost: RunCosts.RunCost) {
        val estimate = true
        val currency = "USD"
        val low: Double = Money.rounded(cost.total().low())
        val high: Double = Money.rounded(cost.total().high())
        val prices: String = cost.source()
        val unpriced: List<String> = cost.unpriced().toList()
        val clusters: List<ClusterCostJson> = cost.clusters().map(::ClusterCostJson)
    }

    class ClusterCostJson(cost: RunCosts.ClusterCost) {
        val cluster: String = cost.cluster()
        val starts: Int = cost.starts()
        val seconds: Long = cost.time().toSeconds()
        val low: Double = Money.rounded(cost.cost().low())
        val high: Double = Money.rounded(cost.cost().high())
    }

    class TaskJson(task: TaskView) {
        val id: String = task.id()
        val phase: String = task.phase().name
        val attempt: Int = task.attempt()
        val remoteId: String? = task.remoteId()
        val since: String? = task.since()?.toString()
        val runningSince: String? = task.runningSince()?.toString()
        val until: String? = task.until()?.toString()
        val failure: String? = task.failure()?.name
        val reason: String? = task.reason()
        val log: String? = task.log()

        /** The root cause of the failure; null when nothing tells it. */
        val cause: String? = task.cause()?.name
    }

    class SchedulesJson(val schedules: List<ExplainedSchedule>)

    class ListedSchedulesJson(val schedules: List<ListedSchedule>)

    fun listedSchedules(schedules: List<ListedSchedule>): String =
        text(ListedSchedulesJson(schedules))

    class HistoryJson(val fires: List<ListedFire>, val events: List<ListedEvent>)

    /** Both with the newest first. */
    fun history(fires: List<ListedFire>, events: List<ListedEvent>): String =
        text(HistoryJson(fires, events))

    fun reaped(document: ReapJson): String = text(document)

    fun schedules(schedules: List<ExplainedSchedule>): String = text(SchedulesJson(schedules))

    fun diagnostics(diagnostics: List<Diagnostic>): String =
        text(DiagnosticsJson(diagnostics.map(::DiagnosticJson)))

    /** Why a command ended. */
    fun failure(diagnostics: List<Diagnostic>, exit: ExitCode): String {
        val error = diagnostics.joinToString("\n", transform = ::text)
        return text(FailureJson(error, exit.code, diagnostics.map(::DiagnosticJson)))
    }

    private fun text(diagnostic: Diagnostic): String {
        val where = if (diagnostic.hasLocation()) "${diagnostic.location()}: " else ""
        return "$where${diagnostic.what()}\n    ${diagnostic.advice()}".trimEnd()
    }

    /** The spec in its own JSON form, with the tasks and the warnings beside it; in UTF-8. */
    fun writePlan(
        spec: PipelineSpec,
        tasks: List<PlannedTask>,
        warnings: List<Diagnostic>,
        cost: PlannedCost.CostJson?,
        to: OutputStream,
        preparations: List<String> = emptyList(),
    ) {
        val out = mapper.factory.createGenerator(to)
        out.prettyPrinter = PlanPrinter()
        out.writeStartObject()
        SpecJson.writeMembers(spec, out)
        out.writeArrayFieldStart("tasks")
        tasks.forEach { plannedTask.writeValue(out, PlannedTaskJson(it)) }
        out.writeEndArray()
        out.writeArrayFieldStart("diagnostics")
        warnings.forEach { mapper.writeValue(out, DiagnosticJson(it)) }
        out.writeEndArray()
        if (cost != null) {
            out.writeFieldName("cost")
            mapper.writeValue(out, cost)
        }
        if (preparations.isNotEmpty()) {
            out.writeArrayFieldStart("preparations")
            preparations.forEach(out::writeString)
            out.writeEndArray()
        }
        out.writeEndObject()
        out.flush()
    }

    fun runs(runs: List<ListedRun>): String = text(runs.map(::ListedRunJson))

    fun run(run: RunView, cost: RunCosts.RunCost? = null): String =
        text(RunDetailsJson(run, cost?.let(::RunCostJson)))

    private fun text(value: Any): String =
        mapper.writerWithDefaultPrettyPrinter().writeValueAsString(value)
}
