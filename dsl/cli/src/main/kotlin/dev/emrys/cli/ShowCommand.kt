package dev.emrys.cli

import dev.emrys.runtime.Engine
import dev.emrys.runtime.RunCosts
import dev.emrys.view.RunHeader
import dev.emrys.view.RunView
import java.time.Instant
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin

@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description = ["Shows a run: its script, params and target, its tasks, and why they failed."],
)
internal class ShowCommand(private val console: Console) : Callable<Int> {
    @Mixin lateinit var run: RunOptions
    @Mixin lateinit var output: OutputOptions

    override fun call(): Int = Engines.withRun(console, run, ::show)

    private fun show(engine: Engine, header: RunHeader): Int {
        val run = engine.runs().view(header.id())
        run.unfit().ifPresent { console.status(it) }
        val cost = engine.costs().of(run, Instant.now()).orElse(null)
        if (output.json) console.print(Json.run(run, cost)) else print(engine, run, cost)
        return ExitCode.SUCCEEDED.code
    }

    private fun print(engine: Engine, view: RunView, cost: RunCosts.RunCost?) {
        val run = view.header()
        console.print("Run ${run.name()} (${run.id()}) of ${run.pipeline()}: ${run.status()}")
        if (run.script().isNotEmpty()) field("script", run.script())
        if (view.params().isNotEmpty()) field("params", view.params().entries.joinToString(", "))
        val settings = run.targetSettings().map { (name, value) -> ", $name $value" }
        field("target", run.target() + settings.joinToString(""))
        field("state", "${engine.stateFolder()}")
        engine.database().ifPresent { field("journal", "$it") }
        field("started", Formats.instant(run.startedAt()))
        run.endedAt()?.let { ended ->
            val duration = Formats.duration(run.duration(Instant.now()))
            field("ended", "${Formats.instant(ended)}, after $duration")
        }
        run.driver()?.let {
            field(
                "driver",
                "process ${it.pid()} on ${it.host()} since ${Formats.instant(it.since())}",
            )
        }
        cost?.let { field("cost", CostText.of(it)) }
        console.print(TaskTable(view.tasks(), Instant.now(), Int.MAX_VALUE).toString())
        for (task in view.tasks()) {
            val reason = task.reason() ?: continue
            console.print("")
            console.print("${task.id()}: $reason")
            task.log()?.let { console.print("    Full log: $it") }
        }
    }

    private fun field(name: String, value: String) = console.print("  ${name.padEnd(8)} $value")
}
