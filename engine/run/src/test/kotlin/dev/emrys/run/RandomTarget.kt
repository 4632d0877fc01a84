package dev.emrys.run

import dev.emrys.graph.Task
import dev.emrys.graph.TaskGraph
import dev.emrys.spec.ClusterEnd
import dev.emrys.spec.ClusterStart
import dev.emrys.spec.FailureKind
import dev.emrys.spec.StepSpec
import dev.emrys.testing.randomGraph
import java.time.Duration
import java.time.Instant
import java.util.PriorityQueue
import kotlin.random.Random

/** At most 12 steps on 1 to 3 clusters. */
fun randomGraph(random: Random): TaskGraph =
    randomGraph(random, mostSteps = 12, clusterAttempts = 2, timeouts = 1L..59L, mostCapacity = 4)

/**
 * A simulated EMR: it takes commands and reports events later, in some order, some twice and some
 * late, and sometimes refuses, fails or loses a cluster. It keeps its own state, so that a process
 * that takes the run over can look up and adopt what exists.
 */
class RandomTarget(private val random: Random) {
    private class Due(val at: Instant, val order: Int, val event: () -> Event?)

    private val coming = PriorityQueue(compareBy<Due>({ it.at }, { it.order }))
    private var order = 0
    private val byKey = mutableMapOf<String, String>()
    /** Clusters by id; true until they have ended. */
    private val alive = linkedMapOf<String, Boolean>()
    private val cancelled = mutableSetOf<String>()
    private val stepsOn = mutableMapOf<String, MutableList<() -> Unit>>()
    private val running = mutableSetOf<String>()
    private val finished = mutableMapOf<String, (Instant, String, Int) -> Event>()
    private val ending = mutableSetOf<String>()
    var now: Instant = Instant.parse("2026-01-01T00:00:00Z")
        private set

    /** The key of each start; each must occur once. */
    val startsByKey = mutableListOf<String>()

    fun living(): Set<String> = alive.filterValues { it }.keys

    private fun soon() = Duration.ofMillis(random.nextLong(1, 20_000))

    private fun later(after: Duration = soon(), event: (Instant) -> Event?) {
        val at = now + after
        coming += Due(at, order++) { event(at) }
        if (random.nextInt(8) == 0) {
            val again = at + soon()
            coming += Due(again, order++) { event(again) }
        }
    }

    /** The next event; null when there is none. */
    fun next(): Event? {
        while (true) {
            val due = coming.poll() ?: return null
            now = due.at
            due.event()?.let {
                return it
            }
        }
    }

    /** Drops the reports to the process that crashed. The clusters and steps continue. */
    fun forgetWatchers() = coming.clear()

    fun perform(command: Command) {
        when (command) {
            is Command.Submit ->
                if (command.kind() is ClusterStart) start(command) else submit(command)
            // Too late: EMR already has the request.
            is Command.Withdraw -> {}
            is Command.Cancel -> cancelled += command.remoteId()
            is Command.Release -> {
                ending += command.scopeId()
                later {
                    Event.AttemptAccepted(it, command.task(), command.attempt(), command.scopeId())
                }
            }
            is Command.Watch ->
                when (command.kind()) {
                    is ClusterStart -> watchCluster(command)
                    is StepSpec -> watchStep(command)
                    is ClusterEnd ->
                        later {
                            alive[command.scopeId()!!] = false
                            Event.AttemptSucceeded(it, command.task(), command.attempt())
                        }
                    else -> error("EMR does not execute $command")
                }
            is Command.SetTimer -> {
                val wait =
                    Duration.between(now, command.due()).let {
                        if (it.isNegative) Duration.ZERO else it
                    }
                later(wait) { command.fired(it) }
            }
        }
    }

    private fun start(command: Command.Submit) {
        val known = byKey[command.key()]
        if (known == null && random.nextInt(12) == 0) {
            later { refused(it, command) }
            return
        }
        val id =
            known
                ?: "j-${alive.size + 1}"
                    .also {
                        byKey[command.key()] = it
                        alive[it] = true
                        startsByKey += command.key()
                    }
        later { Event.AttemptAccepted(it, command.task(), command.attempt(), id) }
    }

    private fun submit(command: Command.Submit) {
        if (command.scopeId() !in living() || random.nextInt(15) == 0 && command.key() !in byKey) {
            later { refused(it, command) }
            return
        }
        val id =
            byKey.getOrPut(command.key()) {
                startsByKey += command.key()
                "s-${byKey.size + 1}"
            }
        later { Event.AttemptAccepted(it, command.task(), command.attempt(), id) }
    }

    private fun refused(at: Instant, command: Command) =
        Event.AttemptFailed(
            at,
            command.task(),
            command.attempt(),
            FailureKind.REFUSED,
            "refused",
            null,
        )

    private fun watchCluster(command: Command.Watch) {
        val id = command.remoteId()
        later { at ->
            if (alive[id] == true && random.nextInt(6) == 0 && id !in ending && id !in running) {
                alive[id] = false
            }
            if (alive[id] != true) {
                Event.AttemptFailed(
                    at,
                    command.task(),
                    command.attempt(),
                    FailureKind.BOOTSTRAP,
                    "broken",
                    null,
                )
            } else {
                running += id
                Event.AttemptSucceeded(at, command.task(), command.attempt())
            }
        }
        if (random.nextInt(5) == 0) {
            later(Duration.ofSeconds(random.nextLong(1, 120))) { at ->
                if (id in ending || id !in running) {
                    null
                } else {
                    alive[id] = false
                    // Steps in flight are reported first, as the contract requires.
                    stepsOn.remove(id)?.forEach { it() }
                    later(Duration.ofMillis(1)) {
                        Event.ScopeLost(
                            it,
                            command.task(),
                            command.attempt(),
                            FailureKind.CLUSTER_LOST,
                            "lost",
                        )
                    }
                    null
                }
            }
        } else if (alive[id] == false && id in running && id !in ending) {
            later {
                Event.ScopeLost(
                    it,
                    command.task(),
                    command.attempt(),
                    FailureKind.CLUSTER_LOST,
                    "lost",
                )
            }
        }
    }

    private fun watchStep(command: Command.Watch) {
        val (task, attempt) = command.task() to command.attempt()
        fun lost(at: Instant) =
            Event.AttemptFailed(
                at,
                task,
                attempt,
                FailureKind.CLUSTER_LOST,
                "Its cluster ended.",
                null,
            )
        stepsOn.getOrPut(command.scopeId()!!) { mutableListOf() } += {
            if (command.remoteId() !in finished) later(Duration.ZERO) { lost(it) }
        }
        if (random.nextInt(4) != 0)
            later(Duration.ofMillis(5)) { Event.AttemptRunning(it, task, attempt) }
        val choice = random.nextInt(10)
        later(Duration.ofSeconds(random.nextLong(1, 90))) { at ->
            val end =
                finished.getOrPut(command.remoteId()) {
                    when {
                        alive[command.scopeId()!!] != true -> { a, t, n ->
                            Event.AttemptFailed(
                                a,
                                t,
                                n,
                                FailureKind.CLUSTER_LOST,
                                "Its cluster ended.",
                                null,
                            )
                        }
                        command.remoteId() in cancelled && choice < 8 -> { a, t, n ->
                            Event.AttemptCancelled(a, t, n, "cancelled")
                        }
                        choice == 0 -> { a, t, n ->
                            Event.AttemptFailed(a, t, n, FailureKind.STEP, "exit 1", null)
                        }
                        choice == 1 -> { a, t, n ->
                            Event.AttemptFailed(a, t, n, FailureKind.INTERNAL, "oops", null)
                        }
                        choice == 2 -> { a, t, n ->
                            Event.AttemptCancelled(a, t, n, "from outside")
                        }
                        else -> { a, t, n ->
                            Event.AttemptSucceeded(a, t, n)
                        }
                    }
                }
            end(at, task, attempt)
        }
    }
}

/** The invariants of every history, checked event by event and independently of the machine. */
class Invariants(private val graph: TaskGraph) {
    private val up = mutableMapOf<String, Boolean>()
    private val succeeded = mutableSetOf<String>()
    private val open = mutableSetOf<String>()
    private val intended = mutableSetOf<Pair<String, Int>>()
    private val started = mutableSetOf<String>()
    private val ended = mutableSetOf<String>()

    fun see(event: Event) {
        if (event !is Event.OfTask) return
        val task = graph.task(graph.indexOf(event.task()))
        when (event) {
            is Event.AttemptIntended -> intended(task, event)
            is Event.AttemptAccepted ->
                if (task.kind() is ClusterStart) {
                    started += task.scope()!!
                    ended -= task.scope()!!
                }
            is Event.AttemptSucceeded -> {
                succeeded += event.task()
                if (task.kind() is ClusterStart) up[task.scope()!!] = true
                if (task.kind() is ClusterEnd) ended += task.scope()!!
                open -= event.task()
            }
            is Event.ScopeLost -> up[task.scope()!!] = false
            is Event.RetryPlanned,
            is Event.TaskFailed,
            is Event.TaskSkipped,
            is Event.TaskCancelled,
            is Event.AttemptCancelled -> open -= event.task()
            else -> {}
        }
        if (event is Event.AttemptFailed) open -= event.task()
    }

    private fun intended(task: Task, event: Event.AttemptIntended) {
        check(intended.add(event.task() to event.attempt())) {
            "${event.task()} #${event.attempt()} was intended twice"
        }
        check(open.add(event.task())) { "${event.task()} has two attempts open" }
        val kind = task.kind()
        if (kind is StepSpec) {
            kind.after().forEach {
                check(it in succeeded) { "${event.task()} was submitted before $it succeeded" }
            }
            check(up[kind.cluster()] == true) {
                "${event.task()} was submitted while ${kind.cluster()} was not up"
            }
            val scope = graph.scopes()[kind.cluster()]!!
            val inFlight = scope.members().asList().count { graph.task(it).id() in open }
            check(inFlight <= scope.capacity()) { "${kind.cluster()} is over its capacity" }
        }
        if (kind is ClusterEnd) {
            graph.scopes()[task.scope()!!]!!.members().asList().forEach {
                check(graph.task(it).id() !in open) {
                    "${task.scope()} is being ended under ${graph.task(it).id()}"
                }
            }
        }
    }

    /** Clusters that were started and whose end was not reported. */
    fun leftOver(): Set<String> = started - ended
}
