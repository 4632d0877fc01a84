package dev.emrys.cli

import dev.emrys.journal.LogicalTime
import dev.emrys.language.RunMoment
import dev.emrys.run.Outcome
import dev.emrys.runtime.Engine
import dev.emrys.spec.CommandCode
import java.nio.file.Files
import java.time.LocalDate
import java.time.ZoneId
import java.util.Optional
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin

@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description =
        [
            "Runs a script and waits for its end. Exits with 0 only when every step succeeded and every cluster has ended.",
            "With --at a fire of a schedule is run once: a second time its run is not repeated, and goes on if it was interrupted.",
        ],
)
internal class RunCommand(private val console: Console) : Callable<Int> {
    @Mixin lateinit var script: ScriptOptions
    @Mixin lateinit var fire: FireOptions
    @Mixin lateinit var target: TargetOptions
    @Mixin lateinit var state: StateOptions
    @Mixin lateinit var output: OutputOptions

    override fun call(): Int {
        val loader = ScriptLoader(console)
        val scheduled = script.fireOf(fire)
        val checked =
            loader.load(script, output.diagnostics, sampling = false, scheduled)
                ?: return ExitCode.USER_ERROR.code
        val spec = checked.spec
        val folder = StateFolders.of(state.state, script.path)
        val choice = TargetSelection(target).choice(checked.loaded.target, script.path, folder)
        val found = Engines.target(console, folder, choice).use { TargetDiagnostics.find(spec, it) }
        if (found.errors.isNotEmpty()) {
            loader.reject(found.errors, checked.loaded, output.diagnostics)
            return ExitCode.USER_ERROR.code
        }
        val existed = Files.exists(folder)
        // A file of prices with a mistake is told before the start.
        PriceFiles.rates(choice.name, script.path, folder)
        Engines.open(console, folder, state.database, choice, script = { script.path }).use { engine
            ->
            found.warnings.forEach { console.status("$it") }
            FetchProgress(console).use { engine.defaultTarget().fetch(spec, it) }
            val progress = ProgressDisplay(console, output.json)
            val path = script.path.toAbsolutePath().normalize().toString()
            val handle =
                if (scheduled == null)
                    engine.start(spec, path, Optional.of(today()), progress::changed)
                else {
                    val name = scheduled.runName(spec.name())
                    engine
                        .startOnce(spec, path, name, scheduled.logicalTime(), progress::changed)
                        .orElse(null) ?: return continued(engine, name, path)
                }
            if (engine.database().isPresent) StateFolders.ignoreInGit(folder, existed)
            val feed = engine.runs().replay(handle.id())
            return RunFollower(console, engine, output.json).follow(handle, feed, progress)
        }
    }

    /** What the params of a run that a person starts depend on. */
    private fun today(): LogicalTime {
        val day = LocalDate.now()
        val zone = ZoneId.systemDefault()
        val moment = RunMoment.ofDay(day, zone)
        return LogicalTime(
            day,
            moment.time.toInstant(),
            zone.id,
            moment.intervalStart.toInstant(),
        )
    }

    /** The fire has a run already, which is not repeated; one that was interrupted goes on. */
    private fun continued(engine: Engine, name: String, script: String): Int {
        val run = engine.runs().find(name).orElseThrow()
        if (run.script() != script)
            throw StopException(CommandCode.FIRE_OF_OTHER_SCRIPT.of(name, run.script()))
        if (run.outcome() == null) {
            val feed = engine.runs().follow(run.id())
            val progress = ProgressDisplay(console, output.json)
            val handle = engine.takeOver(run.id(), progress::changed)
            console.status("The run $name of this fire was interrupted, and goes on.")
            return RunFollower(console, engine, output.json).follow(handle, feed, progress)
        }
        console.status("The run $name of this fire has ended: ${run.status()}. Nothing is started.")
        if (output.json) console.print(Json.run(engine.runs().view(run.id())))
        if (run.outcome() == Outcome.SUCCEEDED) return ExitCode.SUCCEEDED.code
        console.status(
            "    ${NextCommands(engine).text("resume", name)}    repeats what did not succeed"
        )
        return ExitCode.PIPELINE_FAILED.code
    }
}
