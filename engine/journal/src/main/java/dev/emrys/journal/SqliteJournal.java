package dev.emrys.journal;

import com.google.common.annotations.VisibleForTesting;
import com.google.common.collect.ImmutableList;
import dev.emrys.run.Event;
import dev.emrys.run.EventJson;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The journal in one SQLite file of a state folder, {@code journal.db}, beside a folder of locks. Several processes may use it at
 * once. One thread of this process writes, and commits in groups; see {@link GroupCommit}.
 */
public final class SqliteJournal implements Journal {
    private static final DateTimeFormatter INSTANT =
            new DateTimeFormatterBuilder().appendInstant(9).toFormatter(Locale.ROOT);

    private final SqliteFile file;
    private final RunLocks locks;
    private final Connection reader;
    private final GroupCommit writer;
    private final Inbox inbox;

    /**
     * Opens the journal of a state folder, and makes it when it is not there.
     *
     * @throws JournalException when the folder cannot be written or the file is not a journal
     */
    public static SqliteJournal open(Path stateFolder) {
        try {
            Files.createDirectories(stateFolder);
        } catch (IOException e) {
            throw new JournalException(
                    "The state folder " + stateFolder + " cannot be made: " + why(e)
                            + ".\n    Give this user the right to write there, or name another folder with --state.",
                    e);
        }
        return new SqliteJournal(new SqliteFile(stateFolder.resolve("journal.db")), stateFolder.resolve("locks"));
    }

    /** The message of a file system's exception is a path only. */
    private static String why(IOException e) {
        if (e instanceof AccessDeniedException denied) {
            return denied.getFile() + " may not be written by this user";
        }
        if (e instanceof FileAlreadyExistsException file) {
            return file.getFile() + " is no folder";
        }
        return e.getClass().getSimpleName() + " " + e.getMessage();
    }

    private SqliteJournal(SqliteFile file, Path locks) {
        this.file = file;
        this.locks = new RunLocks(locks);
        this.writer = new GroupCommit(file, prepared(file));
        this.reader = file.connect();
        this.inbox = new Inbox(file);
    }

    /** For tests: what a full disk or a broken write does. */
    @VisibleForTesting
    GroupCommit writer() {
        return writer;
    }

    private static Connection prepared(SqliteFile file) {
        file.refuseStump();
        Connection connection = file.connect();
        try {
            file.prepare(connection);
            return connection;
        } catch (JournalException e) {
            // It holds the lock of the file, which somebody else may need.
            try {
                connection.close();
            } catch (SQLException alsoFailed) {
                e.addSuppressed(alsoFailed);
            }
            throw e;
        }
    }

    @Override
    public void create(RunRecord run, String spec) {
        writer.run(connection -> {
            String sql =
                    "INSERT INTO runs (id, name, pipeline, script, target, started_at, spec) VALUES (?,?,?,?,?,?,?)";
            try (PreparedStatement insert = connection.prepareStatement(sql)) {
                insert.setString(1, run.id());
                insert.setString(2, run.name());
                insert.setString(3, run.pipeline());
                insert.setString(4, run.script());
                insert.setString(5, run.target());
                insert.setString(6, text(run.startedAt()));
                insert.setString(7, spec);
                insert.executeUpdate();
            } catch (SQLException e) {
                if (SqliteFile.taken(e)) {
                    throw new TakenException(run.id(), run.name(), e);
                }
                throw e;
            }
        });
    }

    @Override
    public CompletableFuture<@Nullable Void> append(String run, long firstSeq, ImmutableList<Event> events) {
        return writer.submit(connection -> insert(connection, run, firstSeq, events));
    }

    private static void insert(Connection connection, String run, long firstSeq, ImmutableList<Event> events)
            throws SQLException {
        refuseOutOfOrder(connection, run, firstSeq);
        String sql = "INSERT INTO events (run, seq, at, type, task, attempt, json) VALUES (?,?,?,?,?,?,?)";
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            long seq = firstSeq;
            for (Event event : events) {
                insert.setString(1, run);
                insert.setLong(2, seq++);
                insert.setString(3, text(event.at()));
                insert.setString(4, event.getClass().getSimpleName());
                insert.setString(5, event instanceof Event.OfTask fact ? fact.task() : null);
                insert.setObject(6, event instanceof Event.OfTask fact ? fact.attempt() : null);
                insert.setString(7, EventJson.write(event));
                insert.addBatch();
            }
            insert.executeBatch();
        }
        for (Event event : events) {
            if (event instanceof Event.RunEnded ended) {
                setOutcome(connection, run, text(ended.at()), ended.outcome().name());
            } else if (event instanceof Event.RunReopened) {
                setOutcome(connection, run, null, null);
            }
        }
    }

    /** A taken number is somebody else's; a number too high would leave a hole where an append before this one failed. */
    private static void refuseOutOfOrder(Connection connection, String run, long firstSeq) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT coalesce(max(seq), 0) + 1 FROM events WHERE run = ?")) {
            select.setString(1, run);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                long next = row.getLong(1);
                if (firstSeq < next) {
                    throw new JournalException(
                            "Event " + firstSeq + " of run " + run
                                    + " is in the journal already, so somebody else drives this run."
                                    + "\n    Look at it with: emrys show " + run,
                            null);
                }
                if (firstSeq > next) {
                    throw new JournalException(
                            "Event " + firstSeq + " of run " + run + " cannot be written before event " + next + "."
                                    + "\n    Go on with: emrys resume " + run,
                            null);
                }
            }
        }
    }

    /** Always with nine digits of a second, so that the order of the texts is the order of the instants. */
    private static String text(Instant instant) {
        return INSTANT.format(instant);
    }

    private static void setOutcome(
            Connection connection, String run, @Nullable String endedAt, @Nullable String outcome) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE runs SET ended_at = ?, outcome = ? WHERE id = ?")) {
            update.setString(1, endedAt);
            update.setString(2, outcome);
            update.setString(3, run);
            update.executeUpdate();
        }
    }

    @Override
    public synchronized ImmutableList<Event> events(String run) {
        try (PreparedStatement select =
                reader.prepareStatement("SELECT seq, json FROM events WHERE run = ? ORDER BY seq")) {
            select.setString(1, run);
            ImmutableList.Builder<Event> events = ImmutableList.builder();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    events.add(event(run, rows.getLong(1), rows.getString(2)));
                }
            }
            return events.build();
        } catch (SQLException e) {
            throw file.unusable(e);
        }
    }

    private static Event event(String run, long seq, String json) {
        try {
            return EventJson.read(json);
        } catch (IllegalArgumentException e) {
            throw new JournalException(
                    "Event " + seq + " of run " + run + " cannot be read: " + e.getMessage()
                            + "\n    It is damaged, or was written by a newer Emrys: use that one, or restore the journal from a copy.",
                    e);
        }
    }

    @Override
    public synchronized String spec(String run) {
        try (PreparedStatement select = reader.prepareStatement("SELECT spec FROM runs WHERE id = ?")) {
            select.setString(1, run);
            try (ResultSet rows = select.executeQuery()) {
                if (!rows.next()) {
                    throw new JournalException("There is no run " + run + " in this journal.", null);
                }
                return rows.getString(1);
            }
        } catch (SQLException e) {
            throw file.unusable(e);
        }
    }

    @Override
    public Optional<RunRecord> find(String idOrName) {
        ImmutableList<RunRecord> exact = select("WHERE id = ?1 OR name = ?1", idOrName);
        if (!exact.isEmpty()) {
            return Optional.of(exact.get(0));
        }
        ImmutableList<RunRecord> begun =
                select("WHERE substr(id, 1, length(?1)) = ?1 OR substr(name, 1, length(?1)) = ?1", idOrName);
        if (begun.size() > 1) {
            throw new AmbiguousRunException(idOrName, begun.get(0), begun.get(1));
        }
        return begun.stream().findFirst();
    }

    @Override
    public ImmutableList<RunRecord> runs(int limit) {
        return select("WHERE ?1 IS NOT NULL ORDER BY started_at DESC, id LIMIT " + limit, "");
    }

    private synchronized ImmutableList<RunRecord> select(String where, String argument) {
        String sql = "SELECT id, name, pipeline, script, target, started_at, ended_at, outcome FROM runs " + where;
        try (PreparedStatement select = reader.prepareStatement(sql)) {
            select.setString(1, argument);
            ImmutableList.Builder<RunRecord> found = ImmutableList.builder();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    String ended = row.getString(7);
                    found.add(new RunRecord(
                            row.getString(1),
                            row.getString(2),
                            row.getString(3),
                            row.getString(4),
                            row.getString(5),
                            Instant.parse(row.getString(6)),
                            ended == null ? null : Instant.parse(ended),
                            row.getString(8)));
                }
            }
            return found.build();
        } catch (SQLException e) {
            throw file.unusable(e);
        }
    }

    @Override
    public Optional<Ownership> own(String run) {
        return locks.own(run);
    }

    @Override
    public Optional<Holder> holder(String run) {
        return locks.holder(run);
    }

    @Override
    public void wish(String run, String kind, String by) {
        writer.run(connection -> {
            String sql = "INSERT INTO inbox (run, kind, wished_by, at) VALUES (?,?,?,?)";
            try (PreparedStatement insert = connection.prepareStatement(sql)) {
                insert.setString(1, run);
                insert.setString(2, kind);
                insert.setString(3, by);
                insert.setString(4, text(Instant.now()));
                insert.executeUpdate();
            }
        });
    }

    @Override
    public AutoCloseable receive(String run, Consumer<Wish> receiver) {
        return inbox.receive(run, receiver);
    }

    @Override
    public void dropWishes(String run) {
        writer.run(connection -> {
            try (PreparedStatement update = connection.prepareStatement("UPDATE inbox SET granted = 1 WHERE run = ?")) {
                update.setString(1, run);
                update.executeUpdate();
            }
        });
    }

    @Override
    public void granted(Wish wish) {
        // Nobody waits for it: a wish that is handed out again finds a run that does not take it twice.
        CompletableFuture<@Nullable Void> unused = writer.submit(connection -> {
            try (PreparedStatement update = connection.prepareStatement("UPDATE inbox SET granted = 1 WHERE id = ?")) {
                update.setLong(1, wish.id());
                update.executeUpdate();
            }
        });
    }

    @Override
    public void close() {
        inbox.close();
        writer.close();
        synchronized (this) {
            try {
                reader.close();
            } catch (SQLException e) {
                throw file.unusable(e);
            }
        }
    }
}
