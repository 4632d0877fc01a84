package dev.emrys.cli

import dev.emrys.graph.TaskGraph
import dev.emrys.host.LoadResult
import dev.emrys.runtime.Preflight
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.InvalidSpecException
import dev.emrys.spec.PipelineSpec
import java.nio.file.Path
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin

/** A script that is fit to run. */
internal class Fit(val loaded: LoadResult.Ready, val graph: TaskGraph, val notes: List<String>)

/** What this machine does in another way than the script says. */
internal fun notes(spec: PipelineSpec, stateFolder: Path): List<String> =
    Preflight.look(spec, stateFolder).map { "${it.location()}: ${it.what()}" }

/** What the commands that take a script have in common. */
internal class Scripts(private val console: Console) {
    private val failures = Failures(console)

    /** The script's graph; null when it was refused, and all its mistakes are told. */
    fun load(script: ScriptOptions, state: StateOptions, json: Boolean, sampling: Boolean): Fit? {
        val loaded = withoutOutput { script.load(sampling, ::exited) }
        // As JSON a refusal holds them.
        if (!json || loaded is LoadResult.Ready) loaded.warnings.forEach { console.problem("$it") }
        when (loaded) {
            is LoadResult.Refused -> refuse(loaded.errors, loaded, json)
            is LoadResult.Ready ->
                try {
                    val graph = TaskGraph.compile(loaded.spec)
                    val notes =
                        if (sampling) emptyList()
                        else notes(loaded.spec, Folders.state(state.state, script.path))
                    return Fit(loaded, graph, notes)
                } catch (e: InvalidSpecException) {
                    refuse(e.diagnostics(), loaded, json)
                }
        }
        return null
    }

    /**
     * What a script prints while it is evaluated is no result of ours, which a program may read.
     */
    private fun <T> withoutOutput(action: () -> T): T {
        val out = System.out
        System.setOut(console.err)
        try {
            return action()
        } finally {
            System.setOut(out)
        }
    }

    /** The script ends this process, and it could not be prevented. */
    private fun exited(diagnostic: Diagnostic) {
        failures.diagnostic(diagnostic, null)
        Runtime.getRuntime().halt(ExitCode.MISTAKE.code)
    }

    private fun refuse(diagnostics: List<Diagnostic>, loaded: LoadResult, json: Boolean) {
        if (json) console.print(Json.diagnostics(diagnostics, loaded.warnings))
        else
            diagnostics.forEach {
                failures.diagnostic(it, (loaded as? LoadResult.Refused)?.excerpt(it))
            }
    }
}

@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = ["Looks for mistakes in a script. Required params get samples. Touches nothing."],
)
internal class CheckCommand(private val console: Console) : Callable<Int> {
    @Mixin lateinit var script: ScriptOptions
    @Mixin lateinit var state: StateOptions
    @Mixin lateinit var output: OutputOptions

    override fun call(): Int {
        val fit =
            Scripts(console).load(script, state, output.json, sampling = true)
                ?: return ExitCode.MISTAKE.code
        val spec = fit.loaded.spec
        console.print(
            if (output.json) Json.diagnostics(emptyList(), fit.loaded.warnings)
            else
                "${script.file}: no mistakes in pipeline \"${spec.name()}\" " +
                    "(${Words.count(spec.clusters().size, "cluster")}, ${Words.count(spec.steps().size, "step")})."
        )
        return ExitCode.SUCCEEDED.code
    }
}

@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    description = ["Shows what a run would do. Touches nothing."],
)
internal class PlanCommand(private val console: Console) : Callable<Int> {
    @Mixin lateinit var script: ScriptOptions
    @Mixin lateinit var state: StateOptions
    @Mixin lateinit var output: OutputOptions

    override fun call(): Int {
        val fit =
            Scripts(console).load(script, state, output.json, sampling = false)
                ?: return ExitCode.MISTAKE.code
        console.print(
            if (output.json) Json.plan(fit.graph, fit.notes, fit.loaded.warnings)
            else PlanText(fit.graph, fit.notes).toString()
        )
        return ExitCode.SUCCEEDED.code
    }
}
