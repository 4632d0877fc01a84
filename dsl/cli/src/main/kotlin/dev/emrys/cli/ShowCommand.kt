package dev.emrys.cli

import dev.emrys.journal.RunRecord
import dev.emrys.runtime.Engine
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

    private fun show(engine: Engine, record: RunRecord): Int {
        val tasks = RunTasks(engine.state(record))
        val holder = engine.journal().leases().holder(record.id())
        if (output.json) {
            console.print(Json.run(record, tasks, holder.isPresent))
            return ExitCode.SUCCEEDED.code
        }
        val status =
            tasks.outcome?.name?.lowercase() ?: if (holder.isPresent) "running" else "interrupted"
        console.print("Run ${record.name()} (${record.id()}) of ${record.pipeline()}: $status")
        if (record.script().isNotEmpty()) field("script", record.script())
        val params = tasks.spec.params()
        if (params.isNotEmpty()) field("params", params.entries.joinToString(", "))
        field("target", record.target())
        field("state", "${engine.stateFolder()}")
        field("started", Formats.instant(record.startedAt()))
        tasks.endedAt?.let { ended ->
            field(
                "ended",
                Formats.instant(ended) +
                    tasks.duration?.let { ", after ${Formats.duration(it)}" }.orEmpty(),
            )
        }
        holder.ifPresent {
            field(
                "driver",
                "process ${it.pid()} on ${it.host()} since ${Formats.instant(it.since())}",
            )
        }
        console.print(TaskTable(tasks.all, Instant.now(), Int.MAX_VALUE).toString())
        for (task in tasks.all) {
            val reason = task.reason() ?: continue
            console.print("")
            console.print("${task.task()}: $reason")
            task.log()?.let { console.print("    Full log: $it") }
        }
        return ExitCode.SUCCEEDED.code
    }

    private fun field(name: String, value: String) = console.print("  ${name.padEnd(8)} $value")
}
