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
        val target = TargetWarnings.find(spec, folder)
        if (target.errors.isNotEmpty()) {
            loader.reject(target.errors, checked.loaded, output.diagnostics)
            return ExitCode.USER_ERROR.code
        }
        Engines.open(console, folder).use { engine ->
            target.warnings.forEach { console.status("$it") }
            FetchProgress(console).use { engine.fetch(spec, it) }
            val progress = RunProgress(console, spec, output.json)
            val handle =
                engine.start(spec, script.path.toAbsolutePath().normalize().toString(), progress)
            return RunFollower(console, engine, output.json).follow(handle, progress)
        }
    }
}
