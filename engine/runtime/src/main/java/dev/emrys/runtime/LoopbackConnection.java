package dev.emrys.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.time.Duration;

/** Connections to the owner process of the local account. */
final class LoopbackConnection {
    private static final int CONNECT_MILLIS = 3_000;
    private static final int READ_MILLIS = 15_000;

    /** After which a call is given up. */
    static final Duration TIMEOUT = Duration.ofMillis(CONNECT_MILLIS + READ_MILLIS);

    private LoopbackConnection() {}

    /**
     * A connection without a proxy. The SDK's own factory would create an SSL context, 60 ms of a start, which plain
     * HTTP does not need.
     */
    static HttpURLConnection open(URI uri) {
        try {
            HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout(CONNECT_MILLIS);
            connection.setReadTimeout(READ_MILLIS);
            return connection;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
