package dev.emrys.journal;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * A thread waits for the server's notification of a new request by LISTEN and NOTIFY, and then reads the rows; it also
 * reads them now and then, since a notification is lost with its connection. See
 * https://www.postgresql.org/docs/current/sql-notify.html.
 */
final class PostgresControlInbox implements ControlInbox, AutoCloseable {
    /** Of all journals in a database: a notification for another one costs a query. */
    private static final String CHANNEL = "emrys_control";

    private static final Duration READ_ANYWAY = Duration.ofSeconds(30);
    private static final Duration RETRY = Duration.ofSeconds(1);
    /** How soon a new receiver gets what is there, at the latest. */
    private static final Duration WAIT = Duration.ofMillis(250);

    private final PostgresDatabase database;
    private final ControlReceivers receivers;
    private final ExecutorService acknowledgements = Executors.newSingleThreadExecutor(new ThreadFactoryBuilder()
            .setNameFormat("emrys-acknowledge")
            .setDaemon(true)
            .build());
    private @Nullable Thread listener;
    private volatile boolean closed;
    /** Whether the rows are to be read although there was no notification. */
    private volatile boolean unread;

    PostgresControlInbox(PostgresDatabase database, Consumer<String> warnings) {
        this.database = database;
        this.receivers = new ControlReceivers(warnings);
    }

    @Override
    public void send(String run, ControlRequest.Kind kind, String by) {
        database.write(connection -> {
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO control_requests (run, kind, requested_by, requested_at) VALUES (?,?,?,?)")) {
                insert.setString(1, run);
                insert.setString(2, kind.name());
                insert.setString(3, by);
                insert.setString(4, Timestamps.text(Instant.now()));
                insert.executeUpdate();
            }
            try (PreparedStatement notify = connection.prepareStatement("SELECT pg_notify(?, ?)")) {
                notify.setString(1, CHANNEL);
                notify.setString(2, run);
                return notify.execute();
            }
        });
    }

    @Override
    public synchronized Subscription receive(String run, Consumer<ControlRequest> receiver) {
        database.refuseClosed();
        ControlReceivers.Receiver added = receivers.put(run, receiver);
        unread = true;
        if (listener == null) {
            listener = new Thread(this::listen, "emrys-inbox");
            listener.setDaemon(true);
            listener.start();
        }
        return () -> {
            synchronized (this) {
                receivers.remove(run, added);
            }
        };
    }

    private void listen() {
        while (!closed) {
            try (Connection connection = database.connect()) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("LISTEN " + CHANNEL);
                }
                unread = true;
                listenBy(connection);
            } catch (SQLException e) {
                // The server cannot be reached, which the appends report. What was sent meanwhile is read after the
                // next connection.
                pause();
            }
        }
    }

    private void listenBy(Connection connection) throws SQLException {
        PGConnection notifications = connection.unwrap(PGConnection.class);
        long read = System.nanoTime();
        while (!closed) {
            var arrived = notifications.getNotifications((int) WAIT.toMillis());
            boolean due = System.nanoTime() - read > READ_ANYWAY.toNanos();
            if (due || unread || (arrived != null && arrived.length > 0)) {
                unread = false;
                read = System.nanoTime();
                deliver(connection);
            }
        }
    }

    private void deliver(Connection connection) throws SQLException {
        List<ControlReceivers.Row> rows = openRequests(connection);
        synchronized (this) {
            if (closed) {
                return;
            }
            try {
                rows.forEach(receivers::deliver);
                return;
            } catch (RuntimeException e) {
                // A receiver failed: it gets the request again.
                unread = true;
            }
        }
        pause();
    }

    private void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(RETRY.toMillis());
        } catch (InterruptedException e) {
            // By close.
            Thread.currentThread().interrupt();
        }
    }

    private List<ControlReceivers.Row> openRequests(Connection connection) throws SQLException {
        List<String> runs;
        synchronized (this) {
            runs = receivers.runs();
        }
        try (PreparedStatement select = connection.prepareStatement("SELECT id, run, kind, requested_by"
                + " FROM control_requests WHERE NOT acknowledged AND run = ANY (?) ORDER BY id")) {
            select.setArray(1, connection.createArrayOf("text", runs.toArray()));
            List<ControlReceivers.Row> found = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    found.add(new ControlReceivers.Row(
                            row.getLong(1), row.getString(2), row.getString(3), row.getString(4)));
                }
            }
            return found;
        }
    }

    @Override
    public void acknowledge(ControlRequest request) {
        synchronized (this) {
            if (closed) {
                return;
            }
            acknowledgements.execute(() -> acknowledge(request.id()));
        }
    }

    private void acknowledge(long id) {
        try {
            database.use(connection -> {
                try (PreparedStatement update =
                        connection.prepareStatement("UPDATE control_requests SET acknowledged = true WHERE id = ?")) {
                    update.setLong(1, id);
                    return update.executeUpdate();
                }
            });
        } catch (SQLException e) {
            // A request that is handed out again finds a run that does not take it twice.
        }
    }

    @Override
    public void drop(String run) {
        database.write(connection -> {
            try (PreparedStatement update =
                    connection.prepareStatement("UPDATE control_requests SET acknowledged = true"
                            + " WHERE run = ? AND kind = ANY (?) AND NOT acknowledged")) {
                update.setString(1, run);
                update.setArray(2, connection.createArrayOf("text", ControlRequest.KNOWN_KINDS.toArray()));
                return update.executeUpdate();
            }
        });
    }

    /** Acknowledges what was given to {@link #acknowledge} before. */
    @Override
    public void close() {
        Thread listening;
        synchronized (this) {
            closed = true;
            receivers.clear();
            listening = listener;
            acknowledgements.shutdown();
        }
        if (listening != null) {
            listening.interrupt();
        }
        try {
            var unused = acknowledgements.awaitTermination(RETRY.toMillis() * 10, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
