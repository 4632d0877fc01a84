package dev.emrys.storage;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * The connections on which no signed request has come, oldest first. Each is closed after a time, and the oldest when
 * there are too many, so that a peer without a key cannot use up the connections. Thread-safe.
 */
final class UnauthenticatedConnections implements Connection.Listener {
    private final Scheduler scheduler;
    private final Duration time;
    private final int max;
    private final Map<Connection, Scheduler.Task> open = new LinkedHashMap<>();

    UnauthenticatedConnections(Scheduler scheduler, Duration time, int max) {
        this.scheduler = scheduler;
        this.time = time;
        this.max = max;
    }

    @Override
    public void onOpened(Connection connection) {
        Connection oldest = null;
        synchronized (this) {
            open.put(connection, scheduler.schedule(() -> close(connection), time.toMillis(), TimeUnit.MILLISECONDS));
            if (open.size() > max) {
                oldest = open.keySet().iterator().next();
            }
        }
        if (oldest != null) {
            close(oldest);
        }
    }

    @Override
    public void onClosed(Connection connection) {
        boolean unused = remove(connection);
    }

    /** A signed request has come on the connection. */
    void authenticated(Connection connection) {
        boolean unused = remove(connection);
    }

    private void close(Connection connection) {
        if (remove(connection)) {
            connection.getEndPoint().close();
        }
    }

    /** False if it has been removed already. */
    private boolean remove(Connection connection) {
        Scheduler.@Nullable Task task;
        synchronized (this) {
            task = open.remove(connection);
        }
        if (task == null) {
            return false;
        }
        task.cancel();
        return true;
    }
}
