package dev.emrys.http;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a server that are limited in time and in number, oldest first: all of them from when they are
 * opened, until {@link #exempt}. Each is closed after a time, and the oldest when there are too many. Without it a peer
 * could keep all connections, or all files that the process may open, by sending and reading slowly.
 *
 * <p>A server that knows its clients exempts their connections: a client that proves who it is does so as soon as it is
 * connected, so the oldest ones are of others. To be added to a connector as a bean. Thread-safe.
 */
public final class LimitedConnections implements Connection.Listener {
    private final Scheduler scheduler;
    private final Duration time;
    private final int max;
    private final Map<Connection, Scheduler.Task> open = new LinkedHashMap<>();

    /**
     * @param scheduler the server's
     * @param time after which a connection is closed
     * @param max how many are open at once; one more closes the oldest
     */
    public LimitedConnections(Scheduler scheduler, Duration time, int max) {
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
        remove(connection);
    }

    /** Ends the limits of a connection, such as one on which a request with a valid signature has come. */
    public void exempt(Connection connection) {
        remove(connection);
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
