package dev.emrys.monitor;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableSet;
import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where the endpoint listens and who may read it. An address that other machines can reach exists with a token only.
 * The protocol is HTTP without TLS: where others can read the network, put a proxy with TLS in front. Immutable.
 */
public final class MonitorAccess {
    /** A shorter token could be found by trying. */
    public static final int MIN_TOKEN_LENGTH = 16;

    /** What a bearer token may consist of (RFC 6750, section 2.1). */
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]+=*");

    private static final Pattern BEARER = Pattern.compile("Bearer +(\\S+) *", Pattern.CASE_INSENSITIVE);
    private static final ImmutableSet<String> LOOPBACK_HOSTS = ImmutableSet.of("127.0.0.1", "localhost", "::1");

    private final MonitorAddress address;
    private final byte @Nullable [] token;

    private MonitorAccess(MonitorAddress address, byte @Nullable [] token) {
        this.address = address;
        this.token = token;
    }

    /**
     * Without a token every process of this machine may read everything. With one, {@code /health} without its details
     * is for everyone and the rest needs {@code Authorization: Bearer TOKEN}.
     *
     * @param token at least {@value #MIN_TOKEN_LENGTH} letters, digits and {@code - . _ ~ + /}, {@code =} at its end
     * @throws IllegalArgumentException other machines can reach the address and there is no token, or the token has
     *     another form; the message is for people and does not contain the token
     */
    public static MonitorAccess of(MonitorAddress address, Optional<String> token) {
        if (token.isEmpty() && !address.isLoopback()) {
            throw new IllegalArgumentException("Other machines can reach " + address
                    + ", and there is no token. Give a token, or listen on 127.0.0.1:" + address.port() + ".");
        }
        if (token.isPresent()
                && (token.get().length() < MIN_TOKEN_LENGTH
                        || !TOKEN.matcher(token.get()).matches())) {
            throw new IllegalArgumentException("The token must have at least " + MIN_TOKEN_LENGTH
                    + " letters, digits or - . _ ~ + /, such as 'openssl rand -hex 32' prints.");
        }
        return new MonitorAccess(
                address,
                token.map(text -> text.getBytes(StandardCharsets.UTF_8)).orElse(null));
    }

    /** Where the endpoint listens. */
    public MonitorAddress address() {
        return address;
    }

    /** Whether a request with this Authorization header may read everything. */
    boolean admits(@Nullable String authorization) {
        if (token == null) {
            return true;
        }
        if (authorization == null) {
            return false;
        }
        Matcher given = BEARER.matcher(authorization);
        return given.matches() && MessageDigest.isEqual(token, given.group(1).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Whether a request with this Host header is meant for this endpoint. A page in a browser of this machine can send
     * requests under a name of its own that resolves to a loopback address (DNS rebinding). Such a request names the
     * page's host. Beyond loopback, the names of this machine are not known, and the page has no token.
     */
    boolean serves(@Nullable String host) {
        if (!address.isLoopback()) {
            return true;
        }
        if (host == null) {
            return false;
        }
        try {
            String name = Ascii.toLowerCase(HostAndPort.fromString(host).getHost());
            return LOOPBACK_HOSTS.contains(name) || name.equals(InetAddresses.toAddrString(address.host()));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Without the token. */
    @Override
    public String toString() {
        return address + (token == null ? " without a token" : " with a token");
    }
}
