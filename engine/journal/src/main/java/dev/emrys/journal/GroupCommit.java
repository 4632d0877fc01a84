package dev.emrys.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The one writer of this process. What arrives while a commit is on its way to the disk shares the next one, so that the cost of
 * making things durable is paid once for many.
 */
final class GroupCommit implements AutoCloseable {
    /** Enough to make one fsync cheap for each, few enough to hold the lock of the file for milliseconds only. */
    private static final int MAX_GROUP = 512;

    /** Something to write within a transaction. */
    interface Write {
        void on(Connection connection) throws SQLException;
    }

    private record Entry(Write write, CompletableFuture<@Nullable Void> done) {}

    private static final Entry STOP = new Entry(connection -> {}, new CompletableFuture<>());

    private final SqliteFile file;
    private final Connection connection;
    private final LinkedBlockingQueue<Entry> queue = new LinkedBlockingQueue<>();
    private final Thread thread;
    private volatile boolean closed;

    GroupCommit(SqliteFile file, Connection connection) {
        this.file = file;
        this.connection = connection;
        this.thread = new Thread(this::loop, "emrys-journal");
        thread.setDaemon(true);
        thread.start();
    }

    CompletableFuture<@Nullable Void> submit(Write write) {
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        if (closed) {
            done.completeExceptionally(new JournalException("The journal is closed.", null));
        } else {
            queue.add(new Entry(write, done));
        }
        return done;
    }

    /** Writes and waits until it is durable. */
    void run(Write write) {
        try {
            submit(write).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof JournalException failed
                    ? failed
                    : new JournalException("The journal cannot be written: " + e.getMessage(), e);
        }
    }

    private void loop() {
        List<Entry> group = new ArrayList<>();
        boolean stop = false;
        while (!stop) {
            group.clear();
            try {
                group.add(queue.take());
            } catch (InterruptedException e) {
                // Nobody but this class has the thread: it ends by STOP alone.
                continue;
            }
            queue.drainTo(group, MAX_GROUP - 1);
            stop = group.remove(STOP);
            commit(group);
        }
    }

    private void commit(List<Entry> group) {
        if (group.isEmpty()) {
            return;
        }
        try {
            SqliteFile.begin(connection);
        } catch (Throwable e) {
            // Nobody is at fault, and one after the other they would wait as long again. A transaction may be open that
            // could not be rolled back before.
            rollback();
            fail(group, e);
            return;
        }
        try {
            for (Entry entry : group) {
                entry.write().on(connection);
            }
            SqliteFile.commit(connection);
        } catch (Throwable e) {
            // An error too: a writer that has died without a word would leave everybody waiting.
            rollback();
            if (group.size() > 1) {
                // One of them is bad: let the others not suffer for it.
                group.forEach(entry -> commit(List.of(entry)));
            } else {
                fail(group, e);
            }
            return;
        }
        group.forEach(entry -> entry.done().complete(null));
    }

    private void fail(List<Entry> group, Throwable cause) {
        JournalException failure = failure(cause);
        group.forEach(entry -> entry.done().completeExceptionally(failure));
    }

    private JournalException failure(Throwable e) {
        if (e instanceof JournalException refused) {
            return refused;
        }
        return e instanceof SQLException sql
                ? file.unusable(sql)
                : new JournalException("An event cannot be written: " + e.getMessage(), e);
    }

    private void rollback() {
        try {
            SqliteFile.rollback(connection);
        } catch (SQLException | RuntimeException | Error e) {
            // There was nothing to roll back; or the next commit fails with the same cause and reports it.
        }
    }

    /** Writes what is queued, then closes the connection. */
    @Override
    public void close() {
        closed = true;
        queue.add(STOP);
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
