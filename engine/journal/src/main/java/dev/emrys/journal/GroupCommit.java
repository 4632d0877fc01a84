package dev.emrys.journal;

import dev.emrys.sqlite.SqliteConnection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The one writer of this process. What arrives during a commit shares the next one, so that many writes pay the cost of
 * one durable commit. Thread-safe.
 */
final class GroupCommit implements AutoCloseable {
    /** Enough to make one fsync cheap for each, few enough to hold the lock of the file for milliseconds only. */
    private static final int MAX_GROUP = 512;
    /** Rows of a group, for the same reason. */
    private static final int MAX_ROWS = 4_096;

    /**
     * How long the thread looks for the next write before it sleeps: what a driver needs to answer a commit with its
     * next append. To sleep and to be woken takes longer than such an append. With one processor the driver could not
     * run meanwhile.
     */
    private static final long SPIN_NANOS = Runtime.getRuntime().availableProcessors() > 1 ? 100_000 : 0;

    /**
     * Something to write within a transaction. To refuse, it throws a {@link JournalException} before it has changed
     * anything; it then fails alone. After any other failure the whole group is rolled back, and each write is tried
     * alone.
     */
    interface Write<T> {
        T on(SqliteConnection connection) throws SQLException;
    }

    /**
     * How many pages of the write-ahead log are not in the database's file before they are copied there, as by SQLite's
     * default, but while there is nothing to write: a commit does not wait for it. See {@link SqliteFile} for when
     * there always is.
     */
    private static final int CHECKPOINT_PAGES = 1_000;

    private static final class Entry<T> {
        final Write<T> write;
        final int rows;
        final CompletableFuture<T> done = new CompletableFuture<>();
        /** How to complete {@link #done} once the group is committed. */
        private Runnable outcome = () -> {};

        Entry(int rows, Write<T> write) {
            this.rows = rows;
            this.write = write;
        }

        void write(SqliteConnection connection) throws SQLException {
            try {
                T result = write.on(connection);
                outcome = () -> done.complete(result);
            } catch (JournalException refused) {
                outcome = () -> done.completeExceptionally(refused);
            }
        }

        void complete() {
            outcome.run();
        }
    }

    private static final Entry<Boolean> STOP = new Entry<>(0, connection -> true);

    private final SqliteFile file;
    private final SqliteConnection connection;
    private final LinkedBlockingQueue<Entry<?>> queue = new LinkedBlockingQueue<>();
    private final Thread thread;
    /** Held to close and to queue: nothing is queued after {@link #STOP}. */
    private final Object gate = new Object();

    /** Since the write-ahead log was looked at; used by the thread alone. */
    private boolean hasWritten;

    private volatile boolean closed;
    /** Set before {@link #closed}. */
    private volatile long closedAtNanos;

    GroupCommit(SqliteFile file, SqliteConnection connection) {
        this.file = file;
        this.connection = connection;
        this.thread = new Thread(this::loop, "emrys-journal");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Queues a write.
     *
     * @param rows how many rows it writes, about
     */
    <T> CompletableFuture<T> submit(int rows, Write<T> write) {
        Entry<T> entry = new Entry<>(rows, write);
        synchronized (gate) {
            if (closed) {
                entry.done.completeExceptionally(new JournalException("The journal is closed.", null));
            } else {
                queue.add(entry);
            }
        }
        return entry.done;
    }

    /** Writes, and waits until it is durable. */
    <T> T run(Write<T> write) {
        try {
            return submit(1, write).join();
        } catch (CompletionException e) {
            throw JournalException.of(e);
        }
    }

    private void loop() {
        List<Entry<?>> group = new ArrayList<>();
        while (true) {
            group.clear();
            boolean stop = gather(group);
            commit(group);
            if (stop) {
                return;
            }
        }
    }

    /** @return whether this is the last group */
    private boolean gather(List<Entry<?>> group) {
        int rows = 0;
        Entry<?> next = take();
        while (next != null) {
            if (next == STOP) {
                return true;
            }
            group.add(next);
            rows += next.rows;
            next = group.size() < MAX_GROUP && rows < MAX_ROWS ? queue.poll() : null;
        }
        return false;
    }

    private Entry<?> take() {
        Entry<?> soon = pollFor(SPIN_NANOS);
        if (soon != null) {
            return soon;
        }
        checkpoint();
        while (true) {
            try {
                return queue.take();
            } catch (InterruptedException e) {
                // The thread is private to this class, which ends it by STOP alone.
            }
        }
    }

    /**
     * See sqlite.org/pragma.html#pragma_wal_checkpoint: NOOP only tells, PASSIVE waits for no lock of another
     * connection.
     */
    private void checkpoint() {
        if (!hasWritten) {
            return;
        }
        hasWritten = false;
        try {
            if (pagesToCopy("NOOP") >= CHECKPOINT_PAGES) {
                var unused = pagesToCopy("PASSIVE");
            }
        } catch (SQLException e) {
            // Nothing is lost: the pages are copied later. What is wrong with the file the next write reports.
            connection.rollback();
        }
    }

    /** Pages that are not copied, after a checkpoint. */
    private int pagesToCopy(String checkpoint) throws SQLException {
        try (ResultSet row = connection
                .statement("PRAGMA wal_checkpoint(" + checkpoint + ")")
                .executeQuery()) {
            row.next();
            return row.getInt(2) - row.getInt(3);
        }
    }

    private @Nullable Entry<?> pollFor(long nanos) {
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < nanos) {
            Entry<?> next = queue.poll();
            if (next != null) {
                return next;
            }
            Thread.onSpinWait();
        }
        return null;
    }

    private void commit(List<Entry<?>> group) {
        if (group.isEmpty()) {
            return;
        }
        try {
            begin();
        } catch (Throwable e) {
            // No write is the cause, and one after the other they would wait as long again.
            connection.rollback();
            fail(group, e);
            return;
        }
        try {
            for (Entry<?> entry : group) {
                entry.write(connection);
            }
            connection.commit();
            hasWritten = true;
        } catch (Throwable e) {
            // Errors too: when the writer ends without a report, every caller waits for ever.
            connection.rollback();
            if (group.size() > 1) {
                group.forEach(entry -> commit(List.of(entry)));
            } else {
                fail(group, e);
            }
            return;
        }
        group.forEach(Entry::complete);
    }

    private void begin() throws SQLException {
        BusyWait.Attempt<Boolean> begin = () -> {
            connection.begin();
            return true;
        };
        var unused = file.busyWait().call(begin, this::isClosingTooLong);
    }

    private boolean isClosingTooLong() {
        return closed
                && System.nanoTime() - closedAtNanos > file.patience().closing().toNanos();
    }

    private void fail(List<Entry<?>> group, Throwable cause) {
        JournalException failure = cause instanceof SQLException sql
                ? file.unusable(sql)
                : new JournalException("The journal cannot be written: " + cause.getMessage(), cause);
        group.forEach(entry -> entry.done.completeExceptionally(failure));
    }

    /** Writes what is queued, then closes the connection. See {@link Patience#closing}. */
    @Override
    public void close() {
        synchronized (gate) {
            if (!closed) {
                closedAtNanos = System.nanoTime();
                closed = true;
                queue.add(STOP);
            }
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        try {
            connection.close();
        } catch (SQLException e) {
            throw file.unusable(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
