package dev.emrys.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Wishes that other processes leave for the driver of a run. {@code PRAGMA data_version} changes when any other connection has
 * committed, and costs a read of shared memory; only then are the rows looked at.
 */
final class Inbox implements AutoCloseable {
    private static final long LOOK_EVERY_MILLIS = 250;

    private final SqliteFile file;
    private final Map<String, Consumer<Journal.Wish>> receivers = new LinkedHashMap<>();
    private @Nullable Connection connection;
    private @Nullable ScheduledExecutorService timer;
    private long seen = -1;

    Inbox(SqliteFile file) {
        this.file = file;
    }

    synchronized AutoCloseable receive(String run, Consumer<Journal.Wish> receiver) {
        receivers.put(run, receiver);
        seen = -1;
        if (timer == null) {
            connection = file.connect();
            timer = Executors.newSingleThreadScheduledExecutor(task -> {
                Thread thread = new Thread(task, "emrys-inbox");
                thread.setDaemon(true);
                return thread;
            });
            var unused = timer.scheduleWithFixedDelay(this::look, 0, LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
        }
        return () -> {
            synchronized (this) {
                // A later driver of the run may have taken the place.
                receivers.remove(run, receiver);
            }
        };
    }

    private synchronized void look() {
        Connection open = connection;
        if (open == null || receivers.isEmpty()) {
            return;
        }
        try {
            long version = dataVersion(open);
            if (version != seen) {
                for (Journal.Wish wish : wishes(open)) {
                    Consumer<Journal.Wish> receiver = receivers.get(wish.run());
                    if (receiver != null) {
                        receiver.accept(wish);
                    }
                }
                seen = version;
            }
        } catch (SQLException | RuntimeException e) {
            // A busy or vanished file, a receiver that cannot take a wish now: the next look tries again (an exception
            // out of
            // here would end all looking), and the driver's own appends report what lasts.
            seen = -1;
        }
    }

    private static long dataVersion(Connection open) throws SQLException {
        try (Statement statement = open.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA data_version")) {
            row.next();
            return row.getLong(1);
        }
    }

    private static List<Journal.Wish> wishes(Connection open) throws SQLException {
        List<Journal.Wish> found = new ArrayList<>();
        String sql = "SELECT id, run, kind, wished_by FROM inbox WHERE granted = 0 ORDER BY id";
        try (PreparedStatement select = open.prepareStatement(sql);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                found.add(new Journal.Wish(row.getLong(1), row.getString(2), row.getString(3), row.getString(4)));
            }
        }
        return found;
    }

    @Override
    public synchronized void close() {
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
