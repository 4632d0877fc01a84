package dev.emrys.drive;

import dev.emrys.run.Event;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs the actions of one driver one after the other, in the order of their arrival. Events that wait next to each
 * other are taken together: one append serves them all. Thread-safe.
 */
final class ActionQueue {
    /** After this number of actions the executor's thread is yielded to other drivers. */
    private static final int ACTIONS_IN_A_ROW = 16;

    /** The most events that are taken together. */
    private static final int MAX_EVENTS = 1_000;

    private final Executor executor;
    private final Consumer<List<Event>> take;
    private final Consumer<Throwable> failed;

    /** Either an event or an action. */
    private final ArrayDeque<Object> queue = new ArrayDeque<>();

    private boolean running;
    private volatile boolean stopped;

    /** An action that is run also after {@link #stop}. */
    private record LastAction(Runnable action) {}

    ActionQueue(Executor executor, Consumer<List<Event>> take, Consumer<Throwable> failed) {
        this.executor = executor;
        this.take = take;
        this.failed = failed;
    }

    void event(Event event) {
        add(event);
    }

    void action(Runnable action) {
        add(action);
    }

    /** Run even when this is stopped: its caller waits for it. */
    void lastAction(Runnable action) {
        add(new LastAction(action));
    }

    /** Drops everything but last actions, now and later. */
    void stop() {
        stopped = true;
    }

    private void add(Object entry) {
        synchronized (queue) {
            queue.add(entry);
            if (running) {
                return;
            }
            running = true;
        }
        executor.execute(this::run);
    }

    private void run() {
        for (int done = 0; done < ACTIONS_IN_A_ROW; done++) {
            Object entry;
            List<Event> events = new ArrayList<>();
            synchronized (queue) {
                while (queue.peek() instanceof Event event && events.size() < MAX_EVENTS) {
                    events.add(event);
                    queue.remove();
                }
                entry = events.isEmpty() ? queue.poll() : null;
                if (entry == null && events.isEmpty()) {
                    running = false;
                    return;
                }
            }
            runOne(entry, events);
        }
        executor.execute(this::run);
    }

    private void runOne(@Nullable Object entry, List<Event> events) {
        try {
            if (entry instanceof LastAction last) {
                last.action().run();
            } else if (stopped) {
                return;
            } else if (entry instanceof Runnable action) {
                action.run();
            } else {
                take.accept(events);
            }
        } catch (Throwable e) {
            // Errors too: a run must not stop without a report to its caller.
            failed.accept(e);
        }
    }
}
