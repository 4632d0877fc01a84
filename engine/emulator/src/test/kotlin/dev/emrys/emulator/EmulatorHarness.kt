package dev.emrys.emulator

import com.google.common.collect.ImmutableList
import dev.emrys.testing.SettableTime
import java.time.Duration
import java.time.Instant
import java.time.InstantSource
import java.util.Random
import software.amazon.awssdk.services.emr.EmrClient
import software.amazon.awssdk.services.emr.model.ActionOnFailure
import software.amazon.awssdk.services.emr.model.Cluster
import software.amazon.awssdk.services.emr.model.ClusterState
import software.amazon.awssdk.services.emr.model.EmrException
import software.amazon.awssdk.services.emr.model.InstanceGroupConfig
import software.amazon.awssdk.services.emr.model.InstanceRoleType
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest
import software.amazon.awssdk.services.emr.model.Step
import software.amazon.awssdk.services.emr.model.StepConfig
import software.amazon.awssdk.services.emr.model.StepState

/** The time of an emulator, which a test advances. */
class ManualClock(start: Instant = Instant.parse("2026-04-25T03:00:00Z")) :
    SettableTime(start), CallbackScheduler {
    override fun at(due: Instant, action: Runnable) {
        schedule(due, action)
    }

    fun advance(duration: Duration = Duration.ZERO) = pass(duration)
}

/**
 * Processes that survive an emulator: started once per step id, ended by the test or by a
 * cancellation.
 */
class FakeProcesses(private val clock: InstantSource) : StepRunner {
    val spawned = mutableListOf<String>()
    val launches = linkedMapOf<String, StepLaunch>()
    val cancels = mutableListOf<Pair<String, Boolean>>()
    val endedClusters = mutableListOf<String>()
    /** The steps that wait for other steps of the account, as often as this was said. */
    val waits = mutableListOf<String>()
    val bootstrapStarts = mutableListOf<BootstrapLaunch>()
    val bootstrapCancels = mutableListOf<Int>()
    /** How an action ends at its start; null if the test ends it. */
    var bootstrapExit: (BootstrapLaunch) -> BootstrapExit? = {
        BootstrapExit.Succeeded(clock.instant())
    }
    var cancelsWork = true
    var mayRunBeside: (StepLaunch, List<StepLaunch>) -> Boolean = { _, _ -> true }
    var onStart: (StepLaunch, StepListener) -> Unit = { _, _ -> }
    private val listeners = linkedMapOf<String, StepListener>()
    private val exits = linkedMapOf<String, StepExit>()
    private val bootstrapListeners = linkedMapOf<Pair<String, Int>, BootstrapListener>()

    override fun mayStart(launch: StepLaunch, running: ImmutableList<StepLaunch>) =
        mayRunBeside(launch, running)

    override fun waits(clusterId: String, stepId: String, why: String) {
        waits += stepId
    }

    override fun start(launch: StepLaunch, listener: StepListener) {
        listeners[launch.stepId] = listener
        if (launches.put(launch.stepId, launch) == null) {
            spawned += launch.stepId
            onStart(launch, listener)
        }
        exits[launch.stepId]?.let(listener::ended)
    }

    override fun cancel(clusterId: String, stepId: String, force: Boolean) {
        cancels += stepId to force
        if (cancelsWork && stepId !in exits) end(stepId, StepExit.Cancelled(clock.instant()))
    }

    override fun startBootstrapAction(launch: BootstrapLaunch, listener: BootstrapListener) {
        bootstrapStarts += launch
        bootstrapListeners[launch.clusterId to launch.number] = listener
        bootstrapExit(launch)?.let(listener::ended)
    }

    override fun cancelBootstrapAction(clusterId: String, number: Int) {
        bootstrapCancels += number
    }

    /** @param cluster needed where several have an action of this number */
    fun endBootstrapAction(number: Int, exit: BootstrapExit, cluster: String? = null) =
        bootstrapListeners
            .filterKeys { it.second == number && (cluster == null || it.first == cluster) }
            .values
            .single()
            .ended(exit)

    override fun clusterEnded(clusterId: String) {
        endedClusters += clusterId
    }

    fun end(stepId: String, exit: StepExit) {
        exits[stepId] = exit
        listeners.getValue(stepId).ended(exit)
    }

    /** The runner finds the step's process now, at its start or after a restart. */
    fun reportRunning(stepId: String) = listeners.getValue(stepId).running(clock.instant())

    fun complete(stepId: String) = end(stepId, StepExit.Completed(clock.instant()))

    fun fail(stepId: String) =
        end(stepId, StepExit.Failed(clock.instant(), "Unknown Error.", "exit status 1", null))

    /** Steps that have not ended, in the order of their start. */
    fun running() = spawned.filter { it !in exits }
}

/** An emulator whose ports are all controlled by a test. */
class EmulatorHarness(
    val store: EmulatorStore = InMemoryStore(),
    val settings: EmulatorSettings = EmulatorSettings.DEFAULT,
    val clock: ManualClock = ManualClock(),
    val processes: FakeProcesses = FakeProcesses(clock),
    seed: Long = 7,
) {
    val faults = PlannedFaults()
    private val ids = IdSource.of(Random(seed))
    val emr = Emulator(EmulatorPorts(clock, clock, ids, processes, store, faults), settings)

    fun run(configure: RunJobFlowRequest.Builder.() -> Unit = {}): String =
        emr.runJobFlow(request(configure)).jobFlowId()

    /** A cluster past its start, with these steps added. */
    fun ready(
        vararg steps: StepConfig,
        configure: RunJobFlowRequest.Builder.() -> Unit = {},
    ): String {
        val id = run(configure)
        clock.advance()
        if (steps.isNotEmpty()) emr.add(id, *steps)
        return id
    }
}

fun request(configure: RunJobFlowRequest.Builder.() -> Unit = {}): RunJobFlowRequest =
    RunJobFlowRequest.builder()
        .name("nightly #run7")
        .releaseLabel("emr-7.8.0")
        .serviceRole("EMR_DefaultRole")
        .jobFlowRole("EMR_EC2_DefaultRole")
        .logUri("s3://logs/")
        .instances {
            it.keepJobFlowAliveWhenNoSteps(true)
            it.instanceGroups(group(InstanceRoleType.MASTER, 1), group(InstanceRoleType.CORE, 2))
        }
        .apply(configure)
        .build()

fun group(role: InstanceRoleType, count: Int): InstanceGroupConfig =
    InstanceGroupConfig.builder()
        .instanceRole(role)
        .instanceType("m5.xlarge")
        .instanceCount(count)
        .build()

fun step(name: String, action: ActionOnFailure? = ActionOnFailure.CONTINUE): StepConfig =
    StepConfig.builder()
        .name(name)
        .actionOnFailure(action)
        .hadoopJarStep { it.jar("command-runner.jar").args("echo", name) }
        .build()

fun EmrClient.add(cluster: String, vararg steps: StepConfig): List<String> = addJobFlowSteps {
    it.jobFlowId(cluster).steps(*steps)
}
    .stepIds()

fun EmrClient.cluster(id: String): Cluster = describeCluster { it.clusterId(id) }.cluster()

fun EmrClient.state(id: String): ClusterState = cluster(id).status().state()

fun EmrClient.step(cluster: String, id: String): Step = describeStep {
    it.clusterId(cluster).stepId(id)
}
    .step()

/** The states of all visible steps, oldest first. */
fun EmrClient.steps(cluster: String): List<StepState> = listStepsPaginator {
    it.clusterId(cluster)
}
    .steps()
    .map { it.status().state() }
    .reversed()

fun EmrException.code(): String = awsErrorDetails().errorCode()

fun EmrException.text(): String = awsErrorDetails().errorMessage()

/** A store that crashes at a given save, before or after it is stored. */
class CrashingStore(
    private val inner: EmulatorStore,
    private val crashAt: Int,
    private val storedFirst: Boolean,
) : EmulatorStore {
    var saves = 0

    override fun load(): ImmutableList<StoredDocument> = inner.load()

    override fun save(documents: ImmutableList<StoredDocument>) {
        saves++
        if (saves < crashAt || (saves == crashAt && storedFirst)) inner.save(documents)
        if (saves >= crashAt) throw Crashed()
    }

    override fun delete(kind: String, ids: ImmutableList<String>) {
        if (saves < crashAt) inner.delete(kind, ids)
    }

    class Crashed : Error("the process crashed")
}
