package dev.emrys.emulator.wire;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * The connections on which no request with the token has come, oldest first. Each is closed after a time, and the
 * oldest when there are too many: a client that knows the token sends it as soon as it is connected, so the oldest ones
 * are not its own. Without a limit for them a peer without the token could use up the files that this process may open.
 * Thread-safe.
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
                Iterator<Connection> all = open.keySet().iterator();
                oldest = all.next();
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

    /** A request with the token has come on the connection. */
    void authenticated(Connection connection) {
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
