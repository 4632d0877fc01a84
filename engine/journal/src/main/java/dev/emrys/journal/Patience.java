package dev.emrys.journal;

import java.time.Duration;

/**
 * How a lock of another process on the file is waited for. Writes and reads wait for as long as it lasts.
 *
 * @param busyTimeout how long SQLite itself waits before it reports the lock, and is asked again
 * @param firstWarning how long a lock lasts before it is reported to people
 * @param closing how long a close waits for the lock before the writes still queued fail
 */
record Patience(Duration busyTimeout, Duration firstWarning, Duration closing) {
    static final Patience DEFAULT = new Patience(Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(10));
}
