package dev.emrys.journal;

import com.google.common.collect.ImmutableList;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * This process as a driver of runs: one timed lease for all of its runs, which a thread renews. Thread-safe.
 *
 * <p>A takeover locks the row of the driver whose lease has ended before it changes the run's row, and a renewal locks
 * it too. So a renewal that comes too late, such as after the process was stopped or the machine slept, still renews
 * the lease, and then reads which runs it has lost meanwhile: a takeover comes before that or finds the lease renewed.
 */
final class PostgresDriver implements AutoCloseable {
    /** A driver that has been dead for so long is forgotten when another one begins. */
    private static final int DAYS_KEPT = 7;

    private final PostgresDatabase database;
    private final LeaseTimes times;
    private final Consumer<String> warnings;
    private final UUID id = UUID.randomUUID();
    private final LockHolder self = LockHolder.thisProcess();
    private final Map<String, Held> held = new HashMap<>();
    private final Set<String> reserved = new HashSet<>();
    private @Nullable ScheduledExecutorService renewals;
    private boolean closing;
    private volatile Validity validity = Validity.NONE;

    /**
     * Until when the lease is certain to last, by the clock that stands still in a machine's sleep and by the one that
     * a person may set: the earlier one counts.
     */
    private record Validity(long untilNanos, long untilMillis) {
        static final Validity NONE = new Validity(System.nanoTime(), 0);

        static Validity from(long nanos, long millis, Duration duration) {
            return new Validity(nanos + duration.toNanos(), millis + duration.toMillis());
        }

        boolean covers(Duration duration) {
            return untilNanos - System.nanoTime() >= duration.toNanos()
                    && untilMillis - System.currentTimeMillis() >= duration.toMillis();
        }
    }

    PostgresDriver(PostgresDatabase database, LeaseTimes times, Consumer<String> warnings) {
        this.database = database;
        this.times = times;
        this.warnings = warnings;
    }

    UUID id() {
        return id;
    }

    final class Held implements Lease {
        private final String run;
        private final long token;
        private final CompletableFuture<@Nullable Void> lost = new CompletableFuture<>();

        private Held(String run, long token) {
            this.run = run;
            this.token = token;
        }

        @Override
        public String run() {
            return run;
        }

        @Override
        public long token() {
            return token;
        }

        @Override
        public boolean isValidFor(Duration duration) {
            return validity.covers(duration) && !lost.isDone();
        }

        @Override
        public CompletableFuture<@Nullable Void> lost() {
            return lost.copy();
        }

        @Override
        public void close() {
            release(this);
        }
    }

    /** Begins the lease of this process, if it has none yet. Call before a run's row names this driver. */
    synchronized void begin() throws SQLException {
        if (renewals != null) {
            return;
        }
        renew();
        forgetDead();
        renewals = Executors.newSingleThreadScheduledExecutor(new ThreadFactoryBuilder()
                .setNameFormat("emrys-lease")
                .setDaemon(true)
                .build());
        long period = times.renewal().toMillis();
        var unused = renewals.scheduleWithFixedDelay(this::renewQuietly, period, period, TimeUnit.MILLISECONDS);
    }

    /** Call when the run's row names this driver, with this token. */
    synchronized Lease hold(String run, long token) {
        Held lease = new Held(run, token);
        held.put(run, lease);
        return lease;
    }

    /**
     * Call before the run's row may name this driver, so that no other thread takes that for the trace of a reply that
     * was lost; {@link #done} ends it.
     *
     * @return false when this process drives the run, or another thread of it is about to
     */
    synchronized boolean reserve(String run) {
        Held lease = held.get(run);
        return (lease == null || lease.lost.isDone()) && reserved.add(run);
    }

    synchronized void done(String run) {
        reserved.remove(run);
    }

    private void renewQuietly() {
        try {
            renew();
        } catch (SQLException e) {
            // The next renewal may succeed. Until then nothing is sent that the lease does not cover.
            if (!PostgresDatabase.isTransient(e)) {
                warnings.accept(database.unusable(e).getMessage());
            }
        } catch (RuntimeException e) {
            warnings.accept("The lease of this process cannot be renewed: " + e);
        }
    }

    private void renew() throws SQLException {
        // Before the server reads its clock.
        long nanos = System.nanoTime();
        long millis = System.currentTimeMillis();
        boolean late = !validity.covers(Duration.ZERO);
        database.use(this::extend);
        if (late) {
            // Before the query: what is acquired meanwhile is not lost.
            ImmutableList<Held> leases = leases();
            // In a later transaction, which sees every takeover that came before the renewal.
            Map<String, Long> driven = database.use(this::drivenRuns);
            leases.forEach(lease -> loseUnless(lease, driven));
        }
        validity = Validity.from(nanos, millis, times.duration());
    }

    private int extend(Connection connection) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement("INSERT INTO drivers (id, pid, host, expires_at)"
                + " VALUES (?, ?, ?, clock_timestamp() + ? * interval '1 millisecond')"
                + " ON CONFLICT (id) DO UPDATE SET expires_at = EXCLUDED.expires_at")) {
            upsert.setObject(1, id);
            upsert.setLong(2, self.pid());
            upsert.setString(3, self.host());
            upsert.setLong(4, times.duration().toMillis());
            return upsert.executeUpdate();
        }
    }

    private void forgetDead() throws SQLException {
        database.use(connection -> {
            try (PreparedStatement delete = connection.prepareStatement("DELETE FROM drivers d WHERE d.expires_at <"
                    + " clock_timestamp() - interval '" + DAYS_KEPT + " days'"
                    + " AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.driver = d.id)")) {
                return delete.executeUpdate();
            }
        });
    }

    private Map<String, Long> drivenRuns(Connection connection) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT id, lease_token FROM runs WHERE driver = ?")) {
            select.setObject(1, id);
            Map<String, Long> found = new HashMap<>();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    found.put(rows.getString(1), rows.getLong(2));
                }
            }
            return found;
        }
    }

    private synchronized ImmutableList<Held> leases() {
        return ImmutableList.copyOf(held.values());
    }

    private static void loseUnless(Held lease, Map<String, Long> driven) {
        if (!Long.valueOf(lease.token()).equals(driven.get(lease.run()))) {
            lease.lost.completeExceptionally(new LeaseLostException(lease, lease.token() + 1));
        }
    }

    private void release(Held lease) {
        synchronized (this) {
            if (!held.remove(lease.run(), lease)) {
                return;
            }
        }
        try {
            database.use(connection -> {
                try (PreparedStatement update = connection.prepareStatement(
                        "UPDATE runs SET driver = NULL WHERE id = ? AND driver = ? AND lease_token = ?")) {
                    update.setString(1, lease.run());
                    update.setObject(2, id);
                    update.setLong(3, lease.token());
                    return update.executeUpdate();
                }
            });
        } catch (SQLException e) {
            warnings.accept("The lease of run " + lease.run() + " was not released: it ends by itself, "
                    + times.duration().toSeconds() + " s after its last renewal.");
        }
        endIfUnused();
    }

    /** The leases that are held stay held, and are renewed, until each is closed; then the connections are closed. */
    @Override
    public void close() {
        synchronized (this) {
            closing = true;
        }
        endIfUnused();
    }

    private void endIfUnused() {
        ScheduledExecutorService ended;
        synchronized (this) {
            if (!closing || !held.isEmpty()) {
                return;
            }
            ended = renewals;
            renewals = null;
        }
        if (ended != null) {
            ended.shutdownNow();
            forget();
        }
        database.close();
    }

    private void forget() {
        try {
            database.use(connection -> {
                try (PreparedStatement delete = connection.prepareStatement(
                        "DELETE FROM drivers WHERE id = ? AND NOT EXISTS (SELECT 1 FROM runs WHERE driver = drivers.id)")) {
                    delete.setObject(1, id);
                    return delete.executeUpdate();
                }
            });
        } catch (SQLException e) {
            // It is forgotten later, by another driver.
        }
    }
}
