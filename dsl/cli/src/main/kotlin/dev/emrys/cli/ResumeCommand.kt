package dev.emrys.cli

import com.google.common.collect.ImmutableList
import dev.emrys.run.Outcome
import dev.emrys.runtime.Engine
import dev.emrys.spec.CommandCode
import dev.emrys.spec.InvalidSpecException
import dev.emrys.view.RunHeader
import dev.emrys.view.RunView
import java.io.IOException
import java.math.BigDecimal
import java.nio.file.Files
import java.nio.file.Path
import java.util.Optional
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option

@Command(
    name = "resume",
    mixinStandardHelpOptions = true,
    description =
        [
            "Continues a run after a crash, a kill or a failure. What succeeded is kept; the script is not read again."
        ],
)
internal class ResumeCommand(private val console: Console) : Callable<Int> {
    @Mixin lateinit var run: RunOptions
    @Mixin lateinit var target: TargetOptions
    @Mixin lateinit var output: OutputOptions

    @Option(
        names = ["--budget"],
        paramLabel = "USD",
        description =
            [
                "For aws: what the whole run may cost, by estimate. Default: the budget of its script."
            ],
    )
    var budget: String? = null

    override fun call(): Int {
        val usd = budget()
        return Engines.withRun(console, run, TargetSelection(target)) { engine, record ->
            resume(engine, record, usd)
        }
    }

    private fun budget(): Optional<BigDecimal> {
        val text = budget ?: return Optional.empty()
        val usd = text.removePrefix("$").toBigDecimalOrNull()
        if (usd == null || usd.signum() <= 0)
            throw StopException(CommandCode.BUDGET_OPTION.of(text))
        return Optional.of(usd)
    }

    private fun resume(engine: Engine, record: RunHeader, usd: Optional<BigDecimal>): Int {
        val feed = engine.runs().follow(record.id())
        val before = feed.view()
        if (record.outcome() == Outcome.SUCCEEDED && record.driver() == null) {
            console.status("The run ${record.name()} has succeeded: there is nothing to resume.")
            if (output.json) console.print(Json.run(before))
            return ExitCode.SUCCEEDED.code
        }
        if (record.driver() == null) prepare(engine, before)
        val progress = ProgressDisplay(console, output.json)
        // The lock decides who drives the run; the holder may have changed since it was read.
        val handle = engine.resume(record.id(), usd, progress::changed)
        ResumeSummary(before).lines().forEach(console::status)
        if (isScriptNewer(record)) {
            console.status(
                "The script was changed after the run began; the run continues with the spec that it began with. To run the changed script, start a new run: emrys run"
            )
        }
        return RunFollower(console, engine, output.json).follow(handle, feed, progress)
    }

    /** Checks and fetches what the steps need that are submitted again. */
    private fun prepare(engine: Engine, before: RunView) {
        val target = engine.target(before.header().target(), before.header().targetSettings())
        val found =
            target.preflight(before.spec()) { step ->
                before.task(step.name()).map { it.isSubmittedByResume }.orElse(false)
            }
        if (found.any { it.isError })
            throw InvalidSpecException(ImmutableList.copyOf(found.filter { it.isError }))
        FetchProgress(console).use { target.fetch(before.spec(), it) }
    }

    /** False for the run of an embedding program, which has no script. */
    private fun isScriptNewer(run: RunHeader): Boolean {
        val script = Path.of(run.script())
        return try {
            Files.isRegularFile(script) &&
                Files.getLastModifiedTime(script).toInstant().isAfter(run.startedAt())
        } catch (_: IOException) {
            false
        }
    }
}
