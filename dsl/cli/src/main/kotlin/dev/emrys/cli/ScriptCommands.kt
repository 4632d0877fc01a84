package dev.emrys.cli

import dev.emrys.drive.Target
import dev.emrys.graph.TaskGraph
import dev.emrys.host.LoadResult
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.InvalidSpecException
import dev.emrys.spec.PipelineSpec
import dev.emrys.spec.Severity
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option

/** A script without errors, as far as can be seen without a target. */
internal class CheckedScript(val loaded: LoadResult.Ready, val graph: TaskGraph) {
    val spec: PipelineSpec
        get() = graph.spec()

    /** What the language itself warns of. */
    val warnings: List<Diagnostic> = loaded.warnings
}

/** Loads the script of a command and prints its warnings and errors. */
internal class ScriptLoader(private val console: Console) {
    private val failures = Failures(console)

    /** Null when the script has errors; they are printed. */
    fun load(
        script: ScriptOptions,
        output: DiagnosticOutput,
        sampling: Boolean,
        fire: ScheduledFire? = null,
    ): CheckedScript? {
        val loaded = withOutputOnStderr {
            script.load(
                sampling,
                onCompile = {
                    console.status("Compiling ${script.file}, because it is new or has changed …")
                },
                onExit = { exit(it, output) },
                fire = fire,
            )
        }
        // As JSON and SARIF a refusal contains them.
        if (output == DiagnosticOutput.TEXT || loaded is LoadResult.Ready)
            loaded.warnings.forEach { console.status("$it") }
        when (loaded) {
            is LoadResult.Refused -> reject(loaded.errors, loaded, output)
            is LoadResult.Ready ->
                try {
                    return CheckedScript(loaded, TaskGraph.compile(loaded.spec))
                } catch (e: InvalidSpecException) {
                    reject(e.diagnostics(), loaded, output)
                }
        }
        return null
    }

    /** What a script prints while it is evaluated is not a result of the command. */
    private fun <T> withOutputOnStderr(action: () -> T): T {
        val out = System.out
        System.setOut(console.err)
        try {
            return action()
        } finally {
            System.setOut(out)
        }
    }

    /** The script ends this process, and that could not be prevented. */
    private fun exit(diagnostic: Diagnostic, output: DiagnosticOutput) {
        if (output == DiagnosticOutput.TEXT) failures.print(diagnostic)
        else print(listOf(diagnostic), output)
        Runtime.getRuntime().halt(ExitCode.USER_ERROR.code)
    }

    /** Prints errors of a script. */
    fun reject(diagnostics: List<Diagnostic>, loaded: LoadResult, output: DiagnosticOutput) {
        if (output == DiagnosticOutput.TEXT)
            diagnostics.forEach {
                failures.print(it, (loaded as? LoadResult.Refused)?.excerpt(it))
            }
        else print(diagnostics + loaded.warnings, output)
    }

    private fun print(diagnostics: List<Diagnostic>, output: DiagnosticOutput) {
        console.print(
            if (output == DiagnosticOutput.SARIF) Sarif.report(diagnostics, ExitCode.USER_ERROR)
            else Json.diagnostics(diagnostics)
        )
    }
}

private fun target(
    console: Console,
    target: TargetOptions,
    state: StateOptions,
    script: ScriptOptions,
    loaded: LoadResult.Ready,
): Target {
    val folder = StateFolders.of(state.state, script.path)
    val choice = TargetSelection(target).choice(loaded.target, script.path, folder)
    return Engines.target(console, folder, choice)
}

@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description =
        [
            "Finds errors in a script. A required param without a value gets a sample. Starts and writes nothing."
        ],
)
internal class CheckCommand(private val console: Console) : Callable<Int> {
    @Mixin lateinit var script: ScriptOptions
    @Mixin lateinit var target: TargetOptions
    @Mixin lateinit var state: StateOptions
    @Mixin lateinit var output: CheckOutputOptions

    @Option(
        names = ["--offline"],
        description =
            [
                "Asks nothing of AWS. Else, with the target aws, EMR is asked which release labels, applications and",
                "instance types the region has.",
            ],
    )
    var offline: Boolean = false

    override fun call(): Int {
        val checked =
            ScriptLoader(console).load(script, output.output, sampling = true)
                ?: return ExitCode.USER_ERROR.code
        val spec = checked.spec
        // A file or an object that only a sample names need not exist.
        val sampled = checked.loaded.params.any { it.required && !script.isGiven(it.name) }
        val chosen = target(console, target, state, script, checked.loaded)
        val found =
            TargetDiagnostics.find(spec, chosen)
                .plus(if (offline) emptyList() else chosen.serviceCheck(spec))
        val targetWarnings =
            (if (sampled) found.warnings else found.asWarnings()) +
                ObjectsOfAws.find(checked.loaded.schedules, chosen.name()).map {
                    it.withSeverity(Severity.WARNING)
                }
        targetWarnings.forEach { console.status("$it") }
        console.print(
            when (output.output) {
                DiagnosticOutput.JSON -> Json.diagnostics(checked.warnings + targetWarnings)
                DiagnosticOutput.SARIF ->
                    Sarif.report(checked.warnings + targetWarnings, ExitCode.SUCCEEDED)
                DiagnosticOutput.TEXT ->
                    "${script.file}: no errors in pipeline \"${spec.name()}\" " +
                        "(${Formats.count(spec.clusters().size + spec.existingClusters().size, "cluster")}, ${Formats.count(spec.steps().size, "step")})."
            }
        )
        return ExitCode.SUCCEEDED.code
    }
}

@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    description = ["Shows what a run would do. Starts and writes nothing."],
)
internal class PlanCommand(private val console: Console) : Callable<Int> {
    @Mixin lateinit var script: ScriptOptions
    @Mixin lateinit var fire: FireOptions
    @Mixin lateinit var target: TargetOptions
    @Mixin lateinit var state: StateOptions
    @Mixin lateinit var output: OutputOptions

    override fun call(): Int {
        val checked =
            ScriptLoader(console)
                .load(script, output.diagnostics, sampling = false, script.fireOf(fire))
                ?: return ExitCode.USER_ERROR.code
        val target = target(console, target, state, script, checked.loaded)
        val folder = StateFolders.of(state.state, script.path)
        val cost =
            PriceFiles.rates(target.name(), script.path, folder)?.let {
                PlannedCost(checked.spec, it)
            }
        val found = TargetDiagnostics.plan(checked.spec, target).plusErrors(cost?.errors.orEmpty())
        val tasks = PlannedTask.of(checked.graph)
        if (output.json)
            console.write {
                Json.writePlan(
                    checked.spec,
                    tasks,
                    checked.warnings + found.asWarnings(),
                    cost?.json(),
                    it,
                    found.preparations,
                )
            }
        else console.print(PlanText(checked.spec, tasks, found, cost).toString())
        return ExitCode.SUCCEEDED.code
    }
}
