package dev.emrys.cli

import dev.emrys.graph.TaskGraph
import dev.emrys.host.Loaded
import dev.emrys.runtime.Preflight
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.InvalidSpecException
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin

/** A script that is fit to run. */
internal class Fit(val loaded: Loaded.Ready, val graph: TaskGraph, val notes: List<String>)

/** What the commands that take a script have in common. */
internal class Scripts(private val console: Console) {
    private val failures = Failures(console)

    /** The script's graph; null when it was refused, and all its mistakes are told. */
    fun load(script: ScriptOptions, state: StateOptions, json: Boolean, sampling: Boolean): Fit? {
        val loaded = withoutOutput { script.load(sampling) }
        loaded.notices.forEach { console.problem("Hint: $it") }
        when (loaded) {
            is Loaded.Refused -> refuse(loaded.diagnostics, loaded, json)
            is Loaded.Ready ->
                try {
                    val graph = TaskGraph.compile(loaded.spec)
                    val notes =
                        if (sampling) emptyList()
                        else Preflight.look(loaded.spec, Folders.state(state.state, script.path))
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

    private fun refuse(diagnostics: List<Diagnostic>, loaded: Loaded, json: Boolean) {
        if (json) console.print(Json.diagnostics(diagnostics, loaded.notices))
        else
            diagnostics.forEach {
                failures.diagnostic(it, (loaded as? Loaded.Refused)?.excerpt(it))
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
            if (output.json) Json.diagnostics(emptyList(), fit.loaded.notices)
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
            if (output.json) Json.plan(fit.graph, fit.notes, fit.loaded.notices)
            else PlanText(fit.graph, fit.notes).toString()
        )
        return ExitCode.SUCCEEDED.code
    }
}
