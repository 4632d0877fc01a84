package dev.emrys.cli

import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin

@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description =
        [
            "Runs a script and waits for its end. Exits with 0 only when every step succeeded and every cluster has ended."
        ],
)
internal class RunCommand(private val console: Console) : Callable<Int> {
    @Mixin lateinit var script: ScriptOptions
    @Mixin lateinit var state: StateOptions
    @Mixin lateinit var output: OutputOptions

    override fun call(): Int {
        val loader = ScriptLoader(console)
        val checked =
            loader.load(script, output.diagnostics, sampling = false)
                ?: return ExitCode.USER_ERROR.code
        val spec = checked.spec
        val folder = StateFolders.of(state.state, script.path)
        val target = TargetDiagnostics.find(spec, Engines.target(console, folder))
        if (target.errors.isNotEmpty()) {
            loader.reject(target.errors, checked.loaded, output.diagnostics)
            return ExitCode.USER_ERROR.code
        }
        Engines.open(console, folder, state.database).use { engine ->
            target.warnings.forEach { console.status("$it") }
            FetchProgress(console).use { engine.defaultTarget().fetch(spec, it) }
            val progress = RunProgress(console, output.json)
            val path = script.path.toAbsolutePath().normalize().toString()
            val handle = engine.start(spec, path, progress::changed)
            val feed = engine.runs().replay(handle.id())
            return RunFollower(console, engine, output.json).follow(handle, feed, progress)
        }
    }
}
