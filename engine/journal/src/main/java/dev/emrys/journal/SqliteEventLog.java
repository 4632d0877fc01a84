package dev.emrys.journal;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import dev.emrys.run.Event;
import dev.emrys.run.EventJson;
import dev.emrys.sqlite.SqliteConnection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

final class SqliteEventLog implements EventLog {
    /** The driver clears its whole array of parameters, once grown, after each batch: small batches keep that cheap. */
    private static final int MAX_BATCH = 256;

    private static final ThreadFactory READ_AHEAD = new ThreadFactoryBuilder()
            .setNameFormat("emrys-journal-read")
            .setDaemon(true)
            .build();

    private final GroupCommit writer;
    private final SqliteReader reader;
    private final RunWriteState writeState;

    SqliteEventLog(GroupCommit writer, SqliteReader reader, RunWriteState writeState) {
        this.writer = writer;
        this.reader = reader;
        this.writeState = writeState;
    }

    @Override
    public CompletableFuture<@Nullable Void> append(Lease lease, long firstSeq, ImmutableList<Event> events) {
        return AppendSteps.append(firstSeq, events, (seq, step) -> appendStep(lease, seq, step));
    }

    private CompletableFuture<Integer> appendStep(Lease lease, long firstSeq, List<Event> events) {
        ImmutableList<EventRow> rows = events.stream().map(EventRow::of).collect(ImmutableList.toImmutableList());
        EventRow.RunEnd end = EventRow.RunEnd.of(events);
        return writer.submit(rows.size(), connection -> {
            writeState.check(connection, lease, firstSeq);
            insert(connection, lease.run(), firstSeq, rows);
            if (end != null) {
                setEnd(connection, lease.run(), end);
            }
            writeState.appended(connection, lease.run(), rows.size());
            return rows.size();
        });
    }

    private static void insert(SqliteConnection connection, String run, long firstSeq, ImmutableList<EventRow> rows)
            throws SQLException {
        PreparedStatement insert = connection.statement(
                "INSERT INTO events (run, seq, at, type, task, attempt, json) VALUES (?,?,?,?,?,?,?)");
        int batched = 0;
        long seq = firstSeq;
        for (EventRow row : rows) {
            insert.setString(1, run);
            insert.setLong(2, seq++);
            insert.setString(3, row.at());
            insert.setString(4, row.type());
            insert.setString(5, row.task());
            insert.setObject(6, row.attempt());
            insert.setString(7, row.json());
            insert.addBatch();
            if (++batched == MAX_BATCH) {
                insert.executeBatch();
                batched = 0;
            }
        }
        if (batched > 0) {
            insert.executeBatch();
        }
    }

    private static void setEnd(SqliteConnection connection, String run, EventRow.RunEnd end) throws SQLException {
        PreparedStatement update = connection.statement("UPDATE runs SET ended_at = ?, outcome = ? WHERE id = ?");
        update.setString(1, end.at());
        update.setString(2, end.outcome());
        update.setString(3, run);
        update.executeUpdate();
    }

    @Override
    public ImmutableList<Event> read(String run, long fromSeq, int limit) {
        checkPage(fromSeq, limit);
        Page page = reader.read(connection -> page(connection, run, fromSeq, limit));
        return EventJson.readAll(page.json, page.count).orElseGet(() -> readEach(run, fromSeq, limit));
    }

    /**
     * Events that follow each other, as one text: a call of the database for each would cost more than to read the
     * event.
     */
    private static final class Page {
        final int count;
        final byte[] json;

        Page(int count, byte[] json) {
            this.count = count;
            this.json = json;
        }
    }

    private static Page page(SqliteConnection connection, String run, long fromSeq, int limit) throws SQLException {
        PreparedStatement select = connection.statement("SELECT count(*), group_concat(json, char(10) ORDER BY seq)"
                + " FROM (SELECT seq, json FROM events WHERE run = ? AND seq >= ? ORDER BY seq LIMIT ?)");
        select.setString(1, run);
        select.setLong(2, fromSeq);
        select.setInt(3, limit);
        try (ResultSet row = select.executeQuery()) {
            row.next();
            int count = row.getInt(1);
            return new Page(count, count == 0 ? new byte[0] : row.getBytes(2));
        }
    }

    /** For events of an earlier version, and to name the one that cannot be read. */
    private ImmutableList<Event> readEach(String run, long fromSeq, int limit) {
        return reader.read(connection -> {
            PreparedStatement select = connection.statement(
                    "SELECT seq, json FROM events WHERE run = ? AND seq >= ? ORDER BY seq LIMIT ?");
            select.setString(1, run);
            select.setLong(2, fromSeq);
            select.setInt(3, limit);
            ImmutableList.Builder<Event> events = ImmutableList.builder();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    events.add(EventRow.read(run, rows.getLong(1), rows.getString(2)));
                }
            }
            return events.build();
        });
    }

    /** While the receiver takes one page, another thread reads the next one. */
    @Override
    public long forEach(String run, long fromSeq, Consumer<Event> receiver) {
        ImmutableList<Event> page = read(run, fromSeq, MAX_PAGE);
        if (page.size() < MAX_PAGE) {
            page.forEach(receiver);
            return fromSeq + page.size();
        }
        ExecutorService ahead = Executors.newSingleThreadExecutor(READ_AHEAD);
        try {
            return forEach(run, fromSeq, page, receiver, ahead);
        } finally {
            ahead.shutdown();
        }
    }

    private long forEach(
            String run, long fromSeq, ImmutableList<Event> first, Consumer<Event> receiver, Executor ahead) {
        long next = fromSeq;
        ImmutableList<Event> page = first;
        while (page.size() == MAX_PAGE) {
            next += page.size();
            long from = next;
            CompletableFuture<ImmutableList<Event>> following =
                    CompletableFuture.supplyAsync(() -> read(run, from, MAX_PAGE), ahead);
            page.forEach(receiver);
            page = joined(following);
        }
        page.forEach(receiver);
        return next + page.size();
    }

    private static ImmutableList<Event> joined(CompletableFuture<ImmutableList<Event>> page) {
        try {
            return page.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof JournalException failed ? failed : e;
        }
    }

    static void checkPage(long fromSeq, int limit) {
        checkArgument(fromSeq >= 1, "Events are numbered from 1, not from %s", fromSeq);
        checkArgument(limit >= 1 && limit <= MAX_PAGE, "A page has 1 to %s events, not %s", MAX_PAGE, limit);
    }

    @Override
    public long lastSeq(String run) {
        return reader.read(connection -> {
            PreparedStatement select = connection.statement("SELECT coalesce(max(seq), 0) FROM events WHERE run = ?");
            select.setString(1, run);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }
}
