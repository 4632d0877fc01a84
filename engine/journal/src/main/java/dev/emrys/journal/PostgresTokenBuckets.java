package dev.emrys.journal;

import com.google.common.collect.ImmutableList;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** Requests are written by a thread of their own, one transaction for each. */
final class PostgresTokenBuckets implements TokenBuckets, AutoCloseable {
    private static final int CLOSING_SECONDS = 10;

    private final PostgresDatabase database;
    private final Clock clock;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(new ThreadFactoryBuilder()
            .setNameFormat("emrys-journal-tokens")
            .setDaemon(true)
            .build());

    /** The time by which buckets are filled. */
    interface Clock {
        /** The clock of the server. */
        Clock SERVER = PostgresTokenBuckets::serverTime;

        /** Called once in a transaction, when it excludes others. */
        Instant now(Connection connection) throws SQLException;
    }

    PostgresTokenBuckets(PostgresDatabase database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    private static Instant serverTime(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT clock_timestamp()");
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getObject(1, OffsetDateTime.class).toInstant();
        }
    }

    @Override
    public CompletableFuture<ImmutableList<TokenGrant>> take(TokenRequest request) {
        CompletableFuture<ImmutableList<TokenGrant>> taken = new CompletableFuture<>();
        try {
            thread.execute(() -> {
                try {
                    taken.complete(database.inTransaction(connection -> take(connection, request)));
                } catch (SQLException e) {
                    taken.completeExceptionally(database.unusable(e));
                } catch (Throwable e) {
                    taken.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            taken.completeExceptionally(PostgresDatabase.closed());
        }
        return taken;
    }

    private ImmutableList<TokenGrant> take(Connection connection, TokenRequest request) throws SQLException {
        // The statements after the lock see what the transaction before has written, also rows that it has added.
        // Nothing depends on these rows after a crash, so the commit need not wait for the disk.
        try (PreparedStatement lock = connection.prepareStatement(
                "SELECT set_config('synchronous_commit', 'off', true), pg_advisory_xact_lock(hashtextextended(?, 0))")) {
            lock.setString(1, "emrys tokens " + database.schema() + " " + request.endpoint());
            lock.execute();
        }
        return TokenTables.take(connection::prepareStatement, request, clock.now(connection));
    }

    /** What was asked for before is still answered. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            var unused = thread.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
