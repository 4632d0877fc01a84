package dev.emrys.journal;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Threads on which the database is written, for callers that do not wait. Each one uses a connection of the pool.
 * Thread-safe.
 */
final class PostgresThreads implements AutoCloseable {
    private static final int CLOSING_SECONDS = 30;

    private final PostgresDatabase database;
    private final ExecutorService threads;

    /** @param name of each thread */
    PostgresThreads(PostgresDatabase database, String name, int count) {
        this.database = database;
        this.threads = Executors.newFixedThreadPool(
                count,
                new ThreadFactoryBuilder().setNameFormat(name).setDaemon(true).build());
    }

    /** Something that is done with the database. */
    interface Task<T> {
        T run() throws SQLException;
    }

    /**
     * @return fails with what the task throws, an {@link SQLException} as the {@link JournalException} of an unusable
     *     database
     */
    <T> CompletableFuture<T> submit(Task<T> task) {
        CompletableFuture<T> done = new CompletableFuture<>();
        try {
            threads.execute(() -> {
                try {
                    done.complete(task.run());
                } catch (SQLException e) {
                    done.completeExceptionally(database.unusable(e));
                } catch (Throwable e) {
                    done.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            done.completeExceptionally(PostgresDatabase.closed());
        }
        return done;
    }

    /** Does what was submitted before. */
    @Override
    public void close() {
        threads.shutdown();
        try {
            var unused = threads.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
