package dev.emrys.monitor;

import com.google.common.base.CharMatcher;
import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import java.net.InetAddress;

/**
 * Where the endpoint listens.
 *
 * @param host the address of a network interface, or the one of all interfaces
 * @param port 0 to 65535; 0 takes any free port
 */
public record MonitorAddress(InetAddress host, int port) {
    private static final String LOOPBACK = "127.0.0.1";
    private static final CharMatcher DIGITS = CharMatcher.inRange('0', '9');

    /** @throws IllegalArgumentException the port is not in its range */
    public MonitorAddress {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("The port " + port + " is not between 0 and 65535.");
        }
    }

    /**
     * Reads a port alone, which is one of 127.0.0.1, or {@code HOST:PORT} with an IP address or {@code localhost} as
     * its host; an IPv6 address is in brackets. Other names are refused, since what they resolve to can change: {@code
     * localhost} is always 127.0.0.1.
     *
     * @throws IllegalArgumentException it is none of these; the message is for people
     */
    public static MonitorAddress parse(String text) {
        try {
            String full = !text.isEmpty() && DIGITS.matchesAllOf(text) ? LOOPBACK + ":" + text : text;
            HostAndPort parts = HostAndPort.fromString(full);
            String host = parts.getHost().equals("localhost") ? LOOPBACK : parts.getHost();
            return new MonitorAddress(InetAddresses.forString(host), parts.getPort());
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no address to listen on. Give a port, or an IP address and a port:"
                            + " 8780, 127.0.0.1:8780, [::1]:8780 or 0.0.0.0:8780.",
                    e);
        }
    }

    /** Whether only processes of this machine can connect. */
    public boolean isLoopback() {
        return host.isLoopbackAddress();
    }

    /** In the form that {@link #parse} reads. */
    @Override
    public String toString() {
        return InetAddresses.toUriString(host) + ":" + port;
    }
}
