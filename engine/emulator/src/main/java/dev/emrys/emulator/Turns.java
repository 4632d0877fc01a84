package dev.emrys.emulator;

import com.google.common.base.Throwables;
import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One change of the account at a time: decide under the lock, store, and only then act. The acts (runner, timers) happen without
 * the lock, one at a time, in the order in which they were decided, on whichever thread comes by. So a runner may call back from
 * within a call, and a cancellation never overtakes the start that it is for.
 */
final class Turns {

    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final EmulatorPorts ports;
    private final ReentrantLock lock = new ReentrantLock();
    private final Ledger ledger = new Ledger();
    private final List<Runnable> decided = new ArrayList<>();
    private final Queue<Runnable> acts = new ConcurrentLinkedQueue<>();
    private final AtomicInteger actors = new AtomicInteger();
    private volatile Instant lastActivity;
    private volatile boolean closed;

    /** Until when what this turn makes is missing from listings. */
    private @Nullable Instant hideUntil;

    Turns(EmulatorPorts ports) {
        this.ports = ports;
        lastActivity = now();
    }

    /** Milliseconds are all that the wire can say, so that they are all that anybody sees. */
    Instant now() {
        return ports.clock().instant().truncatedTo(ChronoUnit.MILLIS);
    }

    Instant lastActivity() {
        return lastActivity;
    }

    @Nullable
    Instant hideUntil() {
        return hideUntil;
    }

    String newId(String prefix) {
        String id = ports.ids().next(prefix);
        while (ledger.find(id) != null) {
            id = ports.ids().next(prefix);
        }
        return id;
    }

    String newStepId(Shelf shelf) {
        String id = ports.ids().next("s-");
        while (shelf.anyStep(id) != null) {
            id = ports.ids().next("s-");
        }
        return id;
    }

    /** Looks without changing anything. */
    <T> T look(Function<Ledger, T> body) {
        lock.lock();
        try {
            return body.apply(ledger);
        } finally {
            lock.unlock();
        }
    }

    <T> T take(Function<Ledger, T> body) {
        return take(null, body);
    }

    /**
     * Takes a turn.
     *
     * @throws StoreFailedException the change could not be stored; it has not happened
     */
    <T> T take(@Nullable Duration hide, Function<Ledger, T> body) {
        T result;
        lock.lock();
        try {
            if (closed) {
                throw new ClosedException();
            }
            lastActivity = now();
            hideUntil = hide == null ? null : lastActivity.plus(hide);
            result = stored(body);
        } finally {
            lock.unlock();
        }
        act();
        return result;
    }

    /** A turn that is not somebody's call: if it cannot be stored it is taken again later. After the close it does nothing. */
    void eventually(Consumer<Ledger> body) {
        if (closed) {
            return;
        }
        try {
            take(ledger -> {
                body.accept(ledger);
                return true;
            });
        } catch (StoreFailedException e) {
            ports.timers().at(now().plus(AGAIN), () -> eventually(body));
        } catch (ClosedException e) {
            return; // What is stored is found again by the next emulator.
        }
    }

    /** To be done once the turn under way is stored. */
    void then(Runnable act) {
        decided.add(act);
    }

    /** As {@link #then}, and tried again later if it throws. */
    void thenSurely(Runnable act) {
        decided.add(() -> surely(act));
    }

    /** To be done at {@code when}, if the turn under way is stored. */
    void thenAt(Instant when, Consumer<Ledger> body) {
        decided.add(() -> ports.timers().at(when, () -> eventually(body)));
    }

    void close() {
        closed = true;
    }

    private void surely(Runnable act) {
        if (closed) {
            return;
        }
        try {
            act.run();
        } catch (RuntimeException e) {
            ports.timers().at(now().plus(AGAIN), () -> surely(act));
        }
    }

    private <T> T stored(Function<Ledger, T> body) {
        boolean done = false;
        try {
            T result = body.apply(ledger);
            save();
            done = true;
            acts.addAll(decided);
            return result;
        } finally {
            decided.clear();
            if (done) {
                delete(ledger.commit());
            } else {
                ledger.rollBack();
            }
        }
    }

    private void save() {
        ImmutableList<StoredDocument> changes = ledger.changes();
        if (!changes.isEmpty()) {
            try {
                ports.store().save(changes);
            } catch (RuntimeException e) {
                throw new StoreFailedException(e);
            }
        }
    }

    private void delete(ImmutableList<String> steps) {
        if (!steps.isEmpty()) {
            try {
                ports.store().delete(Documents.STEP, steps);
            } catch (RuntimeException e) {
                // They are invisible already, and are found and deleted again when they are next loaded.
                return;
            }
        }
    }

    private void act() {
        if (actors.getAndIncrement() != 0) {
            return; // Somebody is at it, and will see what was added.
        }
        Throwable failure = null;
        int seen = 1;
        do {
            for (Runnable act = acts.poll(); act != null; act = acts.poll()) {
                try {
                    act.run();
                } catch (RuntimeException | Error e) {
                    failure = e; // The acts behind it must not wait for ever; it is thrown when they are done.
                }
            }
            seen = actors.addAndGet(-seen);
        } while (seen != 0);
        if (failure != null && !closed) {
            Throwables.throwIfUnchecked(failure);
        }
    }

    private static final class ClosedException extends IllegalStateException {
        ClosedException() {
            super("This emulator is closed.");
        }
    }
}
