package dev.emrys.cli

import dev.emrys.drive.Target
import dev.emrys.emr.ClusterReaper
import dev.emrys.emr.ClusterReaper.Ended
import dev.emrys.emr.LeasedCluster
import dev.emrys.emr.LeasedCluster.Verdict
import dev.emrys.journal.AmbiguousRunException
import dev.emrys.runtime.Engine
import dev.emrys.runtime.LocalTarget
import dev.emrys.runtime.ReapTarget
import dev.emrys.spec.AwsCode
import dev.emrys.spec.CommandCode
import java.nio.file.Files
import java.nio.file.Path
import java.time.DateTimeException
import java.time.Duration
import java.util.concurrent.Callable
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionException
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option

/**
 * A cluster as `emrys reap` tells of it.
 *
 * @param target the settings of its target
 * @param overdue for how long it has expired; negative when it has not; null without an expiry
 * @param ended null when nothing was asked of EMR
 */
internal class ReapedCluster(
    val cluster: LeasedCluster,
    val target: Map<String, String>,
    val verdict: Verdict,
    val overdue: Duration?,
    val ended: Ended?,
)

@Command(
    name = "reap",
    mixinStandardHelpOptions = true,
    description =
        [
            "Lists the clusters that runs of Emrys have started and that are up, whichever journal has these runs, and says which are left over. Ends nothing without --yes.",
            "A cluster is left over when its life lease expired longer ago than the margin: a tag that the process that drives the run renews. One without Emrys's tags is never touched, one whose run a live process drives is kept.",
        ],
)
internal class ReapCommand(private val console: Console) : Callable<Int> {
    @Mixin lateinit var target: TargetOptions

    @Option(names = ["--yes"], description = ["Ends the clusters that are left over."])
    var yes: Boolean = false

    @Option(
        names = ["--margin"],
        paramLabel = "DURATION",
        description =
            ["For how long the lease must have expired, such as 30m, 2h or 1d. Default: 1h."],
    )
    var margin: String = "1h"

    @Option(
        names = ["--unprotect"],
        description =
            [
                "With --yes: also ends those that are protected from termination. Else they are kept."
            ],
    )
    var unprotect: Boolean = false

    @Mixin lateinit var state: StateOptions
    @Mixin lateinit var output: OutputOptions

    override fun call(): Int {
        val leftOverAfter = durationOf(margin)
        val own = StateFolders.of(state.state, null)
        // As for a script in the working folder.
        val choice = TargetSelection(target).choice(null, Path.of(PropertiesFile.NAME), own)
        val folders = if (state.database == null) StateFolders.visible(state.state) else listOf(own)
        val clusters =
            withEngines(folders, choice, emptyList()) { engines ->
                val reap = { target: Target -> reap(target as ReapTarget, engines, leftOverAfter) }
                when {
                    choice.name == TargetName.LOCAL.text ->
                        engines.filter(::hasAccount).flatMap { reap(it.defaultTarget()) }
                    engines.isEmpty() -> Engines.target(console, own, choice).use(reap)
                    else -> reap(engines[0].defaultTarget())
                }
            }
        ReapReport(console, choice, leftOverAfter, yes).print(clusters, output.json, command())
        val refused = clusters.any { it.ended?.ending() == ClusterReaper.Ending.REFUSED }
        return (if (refused) ExitCode.EXTERNAL_FAILURE else ExitCode.SUCCEEDED).code
    }

    /** An account that was never used has no clusters, and asking it would create it. */
    private fun hasAccount(engine: Engine) =
        Files.isDirectory(LocalTarget.accountFolder(engine.stateFolder()))

    private fun <T> withEngines(
        folders: List<Path>,
        choice: TargetChoice,
        opened: List<Engine>,
        action: (List<Engine>) -> T,
    ): T =
        if (folders.isEmpty()) action(opened)
        else
            Engines.open(console, folders[0], state.database, choice).use {
                withEngines(folders.drop(1), choice, opened + it, action)
            }

    private fun reap(
        target: ReapTarget,
        engines: List<Engine>,
        margin: Duration,
    ): List<ReapedCluster> {
        target.connect()
        return target.reaper().use { reaper ->
            answer(reaper.clusters()).map { cluster ->
                val verdict =
                    cluster.verdict(reaper.now(), margin, isDriven(cluster, engines), unprotect)
                val ended =
                    if (yes && verdict == Verdict.OVERDUE) answer(reaper.end(cluster, unprotect))
                    else null
                val overdue = cluster.expiresAt()?.let { Duration.between(it, reaper.now()) }
                ReapedCluster(cluster, target.settings(), verdict, overdue, ended)
            }
        }
    }

    private fun isDriven(cluster: LeasedCluster, engines: List<Engine>) = engines.any { engine ->
        val run = cluster.run().run()
        try {
            engine.runs().find(run).filter { it.id() == run && it.driver() != null }.isPresent
        } catch (_: AmbiguousRunException) {
            false
        }
    }

    private fun <T> answer(future: CompletableFuture<T>): T =
        try {
            future.join()
        } catch (e: CompletionException) {
            val refused = e.cause as? ClusterReaper.RefusedException ?: throw e
            throw StopException(AwsCode.REFUSED.of(refused.message.orEmpty().removeSuffix(".")))
        }

    /** What to type to end what is overdue. */
    private fun command(): String {
        val options =
            listOf(
                "--target" to target.target?.text,
                "--profile" to target.profile,
                "--region" to target.region,
                "--role" to target.role,
                "--endpoint-url" to target.endpoint,
                "--margin" to margin.takeIf { it != DEFAULT_MARGIN },
                "--state" to state.state?.toString(),
                "--journal" to state.journal,
            )
        return "emrys reap" +
            options.joinToString("") { (name, value) ->
                if (value == null) "" else " $name ${NextCommands.quoted(value)}"
            } +
            (if (unprotect) " --unprotect" else "") +
            " --yes"
    }

    private fun durationOf(text: String): Duration =
        try {
            val match = DURATION.matchEntire(text)
            if (match == null) Duration.parse(text)
            else Duration.of(match.groupValues[1].toLong(), UNITS.getValue(match.groupValues[2]))
        } catch (_: DateTimeException) {
            throw StopException(CommandCode.OPTION_VALUE.of(text, "--margin", EXAMPLES))
        }

    private companion object {
        const val DEFAULT_MARGIN = "1h"
        const val EXAMPLES = "a duration, such as 30m, 2h or 1d"
        val DURATION = Regex("([0-9]{1,6})([smhd])")
        val UNITS =
            mapOf(
                "s" to java.time.temporal.ChronoUnit.SECONDS,
                "m" to java.time.temporal.ChronoUnit.MINUTES,
                "h" to java.time.temporal.ChronoUnit.HOURS,
                "d" to java.time.temporal.ChronoUnit.DAYS,
            )
    }
}
