package dev.emrys.emulator;

import com.google.common.base.Throwables;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
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
 * Runs one transaction on the account at a time: change the state under the lock, store it, and then run the actions
 * that the transaction requested (calls of the runner and the scheduler). Actions run without the lock, one at a time
 * and in the order in which they were requested, on the thread of any caller. So a runner may call back from within a
 * call, and a cancellation never comes before the start that it belongs to. Thread-safe.
 */
final class Transactor {

    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    private final EmulatorPorts ports;
    private final ReentrantLock lock = new ReentrantLock();
    private final AccountState account = new AccountState();
    private final StateChanges stateChanges = new StateChanges();
    private final List<Runnable> pendingActions = new ArrayList<>();
    private final Queue<Runnable> actions = new ConcurrentLinkedQueue<>();
    private final AtomicInteger actionWorkers = new AtomicInteger();
    private volatile Instant lastActivity;
    private volatile boolean closed;

    /** Until when the clusters and steps that the current transaction creates are missing from listings. */
    private @Nullable Instant hideUntil;

    Transactor(EmulatorPorts ports) {
        this.ports = ports;
        lastActivity = now();
    }

    /** In milliseconds: the wire format has no finer unit. */
    Instant now() {
        return ports.clock().instant().truncatedTo(ChronoUnit.MILLIS);
    }

    Instant lastActivity() {
        return lastActivity;
    }

    StateChanges stateChanges() {
        return stateChanges;
    }

    @Nullable
    Instant hideUntil() {
        return hideUntil;
    }

    String newId(String prefix) {
        String id = ports.ids().next(prefix);
        while (account.find(id) != null) {
            id = ports.ids().next(prefix);
        }
        return id;
    }

    /** {@code prefix} and 25 characters. */
    String newLongId(String prefix) {
        return ports.ids().next(prefix) + ports.ids().next("").substring(0, 12);
    }

    String newStepId(ClusterEntry entry) {
        String id = ports.ids().next("s-");
        while (entry.anyStep(id) != null) {
            id = ports.ids().next("s-");
        }
        return id;
    }

    /** Reads the state; {@code body} must not change it. */
    <T> T read(Function<AccountState, T> body) {
        lock.lock();
        try {
            return body.apply(account);
        } finally {
            lock.unlock();
        }
    }

    <T> T transact(Function<AccountState, T> body) {
        return transact(null, body);
    }

    /**
     * Runs a transaction.
     *
     * @param hideFor how long what it creates is missing from listings
     * @throws StoreFailedException the change could not be stored and was rolled back
     */
    <T> T transact(@Nullable Duration hideFor, Function<AccountState, T> body) {
        T result;
        boolean stateChanged;
        lock.lock();
        try {
            if (closed) {
                throw new ClosedException();
            }
            lastActivity = now();
            hideUntil = hideFor == null ? null : lastActivity.plus(hideFor);
            long before = stateChanges.next();
            result = executeAndStore(body);
            stateChanged = stateChanges.next() != before;
        } finally {
            lock.unlock();
        }
        if (stateChanged) {
            stateChanges.notifyListeners();
        }
        runActions();
        return result;
    }

    /**
     * A transaction that answers no caller: retried later if it cannot be stored. Does nothing after {@link #close}.
     */
    void transactWithRetry(Consumer<AccountState> body) {
        if (closed) {
            return;
        }
        try {
            transact(account -> {
                body.accept(account);
                return true;
            });
        } catch (StoreFailedException e) {
            ports.scheduler().at(now().plus(RETRY_DELAY), () -> transactWithRetry(body));
        } catch (ClosedException e) {
            return; // The next emulator recovers from what is stored.
        }
    }

    /** Runs {@code action} when the current transaction is stored. */
    void afterCommit(Runnable action) {
        pendingActions.add(action);
    }

    /** As {@link #afterCommit}, and retries the action later if it throws. */
    void afterCommitWithRetry(Runnable action) {
        pendingActions.add(() -> runWithRetry(action));
    }

    /** Runs the transaction {@code body} at {@code when}, if the current transaction is stored. */
    void scheduleAfterCommit(Instant when, Consumer<AccountState> body) {
        pendingActions.add(() -> ports.scheduler().at(when, () -> transactWithRetry(body)));
    }

    /** Purges the store; a failure has no effect but that the next purge has more to remove. */
    void purgeStore() {
        lock.lock();
        try {
            if (!closed) {
                ports.store().purge();
            }
        } catch (RuntimeException e) {
            return;
        } finally {
            lock.unlock();
        }
    }

    void close() {
        closed = true;
    }

    private void runWithRetry(Runnable action) {
        if (closed) {
            return;
        }
        try {
            action.run();
        } catch (RuntimeException e) {
            ports.scheduler().at(now().plus(RETRY_DELAY), () -> runWithRetry(action));
        }
    }

    private <T> T executeAndStore(Function<AccountState, T> body) {
        boolean committed = false;
        try {
            T result = body.apply(account);
            save();
            committed = true;
            stateChanges.add(account.stateChanges());
            actions.addAll(pendingActions);
            return result;
        } finally {
            pendingActions.clear();
            if (committed) {
                delete(account.commit());
            } else {
                account.rollBack();
            }
        }
    }

    private void save() {
        ImmutableList<StoredDocument> changes = account.changes();
        if (!changes.isEmpty()) {
            try {
                ports.store().save(changes);
            } catch (RuntimeException e) {
                throw new StoreFailedException(e);
            }
        }
    }

    private void delete(ImmutableListMultimap<String, String> idsByKind) {
        for (String kind : idsByKind.keySet()) {
            try {
                ports.store().delete(kind, idsByKind.get(kind));
            } catch (RuntimeException e) {
                // No operation returns them; the next load finds and deletes them.
                return;
            }
        }
    }

    private void runActions() {
        if (actionWorkers.getAndIncrement() != 0) {
            return; // Another thread runs actions and will also run the new ones.
        }
        Throwable failure = null;
        int seen = 1;
        do {
            for (Runnable action = actions.poll(); action != null; action = actions.poll()) {
                try {
                    action.run();
                } catch (RuntimeException | Error e) {
                    failure = e; // Thrown after the remaining actions, which must still run.
                }
            }
            seen = actionWorkers.addAndGet(-seen);
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
