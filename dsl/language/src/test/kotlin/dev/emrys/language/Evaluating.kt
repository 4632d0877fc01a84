package dev.emrys.language

import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.PipelineSpec
import dev.emrys.spec.StepSpec
import io.kotest.matchers.collections.shouldBeEmpty
import java.time.LocalDate
import java.time.ZoneId

internal val TODAY: LocalDate = LocalDate.of(2026, 4, 25)

/**
 * Evaluates [script] as the host does; the frames of the test's own file are taken for those of a
 * script.
 */
internal fun evaluate(
    params: Map<String, String> = emptyMap(),
    sampling: Boolean = false,
    folder: String = "/home/me/räw data",
    moment: RunMoment = RunMoment.ofDay(TODAY, ZoneId.of("UTC")),
    script: ScriptScope.() -> Unit,
): Evaluated {
    val inputs =
        ScriptInputs(
            params,
            sampling,
            lazyOf(moment.time.toLocalDate()),
            "pipelines/x.emr.kts",
            folder,
            moment = lazyOf(moment),
        )
    return ScriptEvaluation(inputs, "Test.kt").run {
        scope.script()
        finish()
    }
}

/** The spec of a script without errors, neither of the builders nor of the spec. */
internal fun specOf(
    params: Map<String, String> = emptyMap(),
    script: ScriptScope.() -> Unit,
): PipelineSpec {
    val evaluated = evaluate(params, script = script)
    evaluated.errors().shouldBeEmpty()
    return evaluated.spec!!.also { it.check().all().shouldBeEmpty() }
}

internal fun clusterOf(block: ClusterScope.() -> Unit): ClusterSpec = specOf {
    pipeline("p") {
        cluster("c") {
                instances { primary("m6g.xlarge") }
                block()
            }
            .step("s") { bash("date") }
    }
}
    .clusters()
    .single()

internal fun stepOf(block: StepScope.() -> Unit): StepSpec = specOf {
    pipeline("p") { cluster("c") { instances { primary("m6g.xlarge") } }.step("s", block) }
}
    .steps()
    .single()

internal fun Evaluated.errors(): List<Diagnostic> = diagnostics.filter { it.isError }

internal fun Evaluated.warnings(): List<Diagnostic> = diagnostics.filterNot { it.isError }

/** The errors without their locations: what, and the advice without the places of calls. */
internal fun Evaluated.told(): List<String> = errors().map { it.told() }

internal fun Diagnostic.told(): String =
    listOf("${what()} |", why(), fix()).filter { it.isNotEmpty() }.joinToString(" ")

internal fun toldOf(
    params: Map<String, String> = emptyMap(),
    sampling: Boolean = false,
    block: PipelineScope.() -> Unit,
): List<String> = evaluate(params, sampling) { pipeline("p", block) }.told()

internal fun toldOfStep(block: StepScope.() -> Unit): List<String> = toldOf {
    cluster("c") {}.step("s", block)
}
