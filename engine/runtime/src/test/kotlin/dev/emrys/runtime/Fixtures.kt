package dev.emrys.runtime

import com.google.common.collect.ImmutableList
import dev.emrys.local.Account
import dev.emrys.spec.Backoff
import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.InstanceRole
import dev.emrys.spec.PipelineSpec
import dev.emrys.spec.SourceLocation
import dev.emrys.spec.StepKind
import dev.emrys.spec.StepSpec
import dev.emrys.testing.cluster
import dev.emrys.testing.group
import dev.emrys.testing.pipeline
import dev.emrys.testing.retry
import dev.emrys.testing.step
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.CopyOnWriteArrayList

internal val HERE = SourceLocation.at("test.emr.kts", 1)

internal fun cluster(name: String, stepConcurrency: Int = 1): ClusterSpec =
    cluster(
        name,
        applications = listOf(),
        groups = listOf(group(InstanceRole.PRIMARY, "m5.xlarge", 1)),
        stepConcurrency = stepConcurrency,
        location = HERE,
    )

internal fun bash(
    name: String,
    cluster: String,
    script: String,
    vararg after: String,
    attempts: Int = 1,
    timeout: Duration? = null,
) =
    step(
        name,
        *after,
        cluster = cluster,
        retry =
            retry(
                attempts,
                backoff = Backoff(Duration.ofMillis(50), 1.0, Duration.ofMillis(50), 0.0),
            ),
        timeout = timeout,
        args = listOf("bash", "-c", script),
        location = HERE,
    )

internal fun command(name: String, cluster: String, vararg args: String) =
    step(name, cluster = cluster, kind = StepKind.RAW, args = args.toList(), location = HERE)

internal fun pipeline(clusters: List<ClusterSpec>, steps: List<StepSpec>): PipelineSpec =
    pipeline(clusters, steps, name = "test", location = HERE)

/** A state folder with a real owner process, which is killed by [close]. */
internal class StateFolderFixture : AutoCloseable {
    val folder: Path = Files.createTempDirectory("emrys-runtime").toRealPath()
    val ledger: Path = folder.resolve("ledger")
    val warnings = CopyOnWriteArrayList<String>()
    val account: Account = LocalTarget.account(folder)

    /** New for each engine, which closes it. */
    val target: LocalTarget
        get() =
            LocalTarget(
                LocalTarget.Settings(folder, folder.resolve("cache"), OWNER_COMMAND) {
                    warnings.add(it)
                }
            )

    val settings: EngineSettings
        get() =
            EngineSettings(
                folder,
                folder.resolve("cache"),
                ImmutableList.of(target),
                { warnings.add(it) },
                "a test",
            )

    fun ownerPid(): Long? {
        val file = account.folder().resolve("owner.json")
        val text =
            try {
                Files.readString(file)
            } catch (_: NoSuchFileException) {
                // An idle owner process ends by itself.
                return null
            }
        return Regex("\"pid\":(\\d+)").find(text)?.groupValues?.get(1)?.toLong()
    }

    fun ledgerLines(): List<String> =
        if (Files.exists(ledger)) Files.readAllLines(ledger) else emptyList()

    override fun close() {
        ownerPid()
            ?.let { ProcessHandle.of(it) }
            ?.ifPresent {
                it.destroyForcibly()
                it.onExit().join()
            }
        folder.toFile().deleteRecursively()
    }

    companion object {
        val OWNER_COMMAND: ImmutableList<String> =
            ImmutableList.of(
                ProcessHandle.current().info().command().get(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.emrys.runtime.TestOwner",
            )
    }
}

internal object TestOwner {
    @JvmStatic
    fun main(args: Array<String>) {
        val folder = Path.of(args[0])
        LocalTarget.runOwner(folder, folder.resolve("cache"), Duration.ofMinutes(5))
    }
}
