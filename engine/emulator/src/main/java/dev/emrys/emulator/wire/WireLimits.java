package dev.emrys.emulator.wire;

import java.time.Duration;

/**
 * What the endpoint accepts before and after a peer has shown that it knows the token.
 *
 * @param maxHeadBytes of request line and header fields together; more is answered with 431
 * @param maxBodyBytes more is answered with 413
 * @param unauthenticatedTime after it a connection without a complete request head with the token is closed
 * @param bodyTime a request is answered with 408 when nothing of its body has come for that time, or when a part of it
 *     comes later than that after the head
 * @param idleTime after it a connection on which nothing is sent is closed
 * @param maxUnauthenticated how many connections without a request with the token are open at once; one more closes the
 *     oldest of them
 * @param maxConnections how many connections are open at once; the next ones wait in the queue of the operating system
 */
record WireLimits(
        int maxHeadBytes,
        int maxBodyBytes,
        Duration unauthenticatedTime,
        Duration bodyTime,
        Duration idleTime,
        int maxUnauthenticated,
        int maxConnections) {

    /**
     * 16 KiB, 10 MiB, 10 s, 30 s, 2 min, 256 and 2,048. The body's size is above AWS's own limit for EMR. The SDK for
     * Java does not use a connection again that was idle for a minute, so that the server does not close one on which a
     * request begins.
     */
    static final WireLimits DEFAULT = new WireLimits(
            16 * 1024,
            10 * 1024 * 1024,
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofMinutes(2),
            256,
            2_048);
}
