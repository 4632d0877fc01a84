package dev.emrys.journal;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import dev.emrys.sqlite.SqliteConnection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Polls {@code PRAGMA data_version}, which costs a read of shared memory, and reads the rows only when it has changed;
 * and whether the file is still there.
 */
final class SqliteControlInbox implements ControlInbox, AutoCloseable {
    private static final long POLL_MILLIS = 250;

    private final SqliteFile file;
    private final GroupCommit writer;
    private final ControlReceivers receivers;
    private @Nullable SqliteConnection connection;
    private @Nullable ScheduledExecutorService timer;
    private long seen = -1;
    private boolean closed;

    SqliteControlInbox(SqliteFile file, GroupCommit writer, Consumer<String> warnings) {
        this.file = file;
        this.writer = writer;
        this.receivers = new ControlReceivers(warnings);
    }

    private final CompletableFuture<@Nullable Void> lost = new CompletableFuture<>();

    /** See {@link Journal#lost}. */
    CompletableFuture<@Nullable Void> lost() {
        return lost.copy();
    }

    @Override
    public void send(String run, ControlRequest.Kind kind, String by) {
        String at = Timestamps.text(Instant.now());
        int unused = writer.run(connection -> {
            PreparedStatement insert = connection.statement(
                    "INSERT INTO control_requests (run, kind, requested_by, requested_at) VALUES (?,?,?,?)");
            insert.setString(1, run);
            insert.setString(2, kind.name());
            insert.setString(3, by);
            insert.setString(4, at);
            return insert.executeUpdate();
        });
    }

    @Override
    public synchronized Subscription receive(String run, Consumer<ControlRequest> receiver) {
        if (closed) {
            throw new JournalException("The journal is closed.", null);
        }
        ControlReceivers.Receiver added = receivers.put(run, receiver);
        seen = -1;
        if (timer == null) {
            connection = file.connect();
            timer = Executors.newSingleThreadScheduledExecutor(new ThreadFactoryBuilder()
                    .setNameFormat("emrys-inbox")
                    .setDaemon(true)
                    .build());
            var unused = timer.scheduleWithFixedDelay(this::poll, 0, POLL_MILLIS, TimeUnit.MILLISECONDS);
        }
        return () -> {
            synchronized (this) {
                receivers.remove(run, added);
            }
        };
    }

    private synchronized void poll() {
        SqliteConnection open = connection;
        if (open == null || receivers.isEmpty()) {
            return;
        }
        if (!open.isFileCurrent()) {
            lost.completeExceptionally(file.lost());
            return;
        }
        try {
            long version = open.dataVersion();
            if (version != seen) {
                openRequests(open).forEach(receivers::deliver);
                seen = version;
            }
        } catch (SQLException | RuntimeException e) {
            // The file is locked or gone, or a receiver failed: the next poll tries again (an exception would end all
            // polling), and the driver's own appends report what lasts.
            seen = -1;
            try {
                open.closeStatements();
            } catch (SQLException alsoFailed) {
                // The next poll fails again, and closes them again.
            }
        }
    }

    private static List<ControlReceivers.Row> openRequests(SqliteConnection open) throws SQLException {
        List<ControlReceivers.Row> found = new ArrayList<>();
        String sql = "SELECT id, run, kind, requested_by FROM control_requests WHERE acknowledged = 0 ORDER BY id";
        try (ResultSet row = open.statement(sql).executeQuery()) {
            while (row.next()) {
                found.add(
                        new ControlReceivers.Row(row.getLong(1), row.getString(2), row.getString(3), row.getString(4)));
            }
        }
        return found;
    }

    @Override
    public void acknowledge(ControlRequest request) {
        // Not waited for: a request that is handed out again finds a run that does not take it twice.
        var unused = writer.submit(1, connection -> {
            PreparedStatement update =
                    connection.statement("UPDATE control_requests SET acknowledged = 1 WHERE id = ?");
            update.setLong(1, request.id());
            return update.executeUpdate();
        });
    }

    @Override
    public void drop(String run) {
        int unused = writer.run(connection -> {
            int dropped = 0;
            for (String kind : ControlRequest.KNOWN_KINDS) {
                PreparedStatement update = connection.statement(
                        "UPDATE control_requests SET acknowledged = 1 WHERE run = ? AND kind = ? AND acknowledged = 0");
                update.setString(1, run);
                update.setString(2, kind);
                dropped += update.executeUpdate();
            }
            return dropped;
        });
    }

    @Override
    public synchronized void close() {
        closed = true;
        receivers.clear();
        if (timer != null) {
            timer.shutdownNow();
        }
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                throw file.unusable(e);
            }
            connection = null;
        }
    }
}
