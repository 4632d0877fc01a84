package dev.emrys.drive.simulation

import com.google.common.collect.ImmutableList
import dev.emrys.drive.Effects
import dev.emrys.run.Command
import dev.emrys.run.Event
import dev.emrys.spec.FailureKind
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
    private class Watched(val command: Command, val reports: Effects.Reports) {
        var running = false
        var up = false
    }

    private val watched = mutableListOf<Watched>()
    private val withdrawn = mutableSetOf<String>()
    private var polling = false
    private var closed = false
    private var lastReport = time.now

    private fun millis(most: Int) = Duration.ofMillis(random.nextLong(1, most.toLong()))

    override fun perform(commands: ImmutableList<Command>, reports: Effects.Reports) {
        check(!closed) { "asked for $commands after the close" }
        commands.forEach { command ->
            journaled(command)
            when (command) {
                is Command.StartCluster -> request(command, reports, command.uncertain(), 0)
                is Command.SubmitStep -> request(command, reports, command.uncertain(), 0)
                is Command.Withdraw -> withdrawn += command.key()
                is Command.CancelStep -> {
                    val hears = fates.step(command.task(), command.attempt()).hears
                    time.after(millis(FLIGHT), null) { emr.cancel(command.stepId(), hears) }
                }
                is Command.EndCluster -> end(command, reports)
                is Command.WatchCluster,
                is Command.WatchEnd,
                is Command.WatchStep -> watch(Watched(command, reports))
                is Command.SetTimer -> error("a timer is the driver's")
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

    private fun find(command: Command): String? =
        when (command) {
            is Command.StartCluster ->
                emr.clusters
                    .firstOrNull { it.key == command.key() && it.madeAt + LISTED <= time.now }
                    ?.id
            is Command.SubmitStep ->
                // Steps are listed cluster by cluster.
                emr.steps
                    .firstOrNull {
                        it.key == command.key() &&
                            it.cluster.id == command.clusterId() &&
                            it.madeAt + LISTED <= time.now
                    }
                    ?.id
            else -> null
        }

    private fun send(command: Command): String =
        when (command) {
            is Command.StartCluster ->
                emr.runJobFlow(command.task(), command.attempt(), command.key())
            is Command.SubmitStep ->
                emr.addStep(command.task(), command.attempt(), command.key(), command.clusterId())
            else -> error("not a request: $command")
        }

    private fun request(
        command: Command,
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
        val key =
            if (command is Command.StartCluster) command.key()
            else (command as Command.SubmitStep).key()
        if (key in withdrawn) {
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

    private fun end(command: Command.EndCluster, reports: Effects.Reports) {
        watched.removeAll {
            it.command is Command.WatchCluster && it.command.clusterId() == command.clusterId()
        }
        time.after(millis(FLIGHT), null) {
            emr.terminate(command.clusterId())
            time.after(millis(FLIGHT), life) {
                tell(reports, accepted(command, command.clusterId()))
            }
        }
    }

    private fun accepted(command: Command, id: String) =
        Event.AttemptAccepted(time.now, command.task(), command.attempt(), id)

    private fun failed(command: Command, kind: FailureKind) =
        Event.AttemptFailed(time.now, command.task(), command.attempt(), kind, "$kind", null)

    private fun refused(command: Command): Event {
        val gone =
            command is Command.SubmitStep &&
                emr.cluster(command.clusterId()).state in
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
                watched.removeAll { it.command is Command.WatchStep && overStep(it, it.command) }
                watched.removeAll {
                    it.command is Command.WatchCluster && overCluster(it, it.command)
                }
                watched.removeAll { it.command is Command.WatchEnd && overEnd(it, it.command) }
                poll()
            }
        }
    }

    private fun overStep(one: Watched, command: Command.WatchStep): Boolean {
        val step = emr.step(command.stepId())
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

    private fun overCluster(one: Watched, command: Command.WatchCluster): Boolean {
        val cluster = emr.cluster(command.clusterId())
        if (cluster.wasUp && !one.up) {
            one.up = true
            tell(one.reports, Event.AttemptSucceeded(time.now, command.task(), command.attempt()))
        }
        if (cluster.state != SimulatedEmr.ClusterState.GONE) return false
        tell(
            one.reports,
            if (one.up) {
                Event.ClusterLost(
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

    private fun overEnd(one: Watched, command: Command.WatchEnd): Boolean {
        if (emr.cluster(command.clusterId()).state != SimulatedEmr.ClusterState.GONE) return false
        tell(one.reports, Event.AttemptSucceeded(time.now, command.task(), command.attempt()))
        return true
    }
}
