package dev.emrys.run;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import dev.emrys.graph.Task;
import dev.emrys.graph.TaskGraph;
import dev.emrys.spec.Durations;
import dev.emrys.spec.FailureKind;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The state of one run: a fold over its events.
 *
 * <p>{@link #apply} takes a fact and says what is to be done because of it; {@link #next} says which fact follows from where the
 * run stands now. Both are deterministic: the same events give the same state, commands and facts, on every machine. The cost of an
 * event does not depend on how many tasks wait, only on how many wait for the task it is about.
 *
 * <p>Whoever drives the run journals a fact before it applies it elsewhere, and carries commands out after that. To resume: apply all
 * journaled events, drop the commands, and carry out those of {@link #recover}. Not thread-safe.
 */
public final class RunState {
    private final TaskGraph graph;
    private final Cell[] cells;
    private final ArrayDeque<Integer> agenda = new ArrayDeque<>();
    private final Decisions decisions;
    private String runId = "";
    private String name = "";
    private @Nullable Instant startedAt;
    private @Nullable Instant endedAt;
    private @Nullable Outcome outcome;
    private boolean cancelRequested;
    private String cancelledBy = "";
    private int open;

    public RunState(TaskGraph graph) {
        this.graph = graph;
        this.cells = new Cell[graph.size()];
        for (int i = 0; i < cells.length; i++) {
            cells[i] = new Cell(graph.task(i).id());
        }
        this.decisions = new Decisions(graph, cells);
        reset();
    }

    /** Counts what is open, from the phases alone. */
    private void reset() {
        open = 0;
        for (int i = 0; i < cells.length; i++) {
            Cell cell = cells[i];
            cell.openAfter = 0;
            ImmutableIntArray upstreams = graph.after(i);
            for (int k = 0; k < upstreams.length(); k++) {
                if (cells[upstreams.get(k)].phase != Phase.SUCCEEDED) {
                    cell.openAfter++;
                }
            }
            open += cell.phase.over() ? 0 : 1;
            touch(i);
        }
        for (TaskGraph.ClusterTasks cluster : graph.clusters().values()) {
            int left = 0;
            for (int k = 0; k < cluster.steps().length(); k++) {
                left += cells[cluster.steps().get(k)].phase.over() ? 0 : 1;
            }
            cells[cluster.start()].stepsLeft = left;
        }
    }

    /**
     * Whether the fact fits where the run stands. A late reply (of an earlier attempt, or of one that is over) does not fit; it
     * is dropped, not journaled.
     */
    public boolean accepts(Event event) {
        if (event instanceof Event.RunStarted || startedAt == null) {
            return event instanceof Event.RunStarted && startedAt == null;
        }
        if (event instanceof Event.OfTask fact) {
            int index = graph.indexOf(fact.task());
            return index >= 0 && decisions.fits(index, fact);
        }
        if (event instanceof Event.RunReopened) {
            return outcome != null && outcome != Outcome.SUCCEEDED;
        }
        if (event instanceof Event.CancelRequested) {
            return outcome == null && !cancelRequested;
        }
        return outcome == null;
    }

    /**
     * Takes a fact.
     *
     * @return what is to be done because of it, once it is durable
     * @throws IllegalStateException when the fact does not fit; the message names run, fact and phase
     */
    public ImmutableList<Command> apply(Event event) {
        if (!accepts(event)) {
            throw new IllegalStateException(refusal(event));
        }
        if (event instanceof Event.OfTask fact) {
            return applyToTask(graph.indexOf(fact.task()), fact);
        }
        return applyToRun((Event.OfRun) event);
    }

    private ImmutableList<Command> applyToRun(Event.OfRun event) {
        if (event instanceof Event.RunStarted started) {
            runId = started.run();
            name = started.name();
            startedAt = started.at();
        } else if (event instanceof Event.CancelRequested requested) {
            cancelRequested = true;
            cancelledBy = requested.by();
            touchAll();
            return withdrawals();
        } else if (event instanceof Event.RunEnded ended) {
            outcome = ended.outcome();
            endedAt = ended.at();
        } else if (event instanceof Event.RunReopened) {
            return reopen();
        } else if (event instanceof Event.RunResumed) {
            forgiveLosses();
        }
        return ImmutableList.of();
    }

    /** Of a cluster that stood idle while nobody drove the run, the lease may have run out: that is nobody's failed attempt. */
    private void forgiveLosses() {
        for (TaskGraph.ClusterTasks cluster : graph.clusters().values()) {
            Cell start = cells[cluster.start()];
            if (start.phase == Phase.SUCCEEDED && !cells[cluster.end()].phase.over()) {
                start.spentBefore = start.attempt;
            }
        }
    }

    private ImmutableList<Command> withdrawals() {
        ImmutableList.Builder<Command> commands = ImmutableList.builder();
        for (int i = 0; i < cells.length; i++) {
            commands.addAll(decisions.withdrawal(i));
        }
        return commands.build();
    }

    /** What did not succeed goes back to waiting, and with it the clusters it needs. */
    private ImmutableList<Command> reopen() {
        outcome = null;
        endedAt = null;
        cancelRequested = false;
        ImmutableList.Builder<Integer> kept = ImmutableList.builder();
        for (TaskGraph.ClusterTasks cluster : graph.clusters().values()) {
            boolean again = false;
            for (int k = 0; k < cluster.steps().length(); k++) {
                Cell step = cells[cluster.steps().get(k)];
                if (step.phase != Phase.SUCCEEDED) {
                    step.reopen();
                    again = true;
                }
            }
            Cell start = cells[cluster.start()];
            if (cells[cluster.end()].phase == Phase.FAILED && start.remoteId != null) {
                // It could not be ended, so it may live: what is done again is done there, and the end is tried again.
                // To start another would be to forget this one; only if it turns out to be gone another is started.
                cells[cluster.end()].reopen();
                start.phase = Phase.SUCCEEDED;
                if (again) {
                    start.phase = Phase.ACCEPTED;
                    start.spentBefore = start.attempt;
                    kept.add(cluster.start());
                }
            } else if (again) {
                start.reopen();
                cells[cluster.end()].reopen();
            }
        }
        reset();
        ImmutableList.Builder<Command> watch = ImmutableList.builder();
        kept.build().forEach(start -> watch.addAll(decisions.recover(start, false)));
        return watch.build();
    }

    private ImmutableList<Command> applyToTask(int index, Event.OfTask fact) {
        Cell cell = cells[index];
        Phase before = cell.phase;
        Phase after = Transitions.next(before, fact);
        if (after == null) {
            throw new IllegalStateException(refusal(fact));
        }
        cell.phase = after;
        note(cell, fact, before, after);
        if (fact instanceof Event.AttemptFailed failed && failed.failure() == FailureKind.CLUSTER_LOST) {
            cell.lostClusterId = cell.clusterId;
            if (graph.task(index) instanceof Task.RunStep && (before == Phase.INTENDED || before == Phase.ACCEPTED)) {
                // It never ran: it was in the way when its cluster went.
                cell.spentBefore++;
            }
        }
        if (fact instanceof Event.AttemptTimedOut && graph.task(index) instanceof Task.RunStep run) {
            cell.reason = "It ran longer than its timeout"
                    + (run.spec().timeout() == null
                            ? ""
                            : " of " + Durations.words(run.spec().timeout()))
                    + " and was cancelled.";
        }
        boolean ofOurs = before == Phase.CANCELLING || cell.reason == null;
        if (after == Phase.CANCELLED && cancelRequested && ofOurs && graph.task(index) instanceof Task.RunStep) {
            cell.reason = "The run was cancelled: " + cancelledBy + ".";
        }
        if (fact instanceof Event.AttemptIntended) {
            cell.clusterId = cells[graph.clusterOf(index).start()].remoteId;
        }
        if (before.over() != after.over()) {
            open += after.over() ? -1 : 1;
        }
        spread(index, before, after);
        return decisions.commands(index, fact, false);
    }

    private static void note(Cell cell, Event.OfTask fact, Phase before, Phase after) {
        if (fact instanceof Event.AttemptIntended intended) {
            cell.attempt = intended.attempt();
            cell.key = intended.key();
            cell.since = intended.at();
            cell.runningSince = null;
            cell.until = null;
            cell.wanted = false;
            cell.failure = null;
            cell.reason = null;
            cell.log = null;
        } else if (fact instanceof Event.AttemptAccepted accepted) {
            cell.remoteId = accepted.remoteId();
        } else if (fact instanceof Event.AttemptRunning running) {
            cell.runningSince = running.at();
        } else if (fact instanceof Event.AttemptFailed failed) {
            // What we cancelled for its timeout may come back as failed: the timeout is the cause.
            if (before != Phase.TIMING_OUT) {
                cell.failure = failed.failure();
                cell.reason = failed.reason();
            }
            cell.log = failed.log();
        } else if (fact instanceof Event.AttemptTimedOut) {
            cell.failure = FailureKind.TIMEOUT;
        } else if (fact instanceof Event.AttemptCancelled cancelled && after == Phase.CANCELLED) {
            cell.reason = cancelled.reason();
        } else if (fact instanceof Event.ClusterLost lost) {
            cell.failure = lost.failure();
            cell.reason = lost.reason();
        } else if (fact instanceof Event.RetryPlanned planned) {
            cell.until = planned.due();
        } else if (fact instanceof Event.TaskSkipped skipped) {
            cell.reason = "\"" + skipped.because() + "\" did not succeed.";
        }
        if (after.over() || after == Phase.FELL) {
            cell.until = fact.at();
        }
    }

    /** Puts on the agenda whatever may have a fact following from this change. */
    private void spread(int index, Phase before, Phase after) {
        touch(index);
        TaskGraph.ClusterTasks cluster = graph.clusterOf(index);
        Task task = graph.task(index);
        if (task instanceof Task.RunStep) {
            if (after.over() && !before.over()) {
                cells[cluster.start()].stepsLeft--;
                tellDependents(index, after);
                touch(cluster.start());
                touch(cluster.end());
            }
        } else if (index == cluster.start()) {
            touch(cluster.end());
            if (after == Phase.WAITING || after.over()) {
                for (int k = 0; k < cluster.steps().length(); k++) {
                    touch(cluster.steps().get(k));
                }
            }
        }
    }

    private void tellDependents(int index, Phase after) {
        ImmutableIntArray dependents = graph.before(index);
        for (int k = 0; k < dependents.length(); k++) {
            Cell dependent = cells[dependents.get(k)];
            if (after == Phase.SUCCEEDED) {
                dependent.openAfter--;
            } else if (dependent.brokenBy == null) {
                dependent.brokenBy = cells[index].id;
            }
            touch(dependents.get(k));
        }
    }

    private void touch(int index) {
        if (!cells[index].onAgenda) {
            cells[index].onAgenda = true;
            agenda.add(index);
        }
    }

    private void touchAll() {
        for (int i = 0; i < cells.length; i++) {
            touch(i);
        }
    }

    /**
     * The next fact that follows from where the run stands, or empty when nothing does until something happens outside. The
     * caller applies it before it asks again.
     *
     * @param now becomes the time of the fact
     */
    public Optional<Event> next(Instant now) {
        if (startedAt == null || outcome != null) {
            return Optional.empty();
        }
        while (!agenda.isEmpty()) {
            int index = agenda.remove();
            cells[index].onAgenda = false;
            Event fact = decisions.fact(index, now, runId, cancelRequested);
            if (fact != null) {
                return Optional.of(fact);
            }
            int start = decisions.wantsStart(index, cancelRequested);
            if (start >= 0) {
                touch(start);
            }
        }
        return open == 0 ? Optional.of(new Event.RunEnded(now, decisions.outcome(cancelRequested))) : Optional.empty();
    }

    /**
     * What somebody who takes the run over has to do: look for what may have been sent, watch what is open, set the timers again.
     */
    public ImmutableList<Command> recover() {
        ImmutableList.Builder<Command> commands = ImmutableList.builder();
        if (outcome == null) {
            for (int i = 0; i < cells.length; i++) {
                commands.addAll(decisions.recover(i, cancelRequested));
                touch(i);
            }
        }
        return commands.build();
    }

    private String refusal(Event event) {
        String where = event instanceof Event.OfTask fact && graph.indexOf(fact.task()) >= 0
                ? ", whose phase is " + cells[graph.indexOf(fact.task())].phase + ", attempt "
                        + cells[graph.indexOf(fact.task())].attempt
                : "";
        return "Run " + runId + " cannot take " + event + where + ".";
    }

    public TaskGraph graph() {
        return graph;
    }

    public String runId() {
        return runId;
    }

    /** The memorable one. */
    public String name() {
        return name;
    }

    public Optional<Instant> startedAt() {
        return Optional.ofNullable(startedAt);
    }

    public Optional<Instant> endedAt() {
        return Optional.ofNullable(endedAt);
    }

    /** Empty while the run goes on. */
    public Optional<Outcome> outcome() {
        return Optional.ofNullable(outcome);
    }

    public boolean cancelRequested() {
        return cancelRequested;
    }

    /** @throws IndexOutOfBoundsException when there is no such task */
    public TaskState task(int index) {
        return cells[index].view();
    }

    /** Every task, in the graph's order. */
    public ImmutableList<TaskState> tasks() {
        ImmutableList.Builder<TaskState> all = ImmutableList.builderWithExpectedSize(cells.length);
        for (Cell cell : cells) {
            all.add(cell.view());
        }
        return all.build();
    }
}
