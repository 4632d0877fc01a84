package dev.emrys.run;

import dev.emrys.graph.Edge;
import dev.emrys.graph.Task;
import dev.emrys.graph.TaskGraph;
import dev.emrys.spec.FailureCause;
import dev.emrys.spec.FailureKind;
import dev.emrys.spec.TaskSpec;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A copy of a {@link RunState} at one moment, which can be written to bytes and restored from them. It is a cache of
 * what the run's events say, and not a record: bytes that cannot be used are ignored, and the events are applied in
 * their place.
 *
 * <p>The bytes hold what the run and its tasks have from their events. The graph comes from the spec, and every count
 * is computed from it and from the phases. Tasks of which no event says anything take no space. Immutable.
 */
public final class RunSnapshot {
    /**
     * The version of the bytes. Raise it whenever they, or what is computed from them, change: older bytes are ignored
     * then.
     */
    public static final int VERSION = 3;

    private static final int KEY = 1;
    private static final int REMOTE_ID = 1 << 1;
    private static final int SCOPE_ID = 1 << 2;
    private static final int LOST_SCOPE_ID = 1 << 3;
    private static final int FAILED_UPSTREAM = 1 << 4;
    private static final int SINCE = 1 << 5;
    private static final int RUNNING_SINCE = 1 << 6;
    private static final int UNTIL = 1 << 7;
    private static final int FAILURE = 1 << 8;
    private static final int REASON = 1 << 9;
    private static final int LOG = 1 << 10;
    private static final int CAUSE = 1 << 11;
    private static final int FAILURES = 1 << 12;

    private final TaskGraph graph;
    private final RunProgress run;
    /** By index; null where no event says anything. */
    private final @Nullable TaskProgress[] tasks;

    private RunSnapshot(TaskGraph graph, RunProgress run, @Nullable TaskProgress[] tasks) {
        this.graph = graph;
        this.run = run;
        this.tasks = tasks;
    }

    /** Copies a state: quick, since nothing is encoded yet. */
    public static RunSnapshot of(RunState state) {
        @Nullable
        TaskProgress[] copies = new @Nullable TaskProgress[state.graph().size()];
        for (int i = 0; i < copies.length; i++) {
            copies[i] =
                    state.progress(i).isUntouched() ? null : state.progress(i).copy();
        }
        return new RunSnapshot(state.graph(), new RunProgress(state.progress()), copies);
    }

    /** May be called on any thread; takes some 100 ms for 200,000 tasks. */
    public byte[] toBytes() {
        BinaryWriter out = new BinaryWriter();
        out.number(VERSION);
        out.fixed(fingerprint(graph));
        long base = run.startedAt == null ? 0 : run.startedAt.getEpochSecond();
        out.number(base);
        writeRun(out, base);
        int count = 0;
        for (TaskProgress task : tasks) {
            count += task == null ? 0 : 1;
        }
        out.number(count);
        int previous = -1;
        for (int i = 0; i < tasks.length; i++) {
            TaskProgress task = tasks[i];
            if (task != null) {
                out.number(i - previous);
                previous = i;
                writeTask(out, task, base);
            }
        }
        return out.finish();
    }

    private void writeRun(BinaryWriter out, long base) {
        out.text(run.runId);
        out.text(run.name);
        out.number((run.startedAt == null ? 0 : 1)
                | (run.endedAt == null ? 0 : 2)
                | (run.outcome == null ? 0 : 4)
                | (run.cancelledBy == null ? 0 : 8));
        if (run.startedAt != null) {
            out.instant(run.startedAt, base);
        }
        if (run.endedAt != null) {
            out.instant(run.endedAt, base);
        }
        if (run.outcome != null) {
            out.sharedText(run.outcome.name());
        }
        if (run.cancelledBy != null) {
            out.text(run.cancelledBy);
        }
    }

    private static RunProgress readRun(BinaryReader in, long base) {
        RunProgress run = new RunProgress();
        run.runId = in.text();
        run.name = in.text();
        long present = in.number();
        run.startedAt = (present & 1) == 0 ? null : in.instant(base);
        run.endedAt = (present & 2) == 0 ? null : in.instant(base);
        run.outcome = (present & 4) == 0 ? null : Outcome.valueOf(in.sharedText());
        run.cancelledBy = (present & 8) == 0 ? null : in.text();
        return run;
    }

    /** A key is used only while its attempt is in flight: no other is written. */
    private static int present(TaskProgress task) {
        return (task.key == null || !task.phase.isInFlight() ? 0 : KEY)
                | (task.remoteId == null ? 0 : REMOTE_ID)
                | (task.scopeId == null ? 0 : SCOPE_ID)
                | (task.lostScopeId == null ? 0 : LOST_SCOPE_ID)
                | (task.failedUpstream == null ? 0 : FAILED_UPSTREAM)
                | (task.since == null ? 0 : SINCE)
                | (task.runningSince == null ? 0 : RUNNING_SINCE)
                | (task.until == null ? 0 : UNTIL)
                | (task.failure == null ? 0 : FAILURE)
                | (task.reason == null ? 0 : REASON)
                | (task.log == null ? 0 : LOG)
                | (task.cause == null ? 0 : CAUSE)
                | (task.failures().isEmpty() ? 0 : FAILURES);
    }

    private static void writeTask(BinaryWriter out, TaskProgress task, long base) {
        int present = present(task);
        out.number(present);
        out.sharedText(task.phase.name());
        out.number(task.attempt);
        out.number(task.uncountedAttempts);
        out.number(task.shortages);
        if (task.key != null && (present & KEY) != 0) {
            out.text(task.key);
        }
        if (task.remoteId != null) {
            out.text(task.remoteId);
        }
        if (task.scopeId != null) {
            out.sharedText(task.scopeId);
        }
        if (task.lostScopeId != null) {
            out.sharedText(task.lostScopeId);
        }
        if (task.failedUpstream != null) {
            out.sharedText(task.failedUpstream);
        }
        if (task.since != null) {
            out.instant(task.since, base);
        }
        if (task.runningSince != null) {
            out.instant(task.runningSince, base);
        }
        if (task.until != null) {
            out.instant(task.until, base);
        }
        if (task.failure != null) {
            out.sharedText(task.failure.name());
        }
        if (task.reason != null) {
            out.sharedText(task.reason);
        }
        if (task.log != null) {
            out.text(task.log);
        }
        if (task.cause != null) {
            out.sharedText(task.cause.name());
        }
        if (!task.failures().isEmpty()) {
            out.number(task.failures().size());
            task.failures().forEach((cause, count) -> {
                out.sharedText(cause.name());
                out.number(count);
            });
        }
    }

    private static void readTask(BinaryReader in, TaskProgress task, long base) {
        long present = in.number();
        task.phase = Phase.valueOf(in.sharedText());
        task.attempt = in.smallNumber();
        task.uncountedAttempts = in.smallNumber();
        task.shortages = in.smallNumber();
        task.key = (present & KEY) == 0 ? null : in.text();
        task.remoteId = (present & REMOTE_ID) == 0 ? null : in.text();
        task.scopeId = (present & SCOPE_ID) == 0 ? null : in.sharedText();
        task.lostScopeId = (present & LOST_SCOPE_ID) == 0 ? null : in.sharedText();
        task.failedUpstream = (present & FAILED_UPSTREAM) == 0 ? null : in.sharedText();
        task.since = (present & SINCE) == 0 ? null : in.instant(base);
        task.runningSince = (present & RUNNING_SINCE) == 0 ? null : in.instant(base);
        task.until = (present & UNTIL) == 0 ? null : in.instant(base);
        task.failure = (present & FAILURE) == 0 ? null : FailureKind.valueOf(in.sharedText());
        task.reason = (present & REASON) == 0 ? null : in.sharedText();
        task.log = (present & LOG) == 0 ? null : in.text();
        task.cause = (present & CAUSE) == 0 ? null : FailureCause.valueOf(in.sharedText());
        int causes = (present & FAILURES) == 0 ? 0 : in.count();
        for (int i = 0; i < causes; i++) {
            task.restoreFailures(FailureCause.valueOf(in.sharedText()), in.smallNumber());
        }
    }

    /**
     * The state that was copied: it behaves as one to which the run's events were applied.
     *
     * @param graph of the run's spec
     * @return empty when the bytes are damaged, have another version, or belong to another graph
     */
    public static Optional<RunState> restore(byte[] bytes, TaskGraph graph) {
        try {
            BinaryReader in = new BinaryReader(bytes);
            if (in.number() != VERSION || in.fixed() != fingerprint(graph)) {
                return Optional.empty();
            }
            long base = in.number();
            RunProgress run = readRun(in, base);
            TaskProgress[] tasks = RunState.newTasks(graph);
            int count = in.count();
            int index = -1;
            for (int i = 0; i < count; i++) {
                index += in.smallNumber();
                readTask(in, tasks[index], base);
            }
            return in.isAtEnd() ? Optional.of(new RunState(graph, run, tasks)) : Optional.empty();
        } catch (IndexOutOfBoundsException | IllegalArgumentException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    /** Differs when the graph has other tasks or edges: a state belongs to one graph. */
    private static long fingerprint(TaskGraph graph) {
        long hash = graph.size();
        for (int i = 0; i < graph.size(); i++) {
            Task task = graph.task(i);
            hash = mix(hash, task.id().hashCode());
            hash = mix(hash, task.kind() instanceof TaskSpec ? 1 : 0);
            hash = mix(hash, task.timeout() == null ? 0 : task.timeout().toMillis());
            for (Edge edge : graph.upstream(i)) {
                hash = mix(hash, edge.upstream() * 31L + edge.rule().name().hashCode());
            }
        }
        return hash;
    }

    private static long mix(long hash, long value) {
        return Long.rotateLeft((hash ^ value) * 0x9e3779b97f4a7c15L, 29);
    }
}
