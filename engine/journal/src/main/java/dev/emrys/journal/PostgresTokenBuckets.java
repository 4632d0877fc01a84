package dev.emrys.journal;

import com.google.common.collect.ImmutableList;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.concurrent.CompletableFuture;

/** Requests are written by a thread of their own, one transaction for each. */
final class PostgresTokenBuckets implements TokenBuckets, AutoCloseable {
    private final PostgresDatabase database;
    private final Clock clock;
    private final PostgresThreads thread;

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
        this.thread = new PostgresThreads(database, "emrys-journal-tokens", 1);
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
        return thread.submit(() -> database.inTransaction(connection -> take(connection, request)));
    }

    private ImmutableList<TokenGrant> take(Connection connection, TokenRequest request) throws SQLException {
        // The statements after the lock see what the transaction before has written, also rows that it has added.
        // Nothing depends on these rows after a crash, so the commit need not wait for the disk.
        try (PreparedStatement lock = connection.prepareStatement(
                // A process that stands still with the lock must not collect the sessions of those that wait.
                "SELECT set_config('synchronous_commit', 'off', true), set_config('lock_timeout', '4s', true),"
                        + " set_config('idle_in_transaction_session_timeout', '10s', true),"
                        + " pg_advisory_xact_lock(hashtextextended(?, 0))")) {
            lock.setString(1, "emrys tokens " + database.schema() + " " + request.endpoint());
            lock.execute();
        }
        return TokenTables.take(connection::prepareStatement, request, clock.now(connection));
    }

    /** What was asked for before is still answered. */
    @Override
    public void close() {
        thread.close();
    }
}
