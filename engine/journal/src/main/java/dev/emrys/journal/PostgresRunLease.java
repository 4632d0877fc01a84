package dev.emrys.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A lease is a driver's name in the run's row, as long as that driver's own lease lasts by the server's clock, and a
 * token there.
 */
final class PostgresRunLease implements RunLease {
    private static final Duration FIRST_WARNING = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

    private final PostgresDatabase database;
    private final PostgresDriver driver;
    private final Consumer<String> warnings;

    PostgresRunLease(PostgresDatabase database, PostgresDriver driver, Consumer<String> warnings) {
        this.database = database;
        this.driver = driver;
        this.warnings = warnings;
    }

    /**
     * What an attempt to acquire a run found.
     *
     * @param token 0 when it was not acquired
     * @param left how long the lease of the driver lasts if it is not renewed
     * @param renewed when that lease ends, to see whether it is renewed
     */
    private record Attempt(
            long token, Duration left, @Nullable Instant renewed) {}

    @Override
    public Optional<Lease> acquire(String run) {
        if (!driver.reserve(run)) {
            return Optional.empty();
        }
        try {
            return acquireReserved(run);
        } finally {
            driver.done(run);
        }
    }

    private Optional<Lease> acquireReserved(String run) {
        long begin = System.nanoTime();
        boolean warned = false;
        @Nullable Instant firstEnd = null;
        while (true) {
            Attempt attempt = attempt(run);
            if (attempt.token() > 0) {
                return Optional.of(driver.hold(run, attempt.token()));
            }
            if (firstEnd != null && !firstEnd.equals(attempt.renewed())) {
                // It was renewed meanwhile, so its process is alive.
                return Optional.empty();
            }
            firstEnd = attempt.renewed();
            if (!warned && System.nanoTime() - begin > FIRST_WARNING.toNanos()) {
                warned = true;
                warn(run, attempt);
            }
            pause(attempt.left());
        }
    }

    private void warn(String run, Attempt attempt) {
        LockHolder holder = holder(run).orElse(LockHolder.UNKNOWN);
        warnings.accept("The run " + run + " was driven by process " + holder.pid() + " on " + holder.host()
                + ". Waiting until that process renews its lease or the lease ends, in "
                + Math.max(1, attempt.left().toSeconds()) + " s.");
    }

    private static void pause(Duration left) {
        Duration pause = left.compareTo(LONGEST_PAUSE) < 0 ? left.plusMillis(10) : LONGEST_PAUSE;
        try {
            TimeUnit.MILLISECONDS.sleep(pause.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JournalException("Interrupted while waiting for the lease of a run.", e);
        }
    }

    private Attempt attempt(String run) {
        begin();
        return database.write(connection -> {
            UUID other = driverOf(connection, run);
            // The own name without a lease is that of an attempt whose reply was lost.
            if (other != null && !other.equals(driver.id())) {
                Attempt held = heldBy(connection, other);
                if (held != null) {
                    return held;
                }
            }
            return take(connection, run, other);
        });
    }

    private void begin() {
        database.refuseClosed();
        try {
            driver.begin();
        } catch (SQLException e) {
            throw database.unusable(e);
        }
    }

    /** Null when none drives it. */
    private static @Nullable UUID driverOf(Connection connection, String run) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT driver FROM runs WHERE id = ?")) {
            select.setString(1, run);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    throw JournalException.noSuchRun(run);
                }
                return row.getObject(1, UUID.class);
            }
        }
    }

    /** Locks the driver's row against its renewal. Null when its lease has ended. */
    private static @Nullable Attempt heldBy(Connection connection, UUID other) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT expires_at, extract(epoch FROM expires_at - clock_timestamp()) * 1000 FROM drivers"
                        + " WHERE id = ? FOR UPDATE")) {
            select.setObject(1, other);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next() || row.getDouble(2) <= 0) {
                    return null;
                }
                return new Attempt(
                        0,
                        Duration.ofMillis((long) row.getDouble(2) + 1),
                        row.getTimestamp(1).toInstant());
            }
        }
    }

    private Attempt take(Connection connection, String run, @Nullable UUID from) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE runs SET lease_token = lease_token + 1, driver = ?, driven_since = ?"
                        + " WHERE id = ? AND driver IS NOT DISTINCT FROM ?::uuid RETURNING lease_token")) {
            update.setObject(1, driver.id());
            update.setString(2, Timestamps.text(Instant.now()));
            update.setString(3, run);
            update.setObject(4, from);
            try (ResultSet row = update.executeQuery()) {
                // None: another process has taken it since, whose lease the next attempt finds.
                return row.next()
                        ? new Attempt(row.getLong(1), Duration.ZERO, null)
                        : new Attempt(0, Duration.ZERO, null);
            }
        }
    }

    @Override
    public Optional<LockHolder> holder(String run) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(
                    "SELECT d.pid, d.host, r.driven_since FROM runs r"
                            + " JOIN drivers d ON d.id = r.driver WHERE r.id = ? AND d.expires_at > clock_timestamp()")) {
                select.setString(1, run);
                try (ResultSet row = select.executeQuery()) {
                    return row.next()
                            ? Optional.of(
                                    new LockHolder(row.getLong(1), row.getString(2), Instant.parse(row.getString(3))))
                            : Optional.empty();
                }
            }
        });
    }
}
