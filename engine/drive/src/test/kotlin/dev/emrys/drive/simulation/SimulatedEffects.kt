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
import kotlin.random.Random

/** How long a request may be under way: it may arrive after its sender has died. */
private const val FLIGHT = 1_500

/** How long it takes until a list shows what was made. */
private val LISTED: Duration = Duration.ofSeconds(2)

/**
 * Longer than both together: who finds nothing, waits so long and finds nothing again, may send.
 */
private val LAG: Duration = Duration.ofSeconds(5)

/**
 * One process's connection to EMR. Requests and replies take their time, replies are lost, reports
 * come twice; what may have been sent is looked for by its key, twice, before it is sent again.
 *
 * @param journaled sees every command before anything is done about it
 */
class SimulatedEffects(
    private val time: VirtualTime,
    private val emr: SimulatedEmr,
    private val random: Random,
    private val fates: Fates,
    private val life: Life,
    private val journaled: (Command) -> Unit,
) : Effects {
    private class Watched(val command: Command.Watch, val reports: Effects.Reports) {
        var running = false
        var up = false
    }

    private val watched = mutableListOf<Watched>()
    private val withdrawn = mutableSetOf<String>()
    private var polling = false
    private var closed = false
    private var lastReport = time.now

    private fun millis(most: Int) = Duration.ofMillis(random.nextLong(1, most.toLong()))

    override fun perform(commands: ImmutableList<Command.ForTarget>, reports: Effects.Reports) {
        check(!closed) { "asked for $commands after the close" }
        commands.forEach { command ->
            journaled(command)
            when (command) {
                is Command.Submit -> request(command, reports, command.uncertain(), 0)
                is Command.Withdraw -> withdrawn += command.key()
                is Command.Cancel -> {
                    val obeys = fates.step(command.task(), command.attempt()).obeysCancel
                    time.after(millis(FLIGHT), null) { emr.cancel(command.remoteId(), obeys) }
                }
                is Command.Release -> end(command, reports)
                is Command.Watch -> watch(Watched(command, reports))
            }
        }
    }

    override fun close() {
        closed = true
    }

    private fun tell(reports: Effects.Reports, fact: Event) {
        // A connection's reports keep their order, but for those that come again.
        val at = maxOf(lastReport, time.now + millis(if (random.nextInt(5) == 0) 4_000 else 50))
        lastReport = at
        time.at(at, life) { if (!closed) reports.report(fact) }
        if (random.nextInt(8) == 0)
            time.at(at + millis(90_000), life) { if (!closed) reports.report(fact) }
    }

    private fun find(command: Command.Submit): String? =
        if (command.kind() is ClusterStart)
            emr.clusters
                .firstOrNull { it.key == command.key() && it.madeAt + LISTED <= time.now }
                ?.id
        else
        // Steps are listed cluster by cluster.
        emr.steps
                .firstOrNull {
                    it.key == command.key() &&
                        it.cluster.id == command.scopeId() &&
                        it.madeAt + LISTED <= time.now
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
        looks: Int,
    ) {
        if (closed) return
        if (uncertain && looks < 2) {
            time.after(millis(300), life) {
                val found = find(command)
                when {
                    found != null -> tell(reports, accepted(command, found))
                    looks == 0 ->
                        time.after(LAG, life) {
                            request(command, reports, uncertain = true, looks = 1)
                        }
                    else -> request(command, reports, uncertain = true, looks = 2)
                }
            }
            return
        }
        if (command.key() in withdrawn) {
            tell(reports, failed(command, FailureKind.REFUSED))
            return
        }
        time.after(millis(FLIGHT), null) {
            val answer = runCatching { send(command) }
            answer.exceptionOrNull()?.let { if (it !is Refused) throw it }
            if (random.nextInt(10) == 0) {
                time.after(Duration.ofSeconds(10), life) {
                    request(command, reports, uncertain = true, looks = 0)
                }
            } else {
                time.after(millis(FLIGHT), life) {
                    tell(
                        reports,
                        answer.map { accepted(command, it) }.getOrElse { refused(command) },
                    )
                }
            }
        }
    }

    private fun end(command: Command.Release, reports: Effects.Reports) {
        watched.removeAll {
            it.command.kind() is ClusterStart && it.command.remoteId() == command.scopeId()
        }
        time.after(millis(FLIGHT), null) {
            emr.terminate(command.scopeId())
            time.after(millis(FLIGHT), life) { tell(reports, accepted(command, command.scopeId())) }
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

    private fun watch(one: Watched) {
        watched += one
        if (!polling) {
            polling = true
            poll()
        }
    }

    private fun poll() {
        time.after(millis(4_000), life) {
            if (!closed) {
                // Steps first: whoever hears of a lost cluster has heard of the steps that went
                // with it.
                watched.removeAll { it.command.kind() is StepSpec && overStep(it, it.command) }
                watched.removeAll {
                    it.command.kind() is ClusterStart && overCluster(it, it.command)
                }
                watched.removeAll { it.command.kind() is ClusterEnd && overEnd(it, it.command) }
                poll()
            }
        }
    }

    private fun overStep(one: Watched, command: Command.Watch): Boolean {
        val step = emr.step(command.remoteId())
        val fact: Event =
            when (step.state) {
                SimulatedEmr.StepState.PENDING -> return false
                SimulatedEmr.StepState.RUNNING -> {
                    if (!one.running)
                        tell(
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
                        if (step.insideFailure) FailureKind.INTERNAL else FailureKind.STEP,
                    )
                SimulatedEmr.StepState.CANCELLED ->
                    if (step.diedWithCluster) failed(command, FailureKind.CLUSTER_LOST)
                    else
                        Event.AttemptCancelled(
                            time.now,
                            command.task(),
                            command.attempt(),
                            "cancelled",
                        )
            }
        tell(one.reports, fact)
        return true
    }

    private fun overCluster(one: Watched, command: Command.Watch): Boolean {
        val cluster = emr.cluster(command.remoteId())
        if (cluster.wasUp && !one.up) {
            one.up = true
            tell(one.reports, Event.AttemptSucceeded(time.now, command.task(), command.attempt()))
        }
        if (cluster.state != SimulatedEmr.ClusterState.GONE) return false
        tell(
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

    private fun overEnd(one: Watched, command: Command.Watch): Boolean {
        if (emr.cluster(command.remoteId()).state != SimulatedEmr.ClusterState.GONE) return false
        tell(one.reports, Event.AttemptSucceeded(time.now, command.task(), command.attempt()))
        return true
    }
}
