package dev.emrys.emr

import com.google.common.collect.ImmutableSet
import dev.emrys.drive.Driver
import dev.emrys.drive.Listener
import dev.emrys.drive.Ports
import dev.emrys.drive.SnapshotPolicy
import dev.emrys.emulator.Emulator
import dev.emrys.emulator.EmulatorPorts
import dev.emrys.emulator.EmulatorSettings
import dev.emrys.emulator.IdSource
import dev.emrys.emulator.InMemoryStore
import dev.emrys.emulator.PlannedFaults
import dev.emrys.graph.TaskGraph
import dev.emrys.journal.InMemoryJournals
import dev.emrys.journal.Lease
import dev.emrys.journal.RunRecord
import dev.emrys.run.Event
import dev.emrys.run.Outcome
import dev.emrys.spec.PipelineSpec
import java.time.Duration
import java.time.Instant
import java.util.Optional
import kotlin.random.Random
import software.amazon.awssdk.awscore.exception.AwsErrorDetails
import software.amazon.awssdk.services.emr.EmrClient
import software.amazon.awssdk.services.emr.model.AddJobFlowStepsRequest
import software.amazon.awssdk.services.emr.model.EmrException
import software.amazon.awssdk.services.emr.model.EmrRequest
import software.amazon.awssdk.services.emr.model.ListClustersRequest
import software.amazon.awssdk.services.emr.model.ListStepsRequest
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest

/** After this a request that was under way has arrived; shorter than the listing lag. */
private const val LATE_SECONDS = 20L

/** When a process crashes. */
enum class CrashPoint(val latest: Int) {
    BEFORE_SUBMISSION(15),
    AFTER_SUBMISSION(15),
    /** The submission arrives after the crash, perhaps when the next process drives the run. */
    IN_SUBMISSION(15),
    BETWEEN_PAGES(8),
    IN_WRITE(60),
    IN_CALL(400),
}

/**
 * A run over the emulator's core, under EMR's quotas on virtual time, that one process after
 * another drives. The seed determines everything that happens: crashes, throttles (another user of
 * the account spends tokens), lost replies, requests that arrive late, and errors of the service.
 */
class QuotaSimulation(seed: Long, private val spec: PipelineSpec, crashes: Int) : AutoCloseable {
    private val random = Random(seed)
    private val graph = TaskGraph.compile(spec)
    val time = ManualTime()
    private val begun: Instant = time.instant()
    val runner = ScriptedRunner(time)
    val emulator =
        Emulator(
            EmulatorPorts(
                time,
                time.emulatorScheduler,
                IdSource.of(java.util.Random(seed)),
                runner,
                InMemoryStore(),
                PlannedFaults(),
            ),
            EmulatorSettings.DEFAULT.withDelays(minutes(3), minutes(2), seconds(30)),
        )
    private val quota = QuotaClient(time)
    private val journals = InMemoryJournals(time)
    private var crashesLeft = crashes
    val faultsOneIn = random.nextInt(10, 100)
    private val othersOneIn = random.nextInt(3, 30)

    val processes = mutableListOf<Process>()

    /** The keys of the intents that are on the disk. */
    private val intended = mutableSetOf<String>()

    /** At each crash: how many steps could run that EMR had not accepted yet. */
    val readyAtCrash = mutableListOf<Int>()
    var throttles = 0
    var throttledPages = 0
    var lostReplies = 0

    init {
        runner.started = { step ->
            time.at(time.instant().plusSeconds(random.nextLong(20, 90))) { runner.complete(step) }
        }
    }

    /** What a process has sent, and how the endpoint answered. */
    class Sent(val operation: String, val request: EmrRequest, val at: Instant) {
        var throttled = false
    }

    inner class Process(val number: Int) {
        val process = SimulatedProcess(time, random)
        val sent = mutableListOf<Sent>()
        private val point = if (crashesLeft > 0) CrashPoint.entries.random(random) else null
        private var untilCrash = point?.let { random.nextInt(1, it.latest + 1) } ?: 0
        private val journal =
            SlowJournal(journals.open {}, process, ::crashInWrite) { events ->
                events.filterIsInstance<Event.AttemptIntended>().forEach { intended += it.key }
            }
        val recorded = RecordingClient(emulator, time)
        private val account =
            EmrAccount(
                endpoint(recorded.client),
                EmrDependencies(
                    process.executor(300),
                    time,
                    process,
                    { Optional.empty() },
                    {},
                    { random.nextDouble() },
                ),
            )
        private val effects =
            EmrEffects(
                account,
                RunTags("run-1", "brave-otter", "daily"),
                begun,
                ImmutableSet.of(),
            )
        private val lease: Lease =
            if (number == 1)
                journal
                    .runs()
                    .create(
                        RunRecord("run-1", "brave-otter", "daily", "", "aws", begun, null, null),
                        "{}",
                    )
            else journal.leases().acquire("run-1").orElseThrow()
        private val ports =
            Ports(
                journal,
                lease,
                effects,
                time,
                process,
                process.executor(3),
                SnapshotPolicy(500, Duration.ZERO, 0, process.executor(20)),
            ) {
                error(it)
            }
        val driver: Driver

        init {
            recorded.before = ::before
            recorded.after = ::after
            driver =
                if (number == 1) Driver.start(ports, "run-1", "brave-otter", graph, Listener.NONE)
                else
                    Driver.resume(
                        ports,
                        "run-1",
                        "brave-otter",
                        graph,
                        "process $number",
                        false,
                        Listener.NONE,
                    )
        }

        private fun crashesAt(vararg points: CrashPoint): Boolean =
            point in points && --untilCrash == 0

        private fun crashInWrite(events: Int): Int? =
            if (crashesAt(CrashPoint.IN_WRITE)) random.nextInt(events + 1) else null

        private fun crash(): Nothing {
            process.crash()
            throw noAnswer()
        }

        private fun before(operation: String) {
            if (process.crashed) throw noAnswer()
            val call = Sent(operation, recorded.calls.last().request, time.instant())
            sent += call
            checkIntended(call.request)
            val submits = operation == "AddJobFlowSteps"
            if (submits && crashesAt(CrashPoint.BEFORE_SUBMISSION)) crash()
            if (call.request.isLaterPage() && crashesAt(CrashPoint.BETWEEN_PAGES)) crash()
            if (crashesAt(CrashPoint.IN_CALL)) crash()
            if (random.nextInt(othersOneIn) == 0) spendByOthers(operation)
            try {
                quota(operation)
            } catch (e: EmrException) {
                call.throttled = true
                throttles++
                if (call.request.isLaterPage()) throttledPages++
                throw e
            }
            if (submits && crashesAt(CrashPoint.IN_SUBMISSION)) {
                arriveLate(call.request)
                crash()
            }
            if (random.nextInt(faultsOneIn) == 0) {
                lostReplies++
                when (random.nextInt(3)) {
                    0 -> throw noAnswer()
                    1 -> throw internalError()
                    else -> {
                        arriveLate(call.request)
                        throw noAnswer()
                    }
                }
            }
        }

        private fun after(operation: String) {
            if (operation == "AddJobFlowSteps" && crashesAt(CrashPoint.AFTER_SUBMISSION)) crash()
            if (random.nextInt(faultsOneIn) == 0) {
                lostReplies++
                throw if (random.nextBoolean()) noAnswer() else internalError()
            }
        }

        /** Nothing is submitted before its intent is durable. */
        private fun checkIntended(request: EmrRequest) {
            val names =
                when (request) {
                    is AddJobFlowStepsRequest -> request.steps().map { it.name() }
                    is RunJobFlowRequest -> listOf(request.name())
                    else -> return
                }
            val unknown = names.filter { RunTags.key(it) !in intended }
            check(unknown.isEmpty()) { "submitted without an intent: ${unknown.take(3)}" }
        }

        /** The process has crashed: its lock is free. */
        fun end() = lease.close()

        fun close() = account.close()
    }

    private fun endpoint(client: EmrClient) =
        object : Endpoint {
            override fun client() = client

            override fun pollInterval() = seconds(1)

            override fun listingLag() = LAG

            override fun quotas() = Quotas.EMR_DEFAULT

            override fun account() = Optional.of("1234/eu-west-1")

            override fun submissionLinger() = seconds(1)

            override fun retryPause() = seconds(1)
        }

    /** What starts something is executed some time after its sender has stopped waiting for it. */
    private fun arriveLate(request: EmrRequest) {
        time.at(time.instant().plusSeconds(random.nextLong(LATE_SECONDS))) {
            try {
                when (request) {
                    is AddJobFlowStepsRequest -> emulator.addJobFlowSteps(request)
                    is RunJobFlowRequest -> emulator.runJobFlow(request)
                }
            } catch (_: EmrException) {
                // The cluster has no room, or has ended.
            }
        }
    }

    private fun spendByOthers(operation: String) {
        repeat(random.nextInt(1, 8)) { runCatching { quota(operation) } }
    }

    fun events(): List<Event> = journals.open {}.use { it.events().readAll("run-1") }

    /** Drives the run to its end; gives how long that took. */
    fun run(bound: Duration): Duration {
        processes += Process(1)
        while (!processes.last().driver.done().isDone) {
            check(time.instant().isBefore(begun.plus(bound))) {
                "the run has not ended after $bound; ${processes.size} processes, ${events().takeLast(5)}"
            }
            time.pass(seconds(1))
            val last = processes.last()
            if (last.process.crashed) {
                crashesLeft--
                readyAtCrash += ready()
                last.end()
                time.pass(Duration.ofMillis(random.nextLong(60_000)))
                processes += Process(processes.size + 1)
            }
        }
        val outcome = processes.last().driver.done().get()
        check(outcome == Outcome.SUCCEEDED) { "the run has ended as $outcome" }
        return Duration.between(begun, time.instant()).also { time.pass(minutes(2)) }
    }

    private fun ready(): Int {
        val events = events()
        val done = events.filterIsInstance<Event.AttemptSucceeded>().map { it.task }.toSet()
        if (spec.clusters().none { "start:${it.name()}" in done }) return 0
        val accepted = events.filterIsInstance<Event.AttemptAccepted>().map { it.task }.toSet()
        return spec.steps().count { it.name() !in accepted && done.containsAll(it.after()) }
    }

    override fun close() {
        processes.forEach { it.close() }
        emulator.close()
    }
}

fun EmrRequest.marker(): String? =
    when (this) {
        is ListStepsRequest -> marker()
        is ListClustersRequest -> marker()
        else -> null
    }

private fun EmrRequest.isLaterPage() = marker() != null

private fun internalError(): EmrException =
    EmrException.builder()
        .statusCode(500)
        .awsErrorDetails(
            AwsErrorDetails.builder()
                .errorCode("InternalServerException")
                .errorMessage("An internal error occurred.")
                .build()
        )
        .build() as EmrException
