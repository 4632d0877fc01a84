package dev.emrys.journal;

import com.google.common.collect.ImmutableList;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

final class PostgresRunCatalog implements RunCatalog, AutoCloseable {
    private static final long FIRST_TOKEN = 1;

    /** The server shares a sync among commits of several connections. */
    private static final int THREADS = 4;

    private final PostgresDatabase database;
    private final PostgresDriver driver;
    private final PostgresThreads threads;

    PostgresRunCatalog(PostgresDatabase database, PostgresDriver driver) {
        this.database = database;
        this.driver = driver;
        this.threads = new PostgresThreads(database, "emrys-journal-begin-%d", THREADS);
    }

    @Override
    public CompletableFuture<Lease> begin(RunRecord run, String spec) {
        return threads.submit(() -> {
            database.refuseClosed();
            return reservedAndRecorded(run, spec);
        });
    }

    private Lease reservedAndRecorded(RunRecord run, String spec) {
        if (!driver.reserve(run.id())) {
            throw new DuplicateRunException(run.id(), run.name());
        }
        try {
            record(run, spec);
            return driver.hold(run.id(), FIRST_TOKEN);
        } finally {
            driver.done(run.id());
        }
    }

    private void record(RunRecord run, String spec) {
        try {
            if (!insert(run, spec)) {
                throw new DuplicateRunException(run.id(), run.name());
            }
        } catch (SQLException e) {
            if (!PostgresDatabase.isTransient(e)) {
                throw database.unusable(e);
            }
            insertAgain(run, spec);
        }
    }

    /** After a failure that leaves open whether the run was recorded: its id is this process's own. */
    private void insertAgain(RunRecord run, String spec) {
        try {
            if (!insert(run, spec) && !database.use(connection -> isDrivenHere(connection, run.id()))) {
                throw new DuplicateRunException(run.id(), run.name());
            }
        } catch (SQLException e) {
            throw database.unusable(e);
        }
    }

    private boolean insert(RunRecord run, String spec) throws SQLException {
        driver.begin();
        return database.inTransaction(connection -> insert(connection, run) && insertSpec(connection, run, spec));
    }

    private boolean isDrivenHere(Connection connection, String run) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT 1 FROM runs WHERE id = ? AND driver = ? AND lease_token = ?")) {
            select.setString(1, run);
            select.setObject(2, driver.id());
            select.setLong(3, FIRST_TOKEN);
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    private boolean insert(Connection connection, RunRecord run) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO runs (id, name, pipeline, script, target,"
                        + " started_at, lease_token, driver, driven_since, logical_date, logical_time, logical_zone,"
                        + " interval_start, target_settings, last_seq) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,0)"
                        + " ON CONFLICT DO NOTHING")) {
            insert.setString(1, run.id());
            insert.setString(2, run.name());
            insert.setString(3, run.pipeline());
            insert.setString(4, run.script());
            insert.setString(5, run.target());
            insert.setString(6, Timestamps.text(run.startedAt()));
            insert.setLong(7, FIRST_TOKEN);
            insert.setObject(8, driver.id());
            insert.setString(9, Timestamps.text(Instant.now()));
            RunRow.setLogicalTime(insert, 10, run.logicalTime());
            insert.setString(14, TargetSettingsJson.write(run.targetSettings()));
            return insert.executeUpdate() == 1;
        }
    }

    private static boolean insertSpec(Connection connection, RunRecord run, String spec) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO specs (run, spec) VALUES (?,?)")) {
            insert.setString(1, run.id());
            insert.setString(2, spec);
            return insert.executeUpdate() == 1;
        }
    }

    /** Begins what was requested before. */
    @Override
    public void close() {
        threads.close();
    }

    @Override
    public Optional<RunRecord> find(String idOrName) {
        ImmutableList<RunRecord> exact = select("WHERE id = ? OR name = ? ORDER BY id = ? DESC LIMIT 1", idOrName, 3);
        if (!exact.isEmpty()) {
            return Optional.of(exact.get(0));
        }
        ImmutableList<RunRecord> matches =
                select("WHERE starts_with(id, ?) OR starts_with(name, ?) LIMIT 2", idOrName, 2);
        if (matches.size() > 1) {
            throw new AmbiguousRunException(idOrName, matches.get(0), matches.get(1));
        }
        return matches.stream().findFirst();
    }

    @Override
    public ImmutableList<RunRecord> list(int limit) {
        return select("ORDER BY started_at DESC, id LIMIT ?", limit, 1);
    }

    @Override
    public ImmutableList<RunRecord> succeeded(String pipeline, Instant from, int limit) {
        return database.read(connection -> {
            try (PreparedStatement select =
                    connection.prepareStatement("SELECT " + RunRow.COLUMNS + " FROM runs " + RunRow.SUCCEEDED)) {
                RunRow.setSucceeded(select, pipeline, from, limit);
                return RunRow.readAll(select);
            }
        });
    }

    /** @param times how often the argument is in the text */
    private ImmutableList<RunRecord> select(String where, Object argument, int times) {
        return database.read(connection -> {
            try (PreparedStatement select =
                    connection.prepareStatement("SELECT " + RunRow.COLUMNS + " FROM runs " + where)) {
                for (int index = 1; index <= times; index++) {
                    select.setObject(index, argument);
                }
                return RunRow.readAll(select);
            }
        });
    }

    @Override
    public byte[] spec(String run) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement("SELECT spec FROM specs WHERE run = ?")) {
                select.setString(1, run);
                try (ResultSet row = select.executeQuery()) {
                    if (!row.next()) {
                        throw JournalException.noSuchRun(run);
                    }
                    return row.getString(1).getBytes(StandardCharsets.UTF_8);
                }
            }
        });
    }
}
