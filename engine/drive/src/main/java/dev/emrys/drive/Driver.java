package dev.emrys.drive;

import com.google.common.base.Throwables;
import com.google.common.collect.ImmutableList;
import dev.emrys.graph.TaskGraph;
import dev.emrys.journal.ControlRequest;
import dev.emrys.journal.JournalLostException;
import dev.emrys.journal.RecordedRun;
import dev.emrys.run.Command;
import dev.emrys.run.Event;
import dev.emrys.run.Outcome;
import dev.emrys.run.RunMachine;
import dev.emrys.run.RunState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Drives one run. Events arrive from outside (effects, timers, control requests). Each action applies those that fit,
 * and the events that follow from them, appends all of them to the journal, and carries out their commands once they
 * are durable. So no command is carried out before its event is durable.
 *
 * <p>Thread-safe. All work happens in actions on the executor, one at a time.
 */
public final class Driver {
    /** The most events in one append: enough to make a commit cheap for each, few enough to be held in memory. */
    static final int MAX_APPEND = 2_000;

    /** How long the target may take to accept the end of what it has of a run whose journal is lost. */
    private static final Duration END_TIMEOUT = Duration.ofSeconds(15);

    private final Ports ports;
    private final RunMachine machine;
    private final RunState state;
    private final Listener listener;
    private final CompletableFuture<Outcome> done = new CompletableFuture<>();
    private final ActionQueue actions;
    private final Effects.Reports reports = new Reports();
    private final SnapshotWriter snapshots;
    private long nextSeq;
    private boolean stopped;
    /** Whether the target is ending what is left of the run. */
    private boolean endingLeftovers;
    /** Whether the target is ending all of the run, since the journal is lost. */
    private boolean endingEverything;
    /** By task: its deadline, or the start of its next attempt. */
    private final Map<String, Timers.Scheduled> timers = new LinkedHashMap<>();
    /** Of what was appended last; as the journal acknowledges in order, it completes when everything is durable. */
    private CompletableFuture<@Nullable Void> lastAppend = CompletableFuture.completedFuture(null);

    private Driver(Ports ports, RecordedRun recorded, Listener listener) {
        this.ports = ports;
        this.state = recorded.state();
        this.machine = new RunMachine(state);
        this.nextSeq = recorded.nextSeq();
        this.snapshots = new SnapshotWriter(ports, recorded.snapshotSeq());
        this.listener = listener;
        this.actions = new ActionQueue(ports.executor(), this::take, this::fail);
    }

    /** Starts a run that has a record in the journal, and no events. The caller holds its lease. */
    public static Driver start(Ports ports, String run, String name, TaskGraph graph, Listener listener) {
        Driver driver = new Driver(ports, new RecordedRun(new RunState(graph), 1, 0, Optional.empty()), listener);
        driver.actions.event(new Event.RunStarted(ports.clock().instant(), run, name));
        return driver;
    }

    /**
     * Takes a run over: reads what the journal has of it, and continues from there. The caller holds its lease.
     *
     * @param by who takes it over, for the history
     * @param reopen whether a run that ended without success continues too
     */
    public static Driver resume(
            Ports ports, String run, String name, TaskGraph graph, String by, boolean reopen, Listener listener) {
        RecordedRun recorded = RecordedRun.read(ports.journal(), run, graph);
        recorded.unfit().ifPresent(ports.warnings());
        RunState state = recorded.state();
        Driver driver = new Driver(ports, recorded, listener);
        Instant now = ports.clock().instant();
        Event first;
        if (state.startedAt().isEmpty()) {
            // The process crashed between the record and the first event.
            first = new Event.RunStarted(now, run, name);
        } else if (state.outcome().isEmpty()) {
            first = new Event.RunResumed(now, by);
        } else if (reopen && state.outcome().get() != Outcome.SUCCEEDED) {
            first = new Event.RunReopened(now, by);
        } else {
            driver.done.complete(state.outcome().get());
            return driver;
        }
        driver.actions.action(() -> driver.recover(first));
        return driver;
    }

    private void recover(Event first) {
        ports.effects().takenOver();
        machine.holdEnd();
        Batch batch = new Batch();
        batch.add(machine.take(first));
        batch.addCommands(machine.recover());
        advance(batch);
    }

    /**
     * How the run ended. Completes exceptionally when it could not be driven to its end, for example because the
     * journal could not be written; then the run can be resumed.
     */
    public CompletableFuture<Outcome> done() {
        return done.copy();
    }

    /** Asks for the run's cancellation. Its scopes are released; {@link #done} completes after that. */
    public void cancel(String by) {
        actions.event(new Event.CancelRequested(ports.clock().instant(), by));
    }

    /**
     * The journal is gone: ends what the target has of the run, for at most 15 s; then {@link #done} completes
     * exceptionally with the cause.
     *
     * @param cause a {@link JournalLostException}
     */
    public void journalLost(Throwable cause) {
        actions.action(() -> fail(cause));
    }

    /**
     * Another process drives the run: stops at once; {@link #done} completes exceptionally with the cause.
     *
     * @param cause a {@link dev.emrys.journal.LeaseLostException}
     */
    public void leaseLost(Throwable cause) {
        actions.action(() -> fail(cause));
    }

    /** Takes a control request from the journal, and acknowledges it when its event is durable. */
    public void handle(ControlRequest request) {
        actions.action(() -> {
            take(List.of(eventOf(request)));
            var unused = lastAppend.thenRun(() -> ports.journal().inbox().acknowledge(request));
        });
    }

    private Event eventOf(ControlRequest request) {
        return request.kind().accept(new ControlRequest.Cases<Event>() {
            @Override
            public Event cancel(ControlRequest.Cancel cancel) {
                return new Event.CancelRequested(ports.clock().instant(), request.by());
            }
        });
    }

    /**
     * Stops driving: no more events are journaled, nothing more is done, and {@link #done} completes exceptionally if
     * the run has not ended. A last snapshot is stored if it makes the next takeover faster.
     *
     * @return completes when nothing is in flight any more, neither to the journal nor to the target: then the run can
     *     be taken over
     */
    public CompletableFuture<@Nullable Void> abandon() {
        CompletableFuture<@Nullable Void> over = new CompletableFuture<>();
        actions.lastAction(() -> {
            if (!stopped) {
                stop();
                snapshots.stopped(state, nextSeq - 1);
            }
            var unused = whenIdle().whenComplete((nothing, failure) -> {
                done.completeExceptionally(new AbandonedException());
                over.complete(null);
            });
        });
        return over;
    }

    /** This process no longer drives the run; it can be resumed. */
    public static final class AbandonedException extends RuntimeException {
        AbandonedException() {
            super("This process no longer drives the run. Continue it with: emrys resume");
        }
    }

    private final class Reports implements Effects.Reports {
        @Override
        public void report(Event event) {
            actions.event(event);
        }

        @Override
        public void fail(Throwable bug) {
            actions.action(() -> Driver.this.fail(bug));
        }
    }

    private void stop() {
        stopActions();
        ports.effects().close();
    }

    private void stopActions() {
        stopped = true;
        actions.stop();
        timers.values().forEach(Timers.Scheduled::cancel);
        timers.clear();
    }

    /** Completes when no append, snapshot or request is in flight, so that none can interfere with the next driver. */
    private CompletableFuture<@Nullable Void> whenIdle() {
        return CompletableFuture.allOf(
                lastAppend.handle((nothing, failure) -> null),
                snapshots.whenIdle(),
                ports.effects().whenIdle());
    }

    /** Events that are appended together, and the commands that are carried out when they are durable. */
    private static final class Batch {
        private final List<Event> events = new ArrayList<>();
        private final List<Command> commands = new ArrayList<>();

        void add(RunMachine.Step step) {
            events.addAll(step.events());
            commands.addAll(step.commands());
        }

        void addCommands(ImmutableList<Command> more) {
            commands.addAll(more);
        }

        int remaining() {
            return MAX_APPEND - events.size();
        }
    }

    /** Applies the events that fit and all that follows, and appends it. */
    private void take(List<Event> events) {
        Batch batch = new Batch();
        for (Event event : events) {
            if (state.accepts(event)) {
                batch.add(machine.take(event));
            }
            batch = advance(batch, batch.remaining() <= 0);
        }
        append(batch);
        endLeftovers();
    }

    private void advance(Batch batch) {
        append(advance(batch, false));
        endLeftovers();
    }

    /** Before a run ends that was taken over; not before it is durable that every task has ended. */
    private void endLeftovers() {
        if (endingLeftovers || !machine.isEndHeld()) {
            return;
        }
        endingLeftovers = true;
        var unused = lastAppend
                .thenCompose(nothing -> ports.effects().endLeftovers())
                .whenComplete((nothing, failure) -> actions.action(() -> {
                    if (failure == null) {
                        machine.releaseEnd();
                        advance(new Batch());
                    } else {
                        fail(failure);
                    }
                }));
    }

    /** @return the batch that is not appended yet */
    private Batch advance(Batch first, boolean full) {
        Batch batch = first;
        if (full) {
            append(batch);
            batch = new Batch();
        }
        Instant now = ports.clock().instant();
        while (true) {
            int remaining = batch.remaining();
            RunMachine.Step step = machine.advance(now, remaining);
            batch.add(step);
            if (step.events().size() < remaining) {
                return batch;
            }
            append(batch);
            batch = new Batch();
        }
    }

    private void append(Batch batch) {
        if (batch.events.isEmpty()) {
            return;
        }
        ImmutableList<Event> events = ImmutableList.copyOf(batch.events);
        long seq = nextSeq;
        nextSeq += events.size();
        CompletableFuture<@Nullable Void> durable = ports.journal().events().append(ports.lease(), seq, events);
        var unused = durable.whenComplete((nothing, failure) -> actions.action(() -> {
            if (failure == null) {
                act(events, batch.commands);
            } else {
                fail(failure);
            }
        }));
        lastAppend = durable;
        snapshots.appended(state, nextSeq - 1);
    }

    private void act(ImmutableList<Event> events, List<Command> commands) {
        listener.happened(events, state);
        if (!timers.isEmpty()) {
            events.forEach(this::cancelTimer);
        }
        ImmutableList.Builder<Command.ForTarget> forTarget = ImmutableList.builder();
        for (Command command : commands) {
            if (command instanceof Command.SetTimer timer) {
                set(timer);
            } else {
                forTarget.add((Command.ForTarget) command);
            }
        }
        ImmutableList<Command.ForTarget> toSend = forTarget.build();
        if (!toSend.isEmpty()) {
            ports.effects().perform(toSend, reports);
        }
        if (events.get(events.size() - 1) instanceof Event.RunEnded ended) {
            stop();
            snapshots.stopped(state, nextSeq - 1);
            done.complete(ended.outcome());
        }
    }

    /** Any event of a task makes the timer that was set before it outdated. */
    private void cancelTimer(Event event) {
        Timers.Scheduled outdated = event instanceof Event.OfTask ofTask ? timers.remove(ofTask.task()) : null;
        if (outdated != null) {
            outdated.cancel();
        }
    }

    private void set(Command.SetTimer timer) {
        if (!state.accepts(timer.fired(ports.clock().instant()))) {
            // A later event of the same batch has cancelled it.
            return;
        }
        Timers.Scheduled previous = timers.put(
                timer.task(),
                ports.timers()
                        .at(
                                timer.due(),
                                () -> actions.event(timer.fired(ports.clock().instant()))));
        if (previous != null) {
            previous.cancel();
        }
    }

    /** Fails loudly; an orphaned run must not go unnoticed. */
    private void fail(Throwable cause) {
        if (endingEverything) {
            return;
        }
        if (!stopped) {
            if (Throwables.getCausalChain(cause).stream().anyMatch(JournalLostException.class::isInstance)) {
                endEverything(cause);
                return;
            }
            stop();
        }
        failWhenIdle(cause);
    }

    private void failWhenIdle(Throwable cause) {
        var unused = whenIdle().whenComplete((nothing, failure) -> done.completeExceptionally(cause));
    }

    /** No process can take the run over any more: what it has started must not go on. */
    private void endEverything(Throwable cause) {
        endingEverything = true;
        stopActions();
        // Composed: an exception of the effects must not end this action, since nothing would report it.
        CompletableFuture<@Nullable Void> ended = CompletableFuture.<@Nullable Void>completedFuture(null)
                .thenCompose(nothing -> ports.effects().endEverything());
        Timers.Scheduled timeout = ports.timers()
                .at(
                        ports.clock().instant().plus(END_TIMEOUT),
                        () -> ended.completeExceptionally(new TimeoutException()));
        var unused = ended.whenComplete((nothing, late) -> actions.lastAction(() -> {
            timeout.cancel();
            if (late != null) {
                ports.warnings()
                        .accept("Clusters of run " + ports.lease().run()
                                + " may still be up: the target has not accepted their end.");
            }
            ports.effects().close();
            failWhenIdle(cause);
        }));
    }
}
