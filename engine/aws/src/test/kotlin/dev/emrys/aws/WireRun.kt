package dev.emrys.aws

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableSet
import dev.emrys.drive.Driver
import dev.emrys.drive.Listener
import dev.emrys.drive.Ports
import dev.emrys.drive.SnapshotPolicy
import dev.emrys.drive.Timers
import dev.emrys.emr.EmrAccount
import dev.emrys.emr.EmrDependencies
import dev.emrys.emr.EmrEffects
import dev.emrys.emr.RunTags
import dev.emrys.emulator.CallbackScheduler
import dev.emrys.emulator.Emulator
import dev.emrys.emulator.EmulatorPorts
import dev.emrys.emulator.EmulatorSettings
import dev.emrys.emulator.IdSource
import dev.emrys.emulator.InMemoryStore
import dev.emrys.emulator.PlannedFaults
import dev.emrys.emulator.StepExit
import dev.emrys.emulator.StepLaunch
import dev.emrys.emulator.StepListener
import dev.emrys.emulator.StepRunner
import dev.emrys.emulator.wire.WireServer
import dev.emrys.journal.InMemoryJournals
import dev.emrys.journal.RunRecord
import dev.emrys.run.Event
import dev.emrys.run.Outcome
import dev.emrys.spec.Backoff
import dev.emrys.spec.ClusterOptions
import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.LifecycleOptions
import dev.emrys.testing.SettableTime
import dev.emrys.testing.cluster
import dev.emrys.testing.graph
import dev.emrys.testing.retry
import dev.emrys.testing.step
import java.time.Duration
import java.time.Instant
import java.util.Optional
import java.util.Random
import java.util.concurrent.CopyOnWriteArrayList
import software.amazon.awssdk.services.emr.model.ClusterSummary

const val WIRE_KEY = "right-key"

/** The time of the engine and of the emulator. */
internal class RunTime(start: Instant = Instant.parse("2026-04-25T03:00:00Z")) :
    SettableTime(start), Timers {
    override fun at(due: Instant, action: Runnable): Timers.Scheduled {
        val cancel = schedule(due, action)
        return Timers.Scheduled { cancel() }
    }
}

/** Steps take two seconds; the first attempt of "b" fails, and "c" runs until it is cancelled. */
private class TimedRunner(private val time: RunTime) : StepRunner {
    /** The names of the steps that were started. */
    val started = CopyOnWriteArrayList<String>()
    private val running = LinkedHashMap<String, StepListener>()

    @Synchronized
    override fun start(order: StepLaunch, listener: StepListener) {
        started += order.name
        running[order.stepId] = listener
        if (order.name.startsWith("c ")) return
        val fails = order.name.startsWith("b ") && order.name.endsWith(".1")
        time.at(time.instant().plusSeconds(2)) {
            val now = time.instant()
            end(
                order.stepId,
                if (fails) StepExit.Failed(now, "exit 1", null, null, true)
                else StepExit.Completed(now),
            )
        }
    }

    @Synchronized
    private fun end(step: String, exit: StepExit) {
        running.remove(step)?.ended(exit)
    }

    override fun cancel(clusterId: String, stepId: String, force: Boolean) =
        end(stepId, StepExit.Cancelled(time.instant()))

    override fun clusterEnded(clusterId: String) {}
}

/** A cluster that its author protects from its end, so that the end needs three calls. */
internal fun protectedCluster(): ClusterSpec {
    val spec = cluster("etl")
    return ClusterSpec(
        spec.name(),
        spec.releaseLabel(),
        spec.applications(),
        spec.instanceGroups(),
        spec.configurations(),
        spec.tags(),
        spec.logUri(),
        spec.stepConcurrency(),
        spec.idleTimeout(),
        spec.serviceRole(),
        spec.jobFlowRole(),
        spec.subnetId(),
        spec.keyName(),
        spec.bootstrapActions(),
        spec.retry(),
        spec.rawRequest(),
        spec.location(),
        ClusterOptions(
            ImmutableList.of(),
            null,
            null,
            null,
            null,
            LifecycleOptions(null, null, true, null, null, null, null),
            ImmutableList.of(),
            null,
            ImmutableList.of(),
        ),
    )
}

/**
 * One run by the whole engine, with the clients that [AwsAccess] makes, over HTTP to an emulator. A
 * fault befalls one of the calls that change something. The time of the engine and of the emulator
 * is virtual; only the connections need real time.
 *
 * @param position which of the calls that change something, from 1
 */
class WireRun(private val position: Int, private val fault: WireFault?) : AutoCloseable {
    private val time = RunTime()
    private val runner = TimedRunner(time)
    private val emulator =
        Emulator(
            EmulatorPorts(
                time,
                CallbackScheduler { due, action -> time.at(due, action) },
                IdSource.of(Random(1)),
                runner,
                InMemoryStore(),
                PlannedFaults(),
            ),
            EmulatorSettings.DEFAULT,
        )
    private val server = WireServer(emulator, WIRE_KEY, 0)

    /** The calls that change something, as they arrived at the proxy. */
    val changes = CopyOnWriteArrayList<String>()
    private val proxy = FaultProxy(server.uri(), ::faultOf)
    private val access =
        AwsAccess(
            AwsSettings("prod", "eu-central-1", null, "${proxy.uri}"),
            "emrys",
            AwsAccess.Timeouts(
                Duration.ofSeconds(10),
                if (fault?.timesOut == true) SHORT else Duration.ofSeconds(60),
                Duration.ofSeconds(60),
            ),
        )
    /** How many requests had the fault. */
    @Volatile
    var faults = 0
        private set

    val warnings = CopyOnWriteArrayList<String>()
    val events = CopyOnWriteArrayList<Event>()

    val started: List<String>
        get() = runner.started

    private fun faultOf(operation: String): WireFault? {
        if (READS.any(operation::startsWith) || operation.isEmpty()) return null
        changes += operation
        if (changes.size != position || fault == null) return null
        faults++
        return fault
    }

    fun clusters(): List<ClusterSummary> = emulator.listClustersPaginator().clusters().toList()

    /** The names of the steps that EMR was given, in all clusters. */
    fun steps(): List<String> =
        clusters().flatMap { cluster ->
            emulator.listStepsPaginator { it.clusterId(cluster.id()) }.steps().map { it.name() }
        }

    /** Drives the run to its end; cancels it when "c" was accepted. */
    fun drive(): Outcome {
        val account =
            EmrAccount(
                AwsEndpoint(
                    access,
                    AwsIdentity(EmulatorSettings.DEFAULT.accountId(), "eu-central-1", "x"),
                ),
                EmrDependencies(
                    time,
                    time,
                    time,
                    { Optional.empty() },
                    warnings::add,
                    { 0.0 },
                ),
            )
        InMemoryJournals(time)
            .open {}
            .use { journal ->
                val begun = time.instant()
                val record = RunRecord("run-1", "otter", "daily", "", "aws", begun, null, null)
                val lease = journal.runs().create(record, "{}")
                val tags = RunTags("run-1", "otter", "daily")
                val effects = EmrEffects(account, tags, begun, ImmutableSet.of())
                val policy = SnapshotPolicy(500, Duration.ZERO, 0, time)
                val ports = Ports(journal, lease, effects, time, time, time, policy, warnings::add)
                val driver = Driver.start(ports, "run-1", "otter", GRAPH, listener())
                var cancelled = false
                while (!driver.done().isDone) {
                    check(time.instant().isBefore(begun.plus(LONGEST))) {
                        "the run does not end; $changes, $warnings, ${events.takeLast(5)}"
                    }
                    time.pass(STEP)
                    if (!cancelled && events.any { it.accepts("c") }) {
                        cancelled = true
                        driver.cancel("ada")
                    }
                }
                // What was asked to end has ended then.
                time.pass(Duration.ofMinutes(2))
                account.close()
                return driver.done().get()
            }
    }

    private fun Event.accepts(task: String) = this is Event.AttemptAccepted && this.task == task

    private fun listener() = Listener { happened, _ -> events += happened }

    /** What went wrong in the proxy. */
    fun proxyBugs(): List<Throwable> = proxy.bugs

    override fun close() {
        access.close()
        proxy.close()
        server.close()
        emulator.close()
    }

    companion object {
        private val SHORT: Duration = Duration.ofMillis(250)
        private val STEP: Duration = Duration.ofMillis(500)
        private val LONGEST: Duration = Duration.ofMinutes(30)
        private val READS = listOf("List", "Describe", "Get")
        private val BACKOFF = Backoff(Duration.ofSeconds(1), 1.0, Duration.ofSeconds(1), 0.0)
        private val GRAPH =
            graph(
                step("a"),
                step("b", "a", retry = retry(3, backoff = BACKOFF)),
                step("c", "b"),
                cluster = protectedCluster(),
            )

        /** Where these tests have their credentials: not where this machine has its own. */
        fun credentials(folder: java.nio.file.Path): Map<String, String> {
            val file = folder.resolve("credentials")
            java.nio.file.Files.writeString(
                file,
                "[prod]\naws_access_key_id = $WIRE_KEY\naws_secret_access_key = any\n",
            )
            return mapOf(
                "aws.sharedCredentialsFile" to "$file",
                "aws.configFile" to "${folder.resolve("config")}",
                "aws.disableEc2Metadata" to "true",
            )
        }
    }
}
