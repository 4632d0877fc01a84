package dev.emrys.emulator.wire;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.emrys.http.LimitedConnections;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.HostPort;
import org.jspecify.annotations.Nullable;

/**
 * Rejects a request by its head, before any of its body is read: when it is for another host or has not the token.
 * Thread-safe.
 *
 * <p>A page in a browser of this machine can send requests to this endpoint under a name of its own that resolves to
 * 127.0.0.1 (DNS rebinding). Such a request names the page's host.
 */
final class AccessGate extends Handler.Wrapper {
    private static final ImmutableSet<String> HOSTS = ImmutableSet.of("127.0.0.1", "localhost", "[::1]");
    private static final String TOKEN_HEADER = "X-Emrys-Token";
    private static final Pattern CREDENTIAL =
            Pattern.compile("AWS4-HMAC-SHA256\\s+(?:.*,\\s*)?Credential=([^/,\\s]+)/.*");

    private final ImmutableList<ServedAccount> accounts;
    private final LimitedConnections unauthenticated;
    private final ResponseWriter responses;

    AccessGate(ImmutableList<ServedAccount> accounts, LimitedConnections unauthenticated, ResponseWriter responses) {
        this.accounts = accounts;
        this.unauthenticated = unauthenticated;
        this.responses = responses;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (!isLoopback(request.getHeaders().get(HttpHeader.HOST))) {
            responses.sendLast(
                    WireResponse.error(
                            403,
                            "AccessDeniedException",
                            "The Host header names another host than 127.0.0.1, localhost or [::1]."),
                    response,
                    callback);
            return true;
        }
        String path = Request.getPathInContext(request);
        // A presigned URL is for browsers: the token is in its path, and opens that page alone.
        boolean isPage =
                path.startsWith(RequestRouter.APP_PAGES) && request.getMethod().equals("GET");
        ServedAccount account = isPage
                ? ServedAccount.withPage(accounts, path.substring(RequestRouter.APP_PAGES.length()))
                : ServedAccount.of(accounts, givenToken(request));
        if (account == null) {
            responses.sendLast(
                    IdentityCalls.isFor(request) ? IdentityCalls.FORBIDDEN : WireResponse.FORBIDDEN,
                    response,
                    callback);
            return true;
        }
        account.accept(request);
        unauthenticated.exempt(request.getConnectionMetaData().getConnection());
        return super.handle(request, response, callback);
    }

    private static boolean isLoopback(@Nullable String host) {
        if (host == null) {
            return false;
        }
        try {
            return HOSTS.contains(Ascii.toLowerCase(new HostPort(host).getHost()));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static @Nullable String givenToken(Request request) {
        return switch (Request.getPathInContext(request)) {
            case RequestRouter.PING, RequestRouter.CHANGES ->
                request.getHeaders().get(TOKEN_HEADER);
            case RequestRouter.FAULTS -> {
                String token = request.getHeaders().get(TOKEN_HEADER);
                yield token == null ? accessKeyId(request.getHeaders().get(HttpHeader.AUTHORIZATION)) : token;
            }
            default -> accessKeyId(request.getHeaders().get(HttpHeader.AUTHORIZATION));
        };
    }

    private static @Nullable String accessKeyId(@Nullable String authorization) {
        if (authorization == null) {
            return null;
        }
        Matcher matcher = CREDENTIAL.matcher(authorization);
        return matcher.matches() ? matcher.group(1) : null;
    }
}
