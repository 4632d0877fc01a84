package dev.emrys.local

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import dev.emrys.emulator.StepExit
import dev.emrys.emulator.StepListener
import dev.emrys.emulator.StepOrder
import java.nio.file.Files
import java.nio.file.Path
import java.time.Instant
import java.time.InstantSource
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import java.util.concurrent.locks.LockSupport

/** No test here needs anything from a registry: whoever asks for a toolkit is told so. */
internal val NO_TOOLKITS =
    Toolkits(
        temporary("emrys-toolkits"),
        object : ToolkitResolver {
            override fun resolve(
                toolkit: Toolkit,
                progress: Toolkits.Progress,
            ): ImmutableList<Path> = throw ToolkitException("no toolkits in this test", null)

            override fun identity() = "none"
        },
    )

/** A folder that goes when the tests end: until then a step may write there. */
internal fun temporary(name: String): Path =
    Files.createTempDirectory(name).toRealPath().also { folder ->
        Runtime.getRuntime().addShutdownHook(Thread { folder.toFile().deleteRecursively() })
    }

internal fun account() = Account(temporary("emrys-account"))

/** What a cluster's configuration exports to the programs of its classification. */
internal fun exports(classification: String, vararg variables: Pair<String, String>) =
    StepOrder.Classification(
        classification,
        ImmutableMap.of(),
        ImmutableList.of(
            StepOrder.Classification(
                "export",
                ImmutableMap.copyOf(variables.toMap()),
                ImmutableList.of(),
            )
        ),
    )

internal fun order(
    stepId: String,
    vararg args: String,
    jar: String = "command-runner.jar",
    mainClass: String? = null,
    logUri: String? = null,
    release: String = "emr-7.8.0",
    properties: Map<String, String> = emptyMap(),
    configurations: List<StepOrder.Classification> = emptyList(),
) =
    StepOrder(
        "j-1",
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
    )

internal fun bash(stepId: String, script: String, logUri: String? = null) =
    order(stepId, "bash", "-c", script, logUri = logUri)

/** Hears how a step goes, and lets a test wait for it. */
internal class Hearing : StepListener {
    private val began = CountDownLatch(1)
    private val end = CompletableFuture<StepExit>()

    override fun running(at: Instant) = began.countDown()

    override fun ended(exit: StepExit) {
        end.complete(exit)
    }

    fun awaitRunning() = check(began.await(60, TimeUnit.SECONDS)) { "the step never ran" }

    fun exit(): StepExit = end.get(60, TimeUnit.SECONDS)

    val over: Boolean
        get() = end.isDone
}

internal fun supervisors(account: Account) =
    Supervisors(account, NO_TOOLKITS, InstantSource.system())

/** Waits for something outside that has no callback: a file, a process that goes. */
internal fun awaitThat(what: String, seconds: Long = 60, condition: () -> Boolean) {
    val deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds)
    while (!condition()) {
        check(System.nanoTime() < deadline) { "waited in vain: $what" }
        LockSupport.parkNanos(5_000_000)
    }
}

internal fun Path.text(): String = Files.readString(this)
