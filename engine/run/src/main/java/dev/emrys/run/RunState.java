package dev.emrys.run;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.emrys.graph.Edge;
import dev.emrys.graph.Scope;
import dev.emrys.graph.TaskGraph;
import dev.emrys.graph.TriggerRule;
import dev.emrys.spec.ClusterStart;
import dev.emrys.spec.StepSpec;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The state of one run: a fold over its events. The same events give the same state on every machine. The cost of an
 * event does not depend on how many tasks wait, only on how many wait for the task that it is about.
 *
 * <p>What follows from a state is said by {@link RunMachine}. Not thread-safe.
 */
public final class RunState {
    private final TaskGraph graph;
    private final TaskProgress[] tasks;
    private final ImmutableMap<String, ScopeProgress> scopes;
    /** By index: the scope that the task runs in; null when it needs none, or when it acquires or releases one. */
    private final @Nullable ScopeProgress[] memberScopes;
    /** Tasks from which an event may follow; each is here at most once. */
    private final ArrayDeque<Integer> readyQueue = new ArrayDeque<>();

    private final RunProgress run;
    private int openTasks;

    public RunState(TaskGraph graph) {
        this(graph, new RunProgress(), newTasks(graph));
    }

    /** For {@link RunSnapshot}: every count is computed. */
    RunState(TaskGraph graph, RunProgress run, TaskProgress[] tasks) {
        this.graph = graph;
        this.run = run;
        this.tasks = tasks;
        Map<String, ScopeProgress> byName = new LinkedHashMap<>();
        graph.scopes().forEach((name, scope) -> byName.put(name, new ScopeProgress(scope)));
        this.scopes = ImmutableMap.copyOf(byName);
        this.memberScopes = new @Nullable ScopeProgress[tasks.length];
        for (ScopeProgress scope : scopes.values()) {
            scope.scope.members().forEach(member -> memberScopes[member] = scope);
        }
        recount();
    }

    static TaskProgress[] newTasks(TaskGraph graph) {
        TaskProgress[] tasks = new TaskProgress[graph.size()];
        for (int i = 0; i < tasks.length; i++) {
            tasks[i] = new TaskProgress(graph.task(i).id());
        }
        return tasks;
    }

    /** Computes every count from the phases alone. */
    private void recount() {
        openTasks = 0;
        for (ScopeProgress scope : scopes.values()) {
            scope.openMembers = 0;
            scope.inFlight = 0;
            scope.demand = 0;
            scope.waiting.clear();
        }
        for (int i = 0; i < tasks.length; i++) {
            TaskProgress task = tasks[i];
            task.clearUpstreams();
            task.demandsScope = false;
            task.awaitsCapacity = false;
            openTasks += task.phase.isTerminal() ? 0 : 1;
            ScopeProgress scope = scopeOfMember(i);
            if (scope != null) {
                scope.openMembers += task.phase.isTerminal() ? 0 : 1;
                scope.inFlight += task.phase.isInFlight() ? 1 : 0;
            }
        }
        for (int i = 0; i < tasks.length; i++) {
            for (Edge edge : graph.upstream(i)) {
                TaskProgress upstream = tasks[edge.upstream()];
                tasks[i].upstreams(edge.rule()).add(upstream.phase, 1);
                tasks[i].noteEnd(upstream);
            }
            refresh(i);
        }
    }

    /**
     * Whether the event fits the state. A late report (of an earlier attempt, or of one that has ended) does not fit;
     * it is dropped and not journaled.
     */
    public boolean accepts(Event event) {
        if (event instanceof Event.RunStarted || run.startedAt == null) {
            return event instanceof Event.RunStarted && run.startedAt == null;
        }
        if (event instanceof Event.OfTask ofTask) {
            int index = graph.indexOf(ofTask.task());
            return index >= 0 && next(index, ofTask) != null;
        }
        if (event instanceof Event.RunReopened) {
            return run.outcome != null && run.outcome != Outcome.SUCCEEDED;
        }
        if (event instanceof Event.CancelRequested) {
            return run.outcome == null && run.cancelledBy == null;
        }
        return run.outcome == null;
    }

    /** @return the phase that follows; null when the event does not fit the task */
    private @Nullable Phase next(int index, Event.OfTask event) {
        TaskProgress task = tasks[index];
        int expected = event instanceof Event.AttemptIntended ? task.attempt + 1 : task.attempt;
        if (event.attempt() != expected) {
            return null;
        }
        if (event instanceof Event.AttemptAccepted accepted && task.phase == Phase.ACCEPTED) {
            boolean isOther = !accepted.remoteId().equals(task.remoteId);
            return isOther && graph.task(index).kind() instanceof StepSpec ? Transitions.next(task.phase, event) : null;
        }
        if (event instanceof Event.ScopeLost) {
            // A scope whose members have all ended is being released by the run: its end is no loss.
            Scope scope = graph.scope(index);
            if (scope == null || scope.acquire() != index || progress(scope).openMembers == 0) {
                return null;
            }
        }
        return Transitions.next(task.phase, event);
    }

    /**
     * Applies an event.
     *
     * @throws IllegalStateException when the event does not fit; the message names run, event and phase
     */
    public void apply(Event event) {
        if (event instanceof Event.OfTask ofTask) {
            // Looked up once: in a large graph that is most of what an event costs here.
            int index = run.startedAt == null ? -1 : graph.indexOf(ofTask.task());
            Phase after = index < 0 ? null : next(index, ofTask);
            if (after == null) {
                throw new IllegalStateException(refusal(event));
            }
            applyToTask(index, ofTask, after);
        } else if (accepts(event)) {
            ((Event.OfRun) event).accept(new RunEvents());
        } else {
            throw new IllegalStateException(refusal(event));
        }
    }

    /** Applies the events of the run as a whole. */
    private final class RunEvents implements Event.RunCases {
        @Override
        public void started(Event.RunStarted event) {
            run.runId = event.run();
            run.name = event.name();
            run.startedAt = event.at();
        }

        @Override
        public void resumed(Event.RunResumed event) {
            scopes.values().forEach(RunState.this::resetAcquireRetries);
        }

        @Override
        public void reopened(Event.RunReopened event) {
            run.outcome = null;
            run.endedAt = null;
            run.cancelledBy = null;
            for (TaskProgress task : tasks) {
                task.failedUpstream = null;
            }
            reopenTasks();
            recount();
        }

        @Override
        public void cancelRequested(Event.CancelRequested event) {
            run.cancelledBy = event.by();
            enqueueAll();
        }

        @Override
        public void ended(Event.RunEnded event) {
            run.outcome = event.outcome();
            run.endedAt = event.at();
        }
    }

    /**
     * While no process drove the run, the scope's idle timeout may have passed: that is not a failed attempt of the
     * pipeline.
     */
    private void resetAcquireRetries(ScopeProgress scope) {
        TaskProgress acquire = tasks[scope.scope.acquire()];
        boolean acquired = acquire.phase == Phase.ACCEPTED || acquire.phase == Phase.SUCCEEDED;
        if (acquired && needsScope(scope)) {
            acquire.countAnew();
        }
    }

    /** Whether the loss of the scope, once it is acquired, would matter to the run. */
    boolean needsScope(ScopeProgress scope) {
        return scope.scope.isReleased() ? !tasks[scope.scope.release()].phase.isTerminal() : scope.openMembers > 0;
    }

    /** What did not succeed waits again, and with it the scopes that it needs. */
    private void reopenTasks() {
        for (int i = 0; i < tasks.length; i++) {
            if (graph.task(i).scope() == null && tasks[i].phase != Phase.SUCCEEDED) {
                tasks[i].reopen();
            }
        }
        for (ScopeProgress scope : scopes.values()) {
            boolean again = false;
            for (int k = 0; k < scope.scope.members().length(); k++) {
                TaskProgress member = tasks[scope.scope.members().get(k)];
                if (member.phase != Phase.SUCCEEDED) {
                    member.reopen();
                    again = true;
                }
            }
            reopenScope(scope.scope, again || isMissing(scope.scope));
        }
    }

    /** Whether the run has failed to acquire a scope that was wanted without members. */
    private boolean isMissing(Scope scope) {
        return scope.members().isEmpty()
                && graph.task(scope.acquire()).kind() instanceof ClusterStart start
                && start.cluster().staysAfterRun()
                && tasks[scope.acquire()].phase != Phase.SUCCEEDED;
    }

    private void reopenScope(Scope scope, boolean again) {
        TaskProgress acquire = tasks[scope.acquire()];
        if (!scope.isReleased()) {
            if (again) {
                acquire.reopen();
            }
            return;
        }
        TaskProgress release = tasks[scope.release()];
        if (release.phase == Phase.FAILED && acquire.remoteId != null) {
            // It could not be released, so it may still be there: its members run there, and its release is tried
            // again. Acquiring
            // another would lose this one; another is acquired only if this one turns out to be gone.
            release.reopen();
            acquire.phase = Phase.SUCCEEDED;
            if (again) {
                acquire.phase = Phase.ACCEPTED;
                acquire.countAnew();
            }
        } else if (again && release.phase == Phase.SKIPPED && acquire.phase == Phase.SUCCEEDED) {
            // It was kept, and is used again while it is there.
            release.reopen();
            acquire.phase = Phase.ACCEPTED;
            acquire.countAnew();
        } else if (again) {
            acquire.reopen();
            release.reopen();
        }
    }

    private void applyToTask(int index, Event.OfTask event, Phase after) {
        TaskProgress task = tasks[index];
        Phase before = task.phase;
        task.phase = after;
        event.accept(new TaskEventRecorder(this, index, before));
        if (before.isTerminal() != after.isTerminal()) {
            openTasks += after.isTerminal() ? -1 : 1;
            for (Edge edge : graph.downstream(index)) {
                TaskProgress dependent = tasks[edge.downstream()];
                dependent.upstreams(edge.rule()).add(before, -1);
                dependent.upstreams(edge.rule()).add(after, 1);
                dependent.noteEnd(task);
                refresh(edge.downstream());
            }
        }
        ScopeProgress scope = scopeOfMember(index);
        if (scope != null) {
            countMember(scope, before, after);
        }
        refresh(index);
    }

    private void countMember(ScopeProgress scope, Phase before, Phase after) {
        if (before.isTerminal() != after.isTerminal()) {
            scope.openMembers += after.isTerminal() ? -1 : 1;
            enqueue(scope.scope.acquire());
        }
        if (before.isInFlight() != after.isInFlight()) {
            scope.inFlight += after.isInFlight() ? 1 : -1;
            if (!after.isInFlight()) {
                enqueueNextWaiting(scope);
            }
        }
    }

    private void enqueueNextWaiting(ScopeProgress scope) {
        while (!scope.waiting.isEmpty()) {
            int index = scope.waiting.remove();
            tasks[index].awaitsCapacity = false;
            if (tasks[index].phase == Phase.WAITING) {
                enqueue(index);
                return;
            }
        }
    }

    /** After any change of a task or of its upstreams: an event may follow from it, and it may demand its scope. */
    private void refresh(int index) {
        ScopeProgress scope = scopeOfMember(index);
        if (scope != null) {
            TaskProgress task = tasks[index];
            boolean demands = demandsScope(index, scope.scope);
            if (demands != task.demandsScope) {
                task.demandsScope = demands;
                scope.demand += demands ? 1 : -1;
                enqueue(scope.scope.acquire());
            }
        }
        enqueue(index);
    }

    private boolean demandsScope(int index, Scope scope) {
        TaskProgress task = tasks[index];
        TaskProgress acquire = tasks[scope.acquire()];
        return task.phase == Phase.WAITING
                && !acquire.phase.isTerminal()
                && task.decide(TriggerRule.ALL_SUCCESS) == TriggerRule.Decision.RUN;
    }

    private void enqueue(int index) {
        if (!tasks[index].queued) {
            tasks[index].queued = true;
            readyQueue.add(index);
        }
    }

    void enqueueAll() {
        for (int i = 0; i < tasks.length; i++) {
            enqueue(i);
        }
    }

    /** Takes the next task from which an event may follow; -1 when there is none. */
    int dequeue() {
        Integer index = readyQueue.poll();
        if (index == null) {
            return -1;
        }
        tasks[index].queued = false;
        return index;
    }

    /** The task could run but for its scope's capacity: it is queued again when that allows. */
    void awaitCapacity(int index, ScopeProgress scope) {
        if (!tasks[index].awaitsCapacity) {
            tasks[index].awaitsCapacity = true;
            scope.waiting.add(index);
        }
    }

    private String refusal(Event event) {
        String where = event instanceof Event.OfTask ofTask && graph.indexOf(ofTask.task()) >= 0
                ? ", whose phase is " + tasks[graph.indexOf(ofTask.task())].phase + ", attempt "
                        + tasks[graph.indexOf(ofTask.task())].attempt
                : "";
        return "Run " + run.runId + " cannot take " + event + where + ".";
    }

    RunProgress progress() {
        return run;
    }

    TaskProgress progress(int index) {
        return tasks[index];
    }

    ScopeProgress progress(Scope scope) {
        ScopeProgress found = scopes.get(scope.name());
        if (found == null) {
            throw new IllegalStateException("No scope " + scope.name());
        }
        return found;
    }

    /** The scope that the task runs in; null when it needs none, or when it acquires or releases one. */
    @Nullable
    ScopeProgress scopeOfMember(int index) {
        return memberScopes[index];
    }

    int openTasks() {
        return openTasks;
    }

    @Nullable
    String cancelledBy() {
        return run.cancelledBy;
    }

    public TaskGraph graph() {
        return graph;
    }

    public String runId() {
        return run.runId;
    }

    /** The memorable name. */
    public String name() {
        return run.name;
    }

    public Optional<Instant> startedAt() {
        return Optional.ofNullable(run.startedAt);
    }

    public Optional<Instant> endedAt() {
        return Optional.ofNullable(run.endedAt);
    }

    /** Empty until the run has ended. */
    public Optional<Outcome> outcome() {
        return Optional.ofNullable(run.outcome);
    }

    public boolean cancelRequested() {
        return run.cancelledBy != null;
    }

    /** @throws IndexOutOfBoundsException when there is no such task */
    public TaskState task(int index) {
        return tasks[index].snapshot();
    }

    /** Every task, in the graph's order. */
    public ImmutableList<TaskState> tasks() {
        ImmutableList.Builder<TaskState> all = ImmutableList.builderWithExpectedSize(tasks.length);
        for (TaskProgress task : tasks) {
            all.add(task.snapshot());
        }
        return all.build();
    }
}
