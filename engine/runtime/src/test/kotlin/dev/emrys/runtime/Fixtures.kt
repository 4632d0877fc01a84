package dev.emrys.runtime

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import dev.emrys.local.Account
import dev.emrys.spec.Backoff
import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.HadoopJarStep
import dev.emrys.spec.InstanceGroup
import dev.emrys.spec.InstanceRole
import dev.emrys.spec.PipelineSpec
import dev.emrys.spec.RawRequest
import dev.emrys.spec.RetryPolicy
import dev.emrys.spec.SourceLocation
import dev.emrys.spec.StepKind
import dev.emrys.spec.StepSpec
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.TimeUnit
import java.util.concurrent.locks.LockSupport

internal val HERE = SourceLocation.at("test.emr.kts", 1)

internal fun cluster(name: String, stepConcurrency: Int = 1) =
    ClusterSpec(
        name,
        "emr-7.8.0",
        ImmutableList.of(),
        ImmutableList.of(InstanceGroup(InstanceRole.PRIMARY, "m5.xlarge", 1, null, HERE)),
        ImmutableList.of(),
        ImmutableMap.of(),
        null,
        stepConcurrency,
        ClusterSpec.DEFAULT_IDLE_TIMEOUT,
        "EMR_DefaultRole",
        "EMR_EC2_DefaultRole",
        null,
        null,
        ImmutableList.of(),
        RetryPolicy.NONE,
        RawRequest.NONE,
        HERE,
    )

internal fun bash(
    name: String,
    cluster: String,
    script: String,
    vararg after: String,
    attempts: Int = 1,
    timeout: Duration? = null,
) =
    StepSpec(
        name,
        cluster,
        StepKind.SHELL,
        commandRunner("bash", "-c", script),
        ImmutableList.copyOf(after),
        RetryPolicy(
            attempts,
            Backoff(Duration.ofMillis(50), 1.0, Duration.ofMillis(50), 0.0),
            RetryPolicy.RETRYABLE,
        ),
        timeout,
        HERE,
    )

private fun commandRunner(vararg args: String) =
    HadoopJarStep("command-runner.jar", null, ImmutableList.copyOf(args), ImmutableMap.of())

internal fun command(name: String, cluster: String, vararg args: String) =
    StepSpec(
        name,
        cluster,
        StepKind.RAW,
        commandRunner(*args),
        ImmutableList.of(),
        RetryPolicy.NONE,
        null,
        HERE,
    )

internal fun pipeline(clusters: List<ClusterSpec>, steps: List<StepSpec>) =
    PipelineSpec(
        "test",
        null,
        ImmutableMap.of(),
        ImmutableList.copyOf(clusters),
        ImmutableList.copyOf(steps),
        HERE,
    )

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

    val settings: Engine.Settings
        get() =
            Engine.Settings(
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

/** Waits for a condition that has no callback. */
internal fun awaitThat(what: String, seconds: Long = 90, condition: () -> Boolean) {
    val deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds)
    while (!condition()) {
        check(System.nanoTime() < deadline) { "not within $seconds s: $what" }
        LockSupport.parkNanos(5_000_000)
    }
}
