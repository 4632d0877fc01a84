package dev.emrys.monitor;

import java.time.Duration;

/**
 * What the endpoint accepts.
 *
 * @param maxHeadBytes of request line and header fields together; more is answered with 431
 * @param connectionTime after it a connection is closed, whatever happens on it
 * @param maxConnections how many connections are open at once; one more closes the oldest of them
 * @param maxScrapes how many requests for the metrics are served at once; one more is answered with 503
 * @param checkTime a check that does not answer in that time is failing
 */
record MonitorLimits(
        int maxHeadBytes, Duration connectionTime, int maxConnections, int maxScrapes, Duration checkTime) {

    /** 8 KiB, 30 s, 64, 4 and 5 s. */
    static final MonitorLimits DEFAULT =
            new MonitorLimits(8 * 1024, Duration.ofSeconds(30), 64, 4, Duration.ofSeconds(5));
}
