package dev.emrys.run;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import com.google.common.primitives.ImmutableIntArray;
import dev.emrys.graph.Task;
import dev.emrys.graph.TaskGraph;
import dev.emrys.spec.FailureKind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What follows: from the state of one task the next fact, from a fact the commands, from a recovered state the commands again. */
final class Decisions {
    private final TaskGraph graph;
    private final Cell[] cells;

    Decisions(TaskGraph graph, Cell[] cells) {
        this.graph = graph;
        this.cells = cells;
    }

    boolean fits(int index, Event.OfTask fact) {
        Cell cell = cells[index];
        int expected = fact instanceof Event.AttemptIntended ? cell.attempt + 1 : cell.attempt;
        if (fact.attempt() != expected || Transitions.next(cell.phase, fact) == null) {
            return false;
        }
        // A cluster whose steps are all over is being ended by us: that it is gone is no loss.
        return !(fact instanceof Event.ClusterLost)
                || (graph.task(index) instanceof Task.StartCluster && cell.stepsLeft > 0);
    }

    @Nullable
    Event fact(int index, Instant now, String runId, boolean cancelRequested) {
        Cell cell = cells[index];
        if (cell.phase == Phase.FELL) {
            return afterFailure(graph.task(index), cell, now, runId, cancelRequested);
        }
        Task task = graph.task(index);
        if (task instanceof Task.RunStep) {
            return ofStep(index, cell, now, runId, cancelRequested);
        }
        if (task instanceof Task.StartCluster) {
            return ofStart(index, now, runId, cancelRequested);
        }
        return ofEnd(index, cell, now, runId);
    }

    private static Event afterFailure(Task task, Cell cell, Instant now, String runId, boolean cancelRequested) {
        FailureKind failure = cell.failure == null ? FailureKind.INTERNAL : cell.failure;
        if (cancelRequested && !(task instanceof Task.EndCluster)) {
            return new Event.TaskCancelled(now, cell.id, cell.attempt);
        }
        int spent = cell.attempt - cell.spentBefore;
        if (spent <= 0) {
            // It cost the policy nothing, so the policy is not asked.
            return new Event.RetryPlanned(now, cell.id, cell.attempt, now);
        }
        if (task.retry().retries(spent, failure)) {
            Duration wait = task.retry().backoff().afterAttempt(spent, spread(runId, cell));
            return new Event.RetryPlanned(now, cell.id, cell.attempt, now.plus(wait));
        }
        return new Event.TaskFailed(now, cell.id, cell.attempt);
    }

    /** Where in its jitter a wait falls: drawn from run, task and attempt, so that tasks part and a replay agrees. */
    private static double spread(String runId, Cell cell) {
        long hash = Hashing.murmur3_128()
                .hashString(runId + "/" + cell.id + "/" + cell.attempt, StandardCharsets.UTF_8)
                .asLong();
        return (double) (hash >>> 11) / (double) (1L << 53);
    }

    private @Nullable Event ofStep(int index, Cell cell, Instant now, String runId, boolean cancelRequested) {
        boolean waits = cell.phase == Phase.WAITING || cell.phase == Phase.BACKOFF;
        if (cancelRequested) {
            if (waits) {
                return new Event.TaskCancelled(now, cell.id, cell.attempt);
            }
            return cell.phase == Phase.ACCEPTED || cell.phase == Phase.RUNNING
                    ? new Event.AttemptCancelling(now, cell.id, cell.attempt)
                    : null;
        }
        Cell start = cells[graph.clusterOf(index).start()];
        if (waits && cell.brokenBy != null) {
            return new Event.TaskSkipped(now, cell.id, cell.attempt, cell.brokenBy);
        }
        if (waits && start.phase.over() && start.phase != Phase.SUCCEEDED) {
            return new Event.TaskSkipped(now, cell.id, cell.attempt, start.id);
        }
        // The cluster that the last attempt has lost is ending, and that it is gone will be told: then there is
        // another, or none.
        boolean losing = cell.lostClusterId != null && cell.lostClusterId.equals(start.remoteId);
        if (cell.phase == Phase.WAITING && cell.openAfter == 0 && start.phase == Phase.SUCCEEDED && !losing) {
            return intend(graph.task(index), cell, now, runId);
        }
        return null;
    }

    /** @return the start task that this step wants to have started, or -1 */
    int wantsStart(int index, boolean cancelRequested) {
        Cell cell = cells[index];
        if (!(graph.task(index) instanceof Task.RunStep) || cancelRequested) {
            return -1;
        }
        int startIndex = graph.clusterOf(index).start();
        Cell start = cells[startIndex];
        boolean ready = cell.phase == Phase.WAITING && cell.openAfter == 0 && cell.brokenBy == null;
        if (!ready || start.phase != Phase.WAITING || start.wanted) {
            return -1;
        }
        start.wanted = true;
        return startIndex;
    }

    private @Nullable Event ofStart(int index, Instant now, String runId, boolean cancelRequested) {
        Cell cell = cells[index];
        boolean pointless = cancelRequested || cell.stepsLeft == 0;
        return switch (cell.phase) {
            case WAITING -> {
                if (pointless) {
                    yield cancelRequested
                            ? new Event.TaskCancelled(now, cell.id, cell.attempt)
                            : new Event.TaskSkipped(now, cell.id, cell.attempt, unsuccessful(index));
                }
                yield cell.wanted ? intend(graph.task(index), cell, now, runId) : null;
            }
            case BACKOFF, ACCEPTED -> pointless ? new Event.TaskCancelled(now, cell.id, cell.attempt) : null;
            default -> null;
        };
    }

    /** A step of the cluster that did not succeed, for which the cluster need not be started. */
    private String unsuccessful(int start) {
        ImmutableIntArray steps = graph.clusterOf(start).steps();
        for (int k = 0; k < steps.length(); k++) {
            if (cells[steps.get(k)].phase != Phase.SUCCEEDED) {
                return cells[steps.get(k)].id;
            }
        }
        return cells[start].id;
    }

    private @Nullable Event ofEnd(int index, Cell cell, Instant now, String runId) {
        Cell start = cells[graph.clusterOf(index).start()];
        if (cell.phase != Phase.WAITING || start.stepsLeft > 0 || !start.phase.over()) {
            return null;
        }
        return start.remoteId == null
                ? new Event.TaskSkipped(now, cell.id, cell.attempt, start.id)
                : intend(graph.task(index), cell, now, runId);
    }

    private static Event intend(Task task, Cell cell, Instant now, String runId) {
        int attempt = cell.attempt + 1;
        return new Event.AttemptIntended(now, cell.id, attempt, runId + "." + task.shortId() + "." + attempt);
    }

    ImmutableList<Command> commands(int index, Event.OfTask fact, boolean uncertain) {
        Cell cell = cells[index];
        if (fact instanceof Event.AttemptIntended) {
            return ImmutableList.of(send(index, uncertain));
        }
        if (fact instanceof Event.AttemptAccepted) {
            return ImmutableList.of(watch(index));
        }
        if (fact instanceof Event.AttemptRunning && cell.phase == Phase.RUNNING) {
            return deadline(index);
        }
        if (fact instanceof Event.AttemptCancelling || fact instanceof Event.AttemptTimedOut) {
            return ImmutableList.of(cancel(index));
        }
        if (fact instanceof Event.RetryPlanned planned) {
            return ImmutableList.of(new Command.SetTimer(cell.id, cell.attempt, Command.Timer.RETRY, planned.due()));
        }
        return ImmutableList.of();
    }

    /** What is on its way to EMR when the run is cancelled need not arrive. */
    ImmutableList<Command> withdrawal(int index) {
        Cell cell = cells[index];
        return cell.phase == Phase.INTENDED && !(graph.task(index) instanceof Task.EndCluster)
                ? ImmutableList.of(new Command.Withdraw(cell.id, cell.attempt, Objects.requireNonNull(cell.key)))
                : ImmutableList.of();
    }

    ImmutableList<Command> recover(int index, boolean cancelRequested) {
        Cell cell = cells[index];
        boolean upCluster = graph.task(index) instanceof Task.StartCluster
                && cell.phase == Phase.SUCCEEDED
                && !cells[graph.clusterOf(index).end()].phase.over();
        return switch (cell.phase) {
            case INTENDED ->
                ImmutableList.<Command>builder()
                        .addAll(cancelRequested ? withdrawal(index) : ImmutableList.of())
                        .add(send(index, true))
                        .build();
            case ACCEPTED -> ImmutableList.of(watch(index));
            case RUNNING ->
                ImmutableList.<Command>builder()
                        .add(watch(index))
                        .addAll(deadline(index))
                        .build();
            case CANCELLING, TIMING_OUT -> ImmutableList.of(cancel(index), watch(index));
            case BACKOFF ->
                ImmutableList.of(new Command.SetTimer(
                        cell.id, cell.attempt, Command.Timer.RETRY, Objects.requireNonNull(cell.until)));
            case SUCCEEDED -> upCluster ? ImmutableList.of(watch(index)) : ImmutableList.of();
            default -> ImmutableList.of();
        };
    }

    private Command send(int index, boolean uncertain) {
        Cell cell = cells[index];
        String key = Objects.requireNonNull(cell.key);
        Instant since = Objects.requireNonNull(cell.since);
        Task task = graph.task(index);
        if (task instanceof Task.StartCluster start) {
            return new Command.StartCluster(cell.id, cell.attempt, key, start.spec(), since, uncertain);
        }
        if (task instanceof Task.RunStep run) {
            return new Command.SubmitStep(cell.id, cell.attempt, key, run.spec(), clusterId(index), since, uncertain);
        }
        return new Command.EndCluster(cell.id, cell.attempt, clusterId(index));
    }

    private Command watch(int index) {
        Cell cell = cells[index];
        Task task = graph.task(index);
        if (task instanceof Task.StartCluster) {
            return new Command.WatchCluster(cell.id, cell.attempt, Objects.requireNonNull(cell.remoteId));
        }
        if (task instanceof Task.RunStep) {
            return new Command.WatchStep(
                    cell.id, cell.attempt, clusterId(index), Objects.requireNonNull(cell.remoteId));
        }
        return new Command.WatchEnd(cell.id, cell.attempt, clusterId(index));
    }

    private Command cancel(int index) {
        Cell cell = cells[index];
        return new Command.CancelStep(cell.id, cell.attempt, clusterId(index), Objects.requireNonNull(cell.remoteId));
    }

    private ImmutableList<Command> deadline(int index) {
        Cell cell = cells[index];
        if (graph.task(index) instanceof Task.RunStep run
                && run.spec().timeout() != null
                && cell.runningSince != null) {
            Instant due = cell.runningSince.plus(run.spec().timeout());
            return ImmutableList.of(new Command.SetTimer(cell.id, cell.attempt, Command.Timer.DEADLINE, due));
        }
        return ImmutableList.of();
    }

    private String clusterId(int index) {
        return Objects.requireNonNull(cells[index].clusterId);
    }

    Outcome outcome(boolean cancelRequested) {
        boolean all = true;
        boolean ends = true;
        for (int i = 0; i < cells.length; i++) {
            Task task = graph.task(i);
            if (task instanceof Task.RunStep) {
                all &= cells[i].phase == Phase.SUCCEEDED;
            } else if (task instanceof Task.EndCluster) {
                ends &= cells[i].phase == Phase.SUCCEEDED || cells[i].phase == Phase.SKIPPED;
            }
        }
        if (all && ends) {
            return Outcome.SUCCEEDED;
        }
        return cancelRequested && ends ? Outcome.CANCELLED : Outcome.FAILED;
    }
}
