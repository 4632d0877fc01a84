package dev.emrys.journal;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.sqlite.SQLiteErrorCode;

/** Waits while another process has locked the file, for as long as it takes, and reports it. Thread-safe. */
final class BusyWait {
    private static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(1);
    private static final Duration PAUSE = Duration.ofMillis(5);

    private final Path file;
    private final Consumer<String> warnings;
    private final Duration firstWarning;

    /** @param firstWarning how long a lock may last before it is reported */
    BusyWait(Path file, Duration firstWarning, Consumer<String> warnings) {
        this.file = file;
        this.warnings = warnings;
        this.firstWarning = firstWarning;
    }

    /** Something that changes nothing when the file is locked. */
    interface Attempt<T> {
        T call() throws SQLException;
    }

    <T> T call(Attempt<T> attempt) throws SQLException {
        return call(attempt, () -> false);
    }

    /** @param giveUp when the lock is no longer waited for: the attempt's failure is thrown */
    <T> T call(Attempt<T> attempt, BooleanSupplier giveUp) throws SQLException {
        long start = System.nanoTime();
        Duration nextWarning = firstWarning;
        while (true) {
            try {
                return attempt.call();
            } catch (SQLException e) {
                if (!SqliteFile.is(e, SQLiteErrorCode.SQLITE_BUSY) || giveUp.getAsBoolean()) {
                    throw e;
                }
            }
            Duration waited = Duration.ofNanos(System.nanoTime() - start);
            if (waited.compareTo(nextWarning) >= 0) {
                warnings.accept("The journal " + file + " has been locked by another process for " + waited.toSeconds()
                        + " s; waiting.\n    If it lasts, end the process that has the file open.");
                nextWarning = waited.plus(BETWEEN_WARNINGS);
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }
}
