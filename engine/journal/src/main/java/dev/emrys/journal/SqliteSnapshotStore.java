package dev.emrys.journal;

import dev.emrys.sqlite.SqliteConnection;
import java.io.ByteArrayOutputStream;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot is stored in parts, one commit each, so that appends are written between them. It is read only when its
 * last part is there; after that the earlier ones are deleted, in small commits too.
 */
final class SqliteSnapshotStore implements SnapshotStore {
    /** Written in about a millisecond. */
    static final int PART_BYTES = 256 * 1024;

    /** How many rows of events take as long as one part. */
    private static final int ROWS_PER_PART = 1_024;

    private static final int PARTS_PER_DELETE = 8;

    private final GroupCommit writer;
    private final SqliteReader reader;
    private final RunWriteState writeState;

    SqliteSnapshotStore(GroupCommit writer, SqliteReader reader, RunWriteState writeState) {
        this.writer = writer;
        this.reader = reader;
        this.writeState = writeState;
    }

    @Override
    public CompletableFuture<@Nullable Void> write(Lease lease, Snapshot snapshot) {
        return writePart(lease, snapshot, 0);
    }

    private CompletableFuture<@Nullable Void> writePart(Lease lease, Snapshot snapshot, int part) {
        byte[] form = snapshot.form();
        int from = part * PART_BYTES;
        int to = Math.min(form.length, from + PART_BYTES);
        boolean last = to == form.length;
        byte[] bytes = Arrays.copyOfRange(form, from, to);
        return writer.submit(ROWS_PER_PART, connection -> {
                    writeState.checkCovered(connection, lease, snapshot.seq());
                    insert(connection, lease.run(), snapshot, part, last, bytes);
                    return last;
                })
                .thenCompose(
                        done -> done ? deleteEarlier(lease, snapshot.seq()) : writePart(lease, snapshot, part + 1));
    }

    private static void insert(
            SqliteConnection connection, String run, Snapshot snapshot, int part, boolean last, byte[] bytes)
            throws SQLException {
        PreparedStatement insert = connection.statement(
                "INSERT OR REPLACE INTO snapshots (run, seq, part, version, last, bytes) VALUES (?,?,?,?,?,?)");
        insert.setString(1, run);
        insert.setLong(2, snapshot.seq());
        insert.setInt(3, part);
        insert.setInt(4, snapshot.version());
        insert.setInt(5, last ? 1 : 0);
        insert.setBytes(6, bytes);
        insert.executeUpdate();
        // The statement is kept: it must not hold the bytes.
        insert.clearParameters();
    }

    private CompletableFuture<@Nullable Void> deleteEarlier(Lease lease, long seq) {
        return writer.submit(ROWS_PER_PART, connection -> {
                    writeState.checkCovered(connection, lease, seq);
                    PreparedStatement delete = connection.statement("DELETE FROM snapshots WHERE rowid IN"
                            + " (SELECT rowid FROM snapshots WHERE run = ? AND seq < ? LIMIT " + PARTS_PER_DELETE
                            + ")");
                    delete.setString(1, lease.run());
                    delete.setLong(2, seq);
                    return delete.executeUpdate();
                })
                .thenCompose(deleted -> deleted == PARTS_PER_DELETE
                        ? deleteEarlier(lease, seq)
                        : CompletableFuture.<@Nullable Void>completedFuture(null));
    }

    @Override
    public Optional<Snapshot> newest(String run, int version) {
        return reader.read(connection -> {
            PreparedStatement select = connection.statement("SELECT s.seq, s.part, s.last, s.bytes FROM snapshots s"
                    + " WHERE s.run = ?1 AND s.seq ="
                    + " (SELECT max(seq) FROM snapshots WHERE run = ?1 AND version = ?2 AND last = 1)"
                    + " AND EXISTS (SELECT 1 FROM events e WHERE e.run = s.run AND e.seq = s.seq)"
                    + " ORDER BY s.part");
            select.setString(1, run);
            select.setInt(2, version);
            try (ResultSet rows = select.executeQuery()) {
                return joined(rows, version);
            }
        });
    }

    /** Empty when there is none, or when a part of it is missing. */
    private static Optional<Snapshot> joined(ResultSet rows, int version) throws SQLException {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        long seq = 0;
        boolean complete = false;
        for (int part = 0; rows.next(); part++) {
            if (rows.getInt(2) != part || complete) {
                return Optional.empty();
            }
            seq = rows.getLong(1);
            complete = rows.getInt(3) == 1;
            form.writeBytes(rows.getBytes(4));
        }
        return complete ? Optional.of(new Snapshot(seq, version, form.toByteArray())) : Optional.empty();
    }
}
