package dev.emrys.run;

import com.google.common.collect.ImmutableList;
import dev.emrys.graph.TaskGraph;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What happens next in one run. {@link #take} applies an event from outside, {@link #advance} applies every event that
 * follows from the state. Both return the commands that the events ask for. The same events give the same state and
 * commands on every machine.
 *
 * <p>The driver journals events before it carries out their commands. To take a run over: apply its journaled events to
 * a {@link RunState}, and carry out the commands of {@link #recover}. Not thread-safe.
 */
public final class RunMachine {
    private final RunState state;
    private final TaskBehavior[] behaviors;
    private boolean endHeld;

    /**
     * Events that were applied, and what must be done when they are durable.
     *
     * @param events in the order in which they were applied
     * @param commands in the order of the events
     */
    public record Step(ImmutableList<Event> events, ImmutableList<Command> commands) {}

    public RunMachine(RunState state) {
        this.state = state;
        TaskGraph graph = state.graph();
        this.behaviors = new TaskBehavior[graph.size()];
        for (int i = 0; i < behaviors.length; i++) {
            behaviors[i] = Behaviors.of(graph.task(i).kind());
        }
    }

    /** The state; it changes with every call of this machine. */
    public RunState state() {
        return state;
    }

    /**
     * Applies an event from outside.
     *
     * @throws IllegalStateException when it does not fit ({@link RunState#accepts})
     */
    public Step take(Event event) {
        ImmutableList.Builder<Event> events = ImmutableList.builder();
        EventCommands commands = new EventCommands(state, behaviors);
        apply(event, events, commands);
        return new Step(events.build(), commands.collected());
    }

    /**
     * Applies events that follow from the state, until none does or there are {@code limit}: then the rest follows with
     * the next call.
     *
     * @param now the time of the events
     */
    public Step advance(Instant now, int limit) {
        ImmutableList.Builder<Event> events = ImmutableList.builder();
        EventCommands commands = new EventCommands(state, behaviors);
        if (state.startedAt().isPresent()) {
            int count = 0;
            while (count < limit && state.outcome().isEmpty()) {
                Event next = next(now);
                if (next == null) {
                    break;
                }
                apply(next, events, commands);
                count++;
            }
        }
        return new Step(events.build(), commands.collected());
    }

    /** From here on the run does not end before {@link #releaseEnd}, even if every task has ended. */
    public void holdEnd() {
        endHeld = true;
    }

    public void releaseEnd() {
        endHeld = false;
    }

    /** Whether the run ends with {@link #releaseEnd}, if no event is taken before. */
    public boolean isEndHeld() {
        return endHeld && state.startedAt().isPresent() && state.outcome().isEmpty() && state.openTasks() == 0;
    }

    private void apply(Event event, ImmutableList.Builder<Event> events, EventCommands commands) {
        state.apply(event);
        events.add(event);
        commands.add(event);
    }

    /**
     * Takes tasks from the queue until an event follows from one; the end of the run follows when every task has ended.
     */
    private @Nullable Event next(Instant now) {
        for (int index = state.dequeue(); index >= 0; index = state.dequeue()) {
            Event next = state.progress(index).phase == Phase.ATTEMPT_FAILED
                    ? RetryRules.afterFailure(state, index, now)
                    : behaviors[index].next(state, index, now);
            if (next != null) {
                return next;
            }
            ScopeProgress scope = state.scopeOfMember(index);
            if (scope != null && behaviors[index].awaitsCapacity(state, index)) {
                state.awaitCapacity(index, scope);
            }
        }
        return state.openTasks() == 0 && !endHeld ? new Event.RunEnded(now, outcome()) : null;
    }

    private Outcome outcome() {
        boolean failure = false;
        boolean leftBehind = false;
        for (int i = 0; i < behaviors.length; i++) {
            switch (behaviors[i].contribution(state.progress(i).phase)) {
                case NONE -> {}
                case FAILURE -> failure = true;
                case LEFT_BEHIND -> leftBehind = true;
            }
        }
        if (!failure && !leftBehind) {
            return Outcome.SUCCEEDED;
        }
        return state.cancelRequested() && !leftBehind ? Outcome.CANCELLED : Outcome.FAILED;
    }

    /**
     * What a process that takes the run over must do: submit again what may have been sent, watch what is in flight,
     * set the timers.
     */
    public ImmutableList<Command> recover() {
        ImmutableList.Builder<Command> commands = ImmutableList.builder();
        if (state.outcome().isEmpty()) {
            for (int i = 0; i < behaviors.length; i++) {
                commands.addAll(behaviors[i].recover(state, i));
            }
            state.enqueueAll();
        }
        return commands.build();
    }
}
