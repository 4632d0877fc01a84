package dev.emrys.journal;

import com.google.common.collect.ImmutableList;
import dev.emrys.sqlite.SqliteConnection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

final class SqliteRunCatalog implements RunCatalog {
    private static final long FIRST_TOKEN = 1;

    private final RunLocks locks;
    private final GroupCommit writer;
    private final SqliteReader reader;

    SqliteRunCatalog(RunLocks locks, GroupCommit writer, SqliteReader reader) {
        this.locks = locks;
        this.writer = writer;
        this.reader = reader;
    }

    @Override
    public CompletableFuture<Lease> begin(RunRecord run, String spec) {
        Optional<RunLocks.Held> locked;
        try {
            locked = locks.tryLock(run.id());
        } catch (JournalException e) {
            return CompletableFuture.failedFuture(e);
        }
        if (locked.isEmpty()) {
            return CompletableFuture.failedFuture(new DuplicateRunException(run.id(), run.name()));
        }
        RunLocks.Held lock = locked.get();
        LockHolder holder = LockHolder.thisProcess();
        return writer.submit(2, connection -> insert(connection, run, spec, holder))
                .whenComplete((inserted, failure) -> {
                    if (failure != null) {
                        lock.release();
                    }
                })
                .thenApply(inserted -> new SqliteRunLease.Held(run.id(), FIRST_TOKEN, lock));
    }

    private static boolean insert(SqliteConnection connection, RunRecord run, String spec, LockHolder holder)
            throws SQLException {
        PreparedStatement insert =
                connection.statement("INSERT INTO runs (id, name, pipeline, script, target, started_at,"
                        + " lease_token, holder_pid, holder_host, holder_since, logical_date, logical_time, logical_zone,"
                        + " interval_start, target_settings) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
                        + " ON CONFLICT DO NOTHING");
        insert.setString(1, run.id());
        insert.setString(2, run.name());
        insert.setString(3, run.pipeline());
        insert.setString(4, run.script());
        insert.setString(5, run.target());
        insert.setString(6, Timestamps.text(run.startedAt()));
        insert.setLong(7, FIRST_TOKEN);
        insert.setLong(8, holder.pid());
        insert.setString(9, holder.host());
        insert.setString(10, Timestamps.text(holder.since()));
        RunRow.setLogicalTime(insert, 11, run.logicalTime());
        insert.setString(15, TargetSettingsJson.write(run.targetSettings()));
        if (insert.executeUpdate() == 0) {
            throw new DuplicateRunException(run.id(), run.name());
        }
        PreparedStatement insertSpec = connection.statement("INSERT INTO specs (run, spec) VALUES (?,?)");
        insertSpec.setString(1, run.id());
        insertSpec.setString(2, spec);
        insertSpec.executeUpdate();
        return true;
    }

    @Override
    public Optional<RunRecord> find(String idOrName) {
        ImmutableList<RunRecord> exact = select("WHERE id = ?1 OR name = ?1", idOrName);
        if (!exact.isEmpty()) {
            return Optional.of(exact.get(0));
        }
        ImmutableList<RunRecord> matches =
                select("WHERE substr(id, 1, length(?1)) = ?1 OR substr(name, 1, length(?1)) = ?1 LIMIT 2", idOrName);
        if (matches.size() > 1) {
            throw new AmbiguousRunException(idOrName, matches.get(0), matches.get(1));
        }
        return matches.stream().findFirst();
    }

    @Override
    public ImmutableList<RunRecord> list(int limit) {
        return select("ORDER BY started_at DESC, id LIMIT ?1", limit);
    }

    @Override
    public ImmutableList<RunRecord> succeeded(String pipeline, Instant from, int limit) {
        return reader.read(connection -> {
            PreparedStatement select =
                    connection.statement("SELECT " + RunRow.COLUMNS + " FROM runs " + RunRow.SUCCEEDED);
            RunRow.setSucceeded(select, pipeline, from, limit);
            return RunRow.readAll(select);
        });
    }

    private ImmutableList<RunRecord> select(String where, Object argument) {
        return reader.read(connection -> {
            PreparedStatement select = connection.statement("SELECT " + RunRow.COLUMNS + " FROM runs " + where);
            select.setObject(1, argument);
            return RunRow.readAll(select);
        });
    }

    @Override
    public byte[] spec(String run) {
        return reader.read(connection -> {
            PreparedStatement select = connection.statement("SELECT spec FROM specs WHERE run = ?");
            select.setString(1, run);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    throw JournalException.noSuchRun(run);
                }
                return row.getBytes(1);
            }
        });
    }
}
