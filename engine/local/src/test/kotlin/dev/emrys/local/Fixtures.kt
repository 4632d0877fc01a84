package dev.emrys.local

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import dev.emrys.emulator.StepExit
import dev.emrys.emulator.StepLaunch
import dev.emrys.emulator.StepListener
import dev.emrys.testing.SHARED_CACHE
import dev.emrys.testing.temporaryFolder
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.time.Instant
import java.time.InstantSource
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import kotlin.io.path.listDirectoryEntries

/** For tests that need nothing from a registry: every resolution fails. */
internal val NO_DISTRIBUTIONS =
    Distributions(
        temporaryFolder("emrys-distributions"),
        object : DistributionResolver {
            override fun resolve(
                distribution: Distribution,
                progress: Distributions.Progress,
            ): ImmutableList<Path> =
                throw LocalSetupException("no distributions in this test", null)

            override fun identity() = "none"
        },
    )

/**
 * The real ones, for all tests of a build: resolved once, and with one class-data archive, which is
 * made after the first step of Spark and makes the start of the later ones shorter.
 */
internal val DISTRIBUTIONS by lazy { Distributions(SHARED_CACHE, MavenDistributionResolver()) }

internal fun account() = Account(temporaryFolder("emrys-account"))

/** A configuration of a cluster that exports variables. */
internal fun exports(classification: String, vararg variables: Pair<String, String>) =
    StepLaunch.Classification(
        classification,
        ImmutableMap.of(),
        ImmutableList.of(
            StepLaunch.Classification(
                "export",
                ImmutableMap.copyOf(variables.toMap()),
                ImmutableList.of(),
            )
        ),
    )

internal fun launch(
    stepId: String,
    vararg args: String,
    jar: String = "command-runner.jar",
    mainClass: String? = null,
    logUri: String? = null,
    release: String = "emr-7.8.0",
    cluster: String = "j-1",
    properties: Map<String, String> = emptyMap(),
    configurations: List<StepLaunch.Classification> = emptyList(),
    cloudWatch: StepLaunch.CloudWatch? = null,
) =
    StepLaunch(
        cluster,
        stepId,
        stepId,
        release,
        ImmutableList.of(),
        jar,
        mainClass,
        ImmutableList.copyOf(args),
        ImmutableMap.copyOf(properties),
        ImmutableList.copyOf(configurations),
        logUri,
        cloudWatch,
    )

internal fun parsed(jar: String, vararg args: String): LocalStep =
    LocalStep.parse(jar, null, ImmutableList.copyOf(args), ImmutableMap.of())

internal fun parsed(launch: StepLaunch): LocalStep =
    LocalStep.parse(launch.jar(), launch.mainClass(), launch.args(), launch.properties())

internal fun bash(
    stepId: String,
    script: String,
    logUri: String? = null,
    cluster: String = "j-1",
) = launch(stepId, "bash", "-c", script, logUri = logUri, cluster = cluster)

/** Records the reports about a step, and lets a test wait for them. */
internal class RecordingListener : StepListener {
    private val started = CompletableFuture<Instant>()
    private val end = CompletableFuture<StepExit>()

    override fun running(at: Instant) {
        started.complete(at)
    }

    override fun ended(exit: StepExit) {
        end.complete(exit)
    }

    /** Since when it runs. */
    fun awaitRunning(): Instant = started.get(60, TimeUnit.SECONDS)

    fun exit(seconds: Long = 60): StepExit = end.get(seconds, TimeUnit.SECONDS)

    val hasEnded: Boolean
        get() = end.isDone
}

internal fun localStepRunner(account: Account) =
    LocalStepRunner(account, NO_DISTRIBUTIONS, InstantSource.system())

/**
 * What others have rights for in this folder, without what the programs of steps created by
 * themselves in their working folders and in those for temporary files, where Hive opens a folder.
 */
internal fun Path.openToOthers(): List<String> =
    toFile()
        .walk()
        .onEnter { it.parentFile?.name !in STEPS_OWN }
        .map { it.toPath() }
        .filterNot { "${it.parent.fileName}" in STEPS_OWN || Files.isSymbolicLink(it) }
        .mapNotNull { path ->
            try {
                "${path.mode} ${relativize(path)}"
            } catch (_: NoSuchFileException) {
                null // Deleted meanwhile.
            }
        }
        .filterNot { it.substring(3).startsWith("------") }
        .toList()

private val STEPS_OWN = setOf("work", "tmp")

internal fun Path.text(): String = Files.readString(this)

/** What was written for the supervisors of a step, whose folder this is. */
internal fun Path.launchFiles(): List<Path> =
    listDirectoryEntries("launch*").filter { Files.isRegularFile(it) }
