package dev.emrys.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Snapshots are written by a connection of their own, which does not delay the appends. */
final class PostgresSnapshotStore implements SnapshotStore, AutoCloseable {
    private final PostgresDatabase database;
    private final PostgresThreads thread;

    PostgresSnapshotStore(PostgresDatabase database) {
        this.database = database;
        this.thread = new PostgresThreads(database, "emrys-journal-snapshots", 1);
    }

    @Override
    public CompletableFuture<@Nullable Void> write(Lease lease, Snapshot snapshot) {
        return thread.submit(() -> database.inTransaction(connection -> store(connection, lease, snapshot)))
                .thenApply(stored -> null);
    }

    private static boolean store(Connection connection, Lease lease, Snapshot snapshot) throws SQLException {
        String run = lease.run();
        try (PreparedStatement upsert = connection.prepareStatement(
                "INSERT INTO snapshots (run, seq, version, bytes)"
                        + " SELECT ?, ?, ?, ? FROM runs WHERE id = ? AND lease_token = ? AND last_seq >= ?"
                        + " ON CONFLICT (run) DO UPDATE SET seq = EXCLUDED.seq, version = EXCLUDED.version, bytes = EXCLUDED.bytes")) {
            upsert.setString(1, run);
            upsert.setLong(2, snapshot.seq());
            upsert.setInt(3, snapshot.version());
            upsert.setBytes(4, snapshot.form());
            upsert.setString(5, run);
            upsert.setLong(6, lease.token());
            upsert.setLong(7, snapshot.seq());
            if (upsert.executeUpdate() == 1) {
                return true;
            }
        }
        try (PreparedStatement select =
                connection.prepareStatement("SELECT lease_token, last_seq FROM runs WHERE id = ?")) {
            select.setString(1, run);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    throw JournalException.noSuchRun(run);
                }
                if (row.getLong(1) != lease.token()) {
                    throw new LeaseLostException(lease, row.getLong(1));
                }
                RunWriteState.refuseUncovered(run, snapshot.seq(), row.getLong(2) + 1);
                return false;
            }
        }
    }

    @Override
    public Optional<Snapshot> newest(String run, int version) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement("SELECT s.seq, s.bytes FROM snapshots s"
                    + " JOIN runs r ON r.id = s.run AND r.last_seq >= s.seq WHERE s.run = ? AND s.version = ?")) {
                select.setString(1, run);
                select.setInt(2, version);
                try (ResultSet row = select.executeQuery()) {
                    return row.next()
                            ? Optional.of(new Snapshot(row.getLong(1), version, row.getBytes(2)))
                            : Optional.empty();
                }
            }
        });
    }

    /** Writes what was given before. */
    @Override
    public void close() {
        thread.close();
    }
}
