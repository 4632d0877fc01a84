package dev.emrys.cli

import dev.emrys.view.FireView
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option
import picocli.CommandLine.Parameters

/** A recorded schedule, and where to look for it. */
internal class ScheduleOptions {
    @Parameters(
        index = "0",
        paramLabel = "SCHEDULE",
        description = ["PIPELINE/NAME, or PIPELINE for all of its schedules."],
    )
    lateinit var schedule: String

    @Mixin lateinit var state: StateOptions
}

@Command(
    name = "pause",
    mixinStandardHelpOptions = true,
    description =
        [
            "Lets a schedule start no run until it is resumed. What is running goes on. The fires are recorded as skipped."
        ],
)
internal class SchedulePauseCommand(private val console: Console) : Callable<Int> {
    @Mixin lateinit var options: ScheduleOptions

    @Option(names = ["--reason"], paramLabel = "TEXT", description = ["Why, for the history."])
    var reason: String = ""

    override fun call(): Int =
        ScheduleFolders.with(console, options.state, options.schedule) { engine, found ->
            for (id in found) {
                val paused = engine.schedules().pause(id, ScheduleFolders.person(), reason)
                console.status("$id is ${if (paused) "paused" else "paused already"}.")
            }
            ExitCode.SUCCEEDED.code
        }
}

@Command(
    name = "resume",
    mixinStandardHelpOptions = true,
    description =
        [
            "Lets a paused schedule start runs again, from now on: what was due meanwhile is not caught up."
        ],
)
internal class ScheduleResumeCommand(private val console: Console) : Callable<Int> {
    @Mixin lateinit var options: ScheduleOptions

    override fun call(): Int =
        ScheduleFolders.with(console, options.state, options.schedule) { engine, found ->
            for (id in found) {
                val resumed = engine.schedules().resume(id, ScheduleFolders.person())
                console.status(if (resumed) "$id is resumed." else "$id was not paused.")
            }
            ExitCode.SUCCEEDED.code
        }
}

@Command(
    name = "trigger",
    mixinStandardHelpOptions = true,
    description =
        [
            "Requests a run of a schedule now, also of a paused one, from the process that serves it. While other runs of the",
            "schedule are running its overlap policy applies. Prints the run's name.",
        ],
)
internal class ScheduleTriggerCommand(private val console: Console) : Callable<Int> {
    @Mixin lateinit var options: ScheduleOptions
    @Mixin lateinit var output: OutputOptions

    override fun call(): Int =
        ScheduleFolders.with(console, options.state, options.schedule) { engine, found ->
            val fires = found.map { engine.schedules().trigger(it, ScheduleFolders.person()) }
            if (output.json)
                console.print(Json.history(fires.map { ListedFire(FireView.of(it)) }, emptyList()))
            else fires.forEach { console.print(it.run()) }
            console.status(
                "Requested. emrys schedule serve starts it within a second, an installed schedule with its next call. See emrys schedule history."
            )
            ExitCode.SUCCEEDED.code
        }
}
