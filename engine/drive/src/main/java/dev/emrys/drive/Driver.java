package dev.emrys.drive;

import com.google.common.collect.ImmutableList;
import dev.emrys.graph.TaskGraph;
import dev.emrys.journal.ControlRequest;
import dev.emrys.run.Command;
import dev.emrys.run.Event;
import dev.emrys.run.Outcome;
import dev.emrys.run.RunState;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Drives one run. Facts arrive from outside (effects, timers, control requests); each turn folds those that fit into the state, follows with
 * the facts that result, appends all of them to the journal as one, and once they are durable carries the commands out. So nothing
 * is ever done that the journal does not know.
 *
 * <p>Thread-safe. All work happens in turns on the executor, one at a time.
 */
public final class Driver {
    private final Ports ports;
    private final RunState state;
    private final Listener listener;
    private final CompletableFuture<Outcome> done = new CompletableFuture<>();
    private final ArrayDeque<Runnable> turns = new ArrayDeque<>();
    private boolean turning;
    private long nextSeq;
    private boolean stopped;
    /** By task: its deadline, or its next attempt. */
    private final Map<String, Alarm> alarms = new LinkedHashMap<>();
    /** What was appended last; as the journal acknowledges in order, it completes when all is durable. */
    private CompletableFuture<@Nullable Void> newest = CompletableFuture.completedFuture(null);

    private Driver(Ports ports, RunState state, long nextSeq, Listener listener) {
        this.ports = ports;
        this.state = state;
        this.nextSeq = nextSeq;
        this.listener = listener;
    }

    /** Begins a run that the journal has a record of and no events. The caller owns it. */
    public static Driver start(Ports ports, String run, String name, TaskGraph graph, Listener listener) {
        Driver driver = new Driver(ports, new RunState(graph), 1, listener);
        driver.turn(() ->
                driver.take(List.of(new Event.RunStarted(ports.clock().instant(), run, name)), ImmutableList.of()));
        return driver;
    }

    /**
     * Takes a run over: folds what the journal has of it, and goes on from there. The caller owns the run.
     *
     * @param by who takes it over, for the history
     * @param reopen whether a run that ended without success is to go on too
     */
    public static Driver resume(
            Ports ports, String run, String name, TaskGraph graph, String by, boolean reopen, Listener listener) {
        ImmutableList<Event> past = ports.journal().events().readAll(run);
        RunState state = new RunState(graph);
        past.forEach(state::apply);
        Driver driver = new Driver(ports, state, past.size() + 1L, listener);
        Instant now = ports.clock().instant();
        List<Event> first = new ArrayList<>();
        if (past.isEmpty()) {
            // It died between making the record and the first event.
            first.add(new Event.RunStarted(now, run, name));
        } else if (state.outcome().isEmpty()) {
            first.add(new Event.RunResumed(now, by));
        } else if (reopen && state.outcome().get() != Outcome.SUCCEEDED) {
            first.add(new Event.RunReopened(now, by));
        } else {
            driver.done.complete(state.outcome().get());
            return driver;
        }
        driver.turn(() -> driver.take(first, state.recover()));
        return driver;
    }

    /**
     * How the run ended. Completes exceptionally when it could not be driven on, because the journal could not be written say: then
     * the run can be resumed.
     */
    public CompletableFuture<Outcome> done() {
        return done.copy();
    }

    /** Asks for the run's cancellation. Its clusters are ended; {@link #done} completes when they are gone. */
    public void cancel(String by) {
        offer(new Event.CancelRequested(ports.clock().instant(), by));
    }

    /** Takes a control request from the journal, and acknowledges it when its event is durable. */
    public void control(ControlRequest request) {
        turn(() -> {
            List<Event> facts = request.kind() instanceof ControlRequest.Cancel
                    ? List.of(new Event.CancelRequested(ports.clock().instant(), request.by()))
                    : List.of();
            var unused = takeDurably(facts, ImmutableList.of())
                    .thenRun(() -> ports.journal().inbox().acknowledge(request));
        });
    }

    /**
     * Stops driving, as if the process had died: nothing more is journaled or done, and {@link #done} completes exceptionally if the
     * run has not ended.
     *
     * @return completes when nothing is under way any more, neither to the journal nor to EMR: then somebody else may go on
     */
    public CompletableFuture<@Nullable Void> abandon() {
        CompletableFuture<@Nullable Void> over = new CompletableFuture<>();
        turn(new Abandonment(over));
        return over;
    }

    /** The one turn that is taken also after the end: somebody waits for it. */
    private final class Abandonment implements Runnable {
        private final CompletableFuture<@Nullable Void> over;

        Abandonment(CompletableFuture<@Nullable Void> over) {
            this.over = over;
        }

        @Override
        public void run() {
            stop();
            var unused = quiet().whenComplete((nothing, failure) -> {
                done.completeExceptionally(new AbandonedException());
                over.complete(null);
            });
        }
    }

    /** The run is not driven here any more; it can be resumed. */
    public static final class AbandonedException extends RuntimeException {
        AbandonedException() {
            super("The run is not driven here any more. Go on with: emrys resume");
        }
    }

    private void stop() {
        stopped = true;
        alarms.values().forEach(Alarm::off);
        alarms.clear();
        ports.effects().close();
    }

    /** What was appended and what was sent may still be on its way: whoever takes over must not meet it. */
    private CompletableFuture<@Nullable Void> quiet() {
        return CompletableFuture.allOf(
                newest.handle((nothing, failure) -> null), ports.effects().quiet());
    }

    private void offer(Event fact) {
        turn(() -> take(List.of(fact), ImmutableList.of()));
    }

    /** One turn after the other, in the order of their arrival, on whatever thread the executor gives. */
    private void turn(Runnable action) {
        synchronized (turns) {
            turns.add(action);
            if (turning) {
                return;
            }
            turning = true;
        }
        ports.executor().execute(this::runTurns);
    }

    private void runTurns() {
        while (true) {
            Runnable action;
            synchronized (turns) {
                action = turns.poll();
                if (action == null) {
                    turning = false;
                    return;
                }
            }
            if (!stopped || action instanceof Abandonment) {
                try {
                    action.run();
                } catch (Throwable e) {
                    // An error too: a run that nobody drives and that nobody hears of is the worst of all.
                    fail(e);
                }
            }
        }
    }

    private void take(List<Event> facts, ImmutableList<Command> before) {
        var unused = takeDurably(facts, before);
    }

    /**
     * Folds facts and what follows from them; journals; acts when that is durable.
     *
     * @return completes when it is durable, and all that was taken before it
     */
    private CompletableFuture<@Nullable Void> takeDurably(List<Event> facts, ImmutableList<Command> before) {
        ImmutableList.Builder<Event> batch = ImmutableList.builder();
        ImmutableList.Builder<Command> commands =
                ImmutableList.<Command>builder().addAll(before);
        Instant now = ports.clock().instant();
        for (Event fact : facts) {
            if (state.accepts(fact)) {
                batch.add(fact);
                commands.addAll(state.apply(fact));
            }
            Optional<Event> next = state.next(now);
            while (next.isPresent()) {
                batch.add(next.get());
                commands.addAll(state.apply(next.get()));
                next = state.next(now);
            }
        }
        ImmutableList<Event> events = batch.build();
        if (events.isEmpty()) {
            return newest;
        }
        long seq = nextSeq;
        nextSeq += events.size();
        ImmutableList<Command> toDo = commands.build();
        CompletableFuture<@Nullable Void> durable = ports.journal().events().append(ports.lease(), seq, events);
        var unused = durable.whenComplete((nothing, failure) -> turn(() -> {
            if (failure == null) {
                act(events, toDo);
            } else {
                fail(failure);
            }
        }));
        newest = durable;
        return durable;
    }

    private void act(ImmutableList<Event> events, ImmutableList<Command> commands) {
        listener.happened(events, state);
        ImmutableList.Builder<Command> effects = ImmutableList.builder();
        for (Event event : events) {
            if (event instanceof Event.OfTask fact) {
                Alarm moot = alarms.remove(fact.task());
                if (moot != null) {
                    moot.off();
                }
            }
        }
        for (Command command : commands) {
            if (command instanceof Command.SetTimer timer) {
                Alarm alarm = new Alarm(() -> offer(fired(timer)));
                alarms.put(timer.task(), alarm);
                ports.timers().at(timer.due(), alarm);
            } else {
                effects.add(command);
            }
        }
        ImmutableList<Command> toSend = effects.build();
        if (!toSend.isEmpty()) {
            ports.effects().perform(toSend, this::offer);
        }
        for (Event event : events) {
            if (event instanceof Event.RunEnded ended) {
                stop();
                done.complete(ended.outcome());
            }
        }
    }

    private Event fired(Command.SetTimer timer) {
        Instant now = ports.clock().instant();
        return switch (timer.timer()) {
            case DEADLINE -> new Event.AttemptTimedOut(now, timer.task(), timer.attempt());
            case RETRY -> new Event.RetryDue(now, timer.task(), timer.attempt());
        };
    }

    private void fail(Throwable cause) {
        stop();
        var unused = quiet().whenComplete((nothing, failure) -> done.completeExceptionally(cause));
    }

    /** What a timer holds: once it is moot, no longer the run. A deadline may lie days ahead. */
    private static final class Alarm implements Runnable {
        private volatile @Nullable Runnable action;

        Alarm(Runnable action) {
            this.action = action;
        }

        void off() {
            action = null;
        }

        @Override
        public void run() {
            Runnable now = action;
            if (now != null) {
                now.run();
            }
        }
    }
}
