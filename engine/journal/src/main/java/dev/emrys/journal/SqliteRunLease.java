package dev.emrys.journal;

import dev.emrys.sqlite.SqliteConnection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/**
 * A lease is a kernel lock, which one process has at a time, and a token in the run's row, which every append is
 * checked against.
 */
final class SqliteRunLease implements RunLease {
    private final RunLocks locks;
    private final GroupCommit writer;
    private final SqliteReader reader;
    private final RunWriteState writeState;

    SqliteRunLease(RunLocks locks, GroupCommit writer, SqliteReader reader, RunWriteState writeState) {
        this.locks = locks;
        this.writer = writer;
        this.reader = reader;
        this.writeState = writeState;
    }

    record Held(String run, long token, RunLocks.Held lock) implements Lease {
        @Override
        public void close() {
            lock.release();
        }
    }

    @Override
    public Optional<Lease> acquire(String run) {
        return locks.tryLock(run).map(lock -> {
            try {
                return new Held(run, raiseToken(run), lock);
            } catch (RuntimeException | Error e) {
                lock.release();
                throw e;
            }
        });
    }

    private long raiseToken(String run) {
        LockHolder holder = LockHolder.thisProcess();
        return writer.run(connection -> {
            PreparedStatement update = connection.statement("UPDATE runs SET lease_token = lease_token + 1,"
                    + " holder_pid = ?, holder_host = ?, holder_since = ? WHERE id = ? RETURNING lease_token");
            update.setLong(1, holder.pid());
            update.setString(2, holder.host());
            update.setString(3, Timestamps.text(holder.since()));
            update.setString(4, run);
            try (ResultSet row = update.executeQuery()) {
                if (!row.next()) {
                    throw JournalException.noSuchRun(run);
                }
                writeState.forget(run);
                return row.getLong(1);
            }
        });
    }

    @Override
    public Optional<LockHolder> holder(String run) {
        return locks.isHeld(run) ? Optional.of(reader.read(connection -> recorded(connection, run))) : Optional.empty();
    }

    private static LockHolder recorded(SqliteConnection connection, String run) throws SQLException {
        PreparedStatement select = connection.statement(
                "SELECT holder_pid, holder_host, holder_since FROM runs WHERE id = ? AND holder_pid IS NOT NULL");
        select.setString(1, run);
        try (ResultSet row = select.executeQuery()) {
            return row.next()
                    ? new LockHolder(row.getLong(1), row.getString(2), Instant.parse(row.getString(3)))
                    : LockHolder.UNKNOWN;
        }
    }
}
