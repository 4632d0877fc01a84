package dev.emrys.drive.simulation

import com.google.common.collect.ImmutableList
import dev.emrys.drive.Effects
import dev.emrys.run.Command
import dev.emrys.run.Event
import dev.emrys.spec.ClusterEnd
import dev.emrys.spec.ClusterStart
import dev.emrys.spec.FailureKind
import dev.emrys.spec.StepSpec
import java.time.Duration
import java.util.concurrent.CompletableFuture
import kotlin.random.Random

/** The longest delay of a request: it may arrive after its sender has crashed. */
private const val MAX_LATENCY_MS = 1_500

/** How long it takes until a list shows a new cluster or step. */
private val LISTING_DELAY: Duration = Duration.ofSeconds(2)

/**
 * Longer than both delays together: a request that two lookups at this interval do not find was
 * never sent.
 */
private val LOOKUP_INTERVAL: Duration = Duration.ofSeconds(5)

/**
 * One process's connection to EMR. Requests and replies are delayed, replies are lost, reports are
 * repeated. A request that may have been sent is looked up by its key, twice, before it is sent
 * again.
 *
 * @param journaled called with every command before it is carried out
 */
class SimulatedEffects(
    private val time: VirtualTime,
    private val emr: SimulatedEmr,
    private val random: Random,
    private val faults: Faults,
    private val lifetime: ProcessLifetime,
    private val journaled: (Command) -> Unit,
) : Effects {
    private class WatchedTask(val command: Command.Watch, val reports: Effects.Reports) {
        var running = false
        var up = false
    }

    private val watches = mutableListOf<WatchedTask>()
    private val withdrawn = mutableSetOf<String>()
    private val known = mutableSetOf<String>()
    private var polling = false
    private var closed = false
    private var lastReport = time.now

    private fun millis(maxMillis: Int) = Duration.ofMillis(random.nextLong(1, maxMillis.toLong()))

    override fun perform(commands: ImmutableList<Command.ForTarget>, reports: Effects.Reports) {
        check(!closed) { "$commands were given after close()" }
        commands.forEach { command ->
            journaled(command)
            when (command) {
                is Command.Submit -> request(command, reports, command.uncertain(), 0)
                is Command.Withdraw -> withdrawn += command.key()
                is Command.Cancel -> {
                    val canBeCancelled =
                        faults.step(command.task(), command.attempt()).canBeCancelled
                    time.after(millis(MAX_LATENCY_MS), null) {
                        emr.cancel(command.remoteId(), canBeCancelled)
                    }
                }
                is Command.Release -> {
                    known += command.scopeId()
                    end(command, reports)
                }
                is Command.Watch -> {
                    if (command.kind() is ClusterStart) known += command.remoteId()
                    watch(WatchedTask(command, reports))
                }
            }
        }
    }

    private var takenOver = false

    override fun takenOver() {
        takenOver = true
    }

    override fun endLeftovers(): CompletableFuture<Void?> {
        val over = CompletableFuture<Void?>()
        time.after(millis(300), lifetime) {
            val left =
                emr.clusters.filter {
                    it.id !in known &&
                        it.state in
                            setOf(
                                SimulatedEmr.ClusterState.STARTING,
                                SimulatedEmr.ClusterState.UP,
                            )
                }
            time.after(millis(MAX_LATENCY_MS), null) {
                left.forEach { emr.terminate(it.id) }
                time.after(millis(MAX_LATENCY_MS), lifetime) { over.complete(null) }
            }
        }
        return over
    }

    override fun endEverything(): CompletableFuture<Void?> = error("no journal is lost here")

    override fun close() {
        closed = true
    }

    private fun reportLater(reports: Effects.Reports, event: Event) {
        // A connection's reports keep their order, except for repeated ones.
        val at = maxOf(lastReport, time.now + millis(if (random.nextInt(5) == 0) 4_000 else 50))
        lastReport = at
        time.at(at, lifetime) { if (!closed) reports.report(event) }
        if (random.nextInt(8) == 0)
            time.at(at + millis(90_000), lifetime) { if (!closed) reports.report(event) }
    }

    private fun find(command: Command.Submit): String? =
        if (command.kind() is ClusterStart)
            emr.clusters
                .firstOrNull { it.key == command.key() && it.createdAt + LISTING_DELAY <= time.now }
                ?.id
        else
        // Steps are listed cluster by cluster.
        emr.steps
                .firstOrNull {
                    it.key == command.key() &&
                        it.cluster.id == command.scopeId() &&
                        it.createdAt + LISTING_DELAY <= time.now
                }
                ?.id

    private fun send(command: Command.Submit): String =
        if (command.kind() is ClusterStart)
            emr.runJobFlow(command.task(), command.attempt(), command.key())
        else emr.addStep(command.task(), command.attempt(), command.key(), command.scopeId()!!)

    private fun request(
        command: Command.Submit,
        reports: Effects.Reports,
        uncertain: Boolean,
        lookups: Int,
    ) {
        if (closed) return
        if (takenOver && !uncertain && lookups == 0) {
            time.after(millis(300), lifetime) {
                val found = find(command)
                if (found != null) reportLater(reports, accepted(command, found))
                else request(command, reports, uncertain = false, lookups = 1)
            }
            return
        }
        if (uncertain && lookups < 2) {
            time.after(millis(300), lifetime) {
                val found = find(command)
                when {
                    found != null -> reportLater(reports, accepted(command, found))
                    lookups == 0 ->
                        time.after(LOOKUP_INTERVAL, lifetime) {
                            request(command, reports, uncertain = true, lookups = 1)
                        }
                    else -> request(command, reports, uncertain = true, lookups = 2)
                }
            }
            return
        }
        if (command.key() in withdrawn) {
            reportLater(reports, failed(command, FailureKind.REFUSED))
            return
        }
        time.after(millis(MAX_LATENCY_MS), null) {
            val answer = runCatching { send(command) }
            answer.exceptionOrNull()?.let { if (it !is Refused) throw it }
            if (random.nextInt(10) == 0) {
                time.after(Duration.ofSeconds(10), lifetime) {
                    request(command, reports, uncertain = true, lookups = 0)
                }
            } else {
                time.after(millis(MAX_LATENCY_MS), lifetime) {
                    reportLater(
                        reports,
                        answer.map { accepted(command, it) }.getOrElse { refused(command) },
                    )
                }
            }
        }
    }

    private fun end(command: Command.Release, reports: Effects.Reports) {
        watches.removeAll {
            it.command.kind() is ClusterStart && it.command.remoteId() == command.scopeId()
        }
        time.after(millis(MAX_LATENCY_MS), null) {
            emr.terminate(command.scopeId())
            time.after(millis(MAX_LATENCY_MS), lifetime) {
                reportLater(reports, accepted(command, command.scopeId()))
            }
        }
    }

    private fun accepted(command: Command, id: String) =
        Event.AttemptAccepted(time.now, command.task(), command.attempt(), id)

    private fun failed(command: Command, kind: FailureKind) =
        Event.AttemptFailed(time.now, command.task(), command.attempt(), kind, "$kind", null)

    private fun refused(command: Command.Submit): Event {
        val gone =
            command.scopeId() != null &&
                command.kind() !is ClusterStart &&
                emr.cluster(command.scopeId()!!).state in
                    setOf(SimulatedEmr.ClusterState.ENDING, SimulatedEmr.ClusterState.GONE)
        return failed(command, if (gone) FailureKind.CLUSTER_LOST else FailureKind.REFUSED)
    }

    private fun watch(one: WatchedTask) {
        watches += one
        if (!polling) {
            polling = true
            poll()
        }
    }

    private fun poll() {
        time.after(millis(4_000), lifetime) {
            if (!closed) {
                // Steps first: the steps of a lost cluster are reported before its loss.
                watches.removeAll { it.command.kind() is StepSpec && reportStep(it, it.command) }
                watches.removeAll {
                    it.command.kind() is ClusterStart && reportCluster(it, it.command)
                }
                watches.removeAll {
                    it.command.kind() is ClusterEnd && reportRelease(it, it.command)
                }
                poll()
            }
        }
    }

    private fun reportStep(one: WatchedTask, command: Command.Watch): Boolean {
        val step = emr.step(command.remoteId())
        val event: Event =
            when (step.state) {
                SimulatedEmr.StepState.PENDING -> return false
                SimulatedEmr.StepState.RUNNING -> {
                    if (!one.running)
                        reportLater(
                            one.reports,
                            Event.AttemptRunning(time.now, command.task(), command.attempt()),
                        )
                    one.running = true
                    return false
                }
                SimulatedEmr.StepState.COMPLETED ->
                    Event.AttemptSucceeded(time.now, command.task(), command.attempt())
                SimulatedEmr.StepState.FAILED ->
                    failed(
                        command,
                        if (step.internalFailure) FailureKind.INTERNAL else FailureKind.STEP,
                    )
                SimulatedEmr.StepState.CANCELLED ->
                    if (step.lostWithCluster) failed(command, FailureKind.CLUSTER_LOST)
                    else
                        Event.AttemptCancelled(
                            time.now,
                            command.task(),
                            command.attempt(),
                            "cancelled",
                        )
            }
        reportLater(one.reports, event)
        return true
    }

    private fun reportCluster(one: WatchedTask, command: Command.Watch): Boolean {
        val cluster = emr.cluster(command.remoteId())
        if (cluster.wasUp && !one.up) {
            one.up = true
            reportLater(
                one.reports,
                Event.AttemptSucceeded(time.now, command.task(), command.attempt()),
            )
        }
        if (cluster.state != SimulatedEmr.ClusterState.GONE) return false
        reportLater(
            one.reports,
            if (one.up) {
                Event.ScopeLost(
                    time.now,
                    command.task(),
                    command.attempt(),
                    FailureKind.CLUSTER_LOST,
                    "lost",
                )
            } else {
                failed(command, FailureKind.BOOTSTRAP)
            },
        )
        return true
    }

    private fun reportRelease(one: WatchedTask, command: Command.Watch): Boolean {
        if (emr.cluster(command.remoteId()).state != SimulatedEmr.ClusterState.GONE) return false
        reportLater(
            one.reports,
            Event.AttemptSucceeded(time.now, command.task(), command.attempt()),
        )
        return true
    }
}
