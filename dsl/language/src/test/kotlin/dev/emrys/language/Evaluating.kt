package dev.emrys.language

import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.PipelineSpec
import dev.emrys.spec.StepSpec
import io.kotest.matchers.collections.shouldBeEmpty
import java.time.LocalDate

internal val TODAY: LocalDate = LocalDate.of(2026, 4, 25)

/**
 * Evaluates [script] as the host does; the frames of the test's own file stand for those of a
 * script.
 */
internal fun evaluate(
    params: Map<String, String> = emptyMap(),
    sampling: Boolean = false,
    folder: String = "/home/me/räw data",
    script: ScriptScope.() -> Unit,
): Evaluated {
    val inputs = ScriptInputs(params, sampling, TODAY, "pipelines/x.emr.kts", folder)
    return ScriptEvaluation(inputs, "Spec.kt").run {
        scope.script()
        finish()
    }
}

/** The spec of a script without a mistake, neither the builders' nor the spec's own. */
internal fun specOf(
    params: Map<String, String> = emptyMap(),
    script: ScriptScope.() -> Unit,
): PipelineSpec {
    val evaluated = evaluate(params, script = script)
    evaluated.diagnostics.shouldBeEmpty()
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

/** What a script is told, as it is told: `line-free location: what / fix`. */
internal fun Evaluated.told(): List<String> = diagnostics.map { "${it.what()} | ${it.fix()}" }

internal fun toldOf(
    params: Map<String, String> = emptyMap(),
    sampling: Boolean = false,
    block: PipelineScope.() -> Unit,
): List<String> = evaluate(params, sampling) { pipeline("p", block) }.told()

internal fun toldOfStep(block: StepScope.() -> Unit): List<String> = toldOf {
    cluster("c") {}.step("s", block)
}
