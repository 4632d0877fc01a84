package dev.emrys.journal;

import java.time.Duration;

/**
 * Of a timed lease.
 *
 * @param duration how long a lease lasts after its last renewal, by the server's clock; how long the runs of a process
 *     that died wait at most
 * @param renewal how often it is renewed
 */
record LeaseTimes(Duration duration, Duration renewal) {
    static final LeaseTimes DEFAULT = new LeaseTimes(Duration.ofSeconds(30), Duration.ofSeconds(5));
}
