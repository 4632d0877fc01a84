package dev.emrys.emulator.wire;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.io.ByteStreams;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.emrys.emulator.Emulator;
import dev.emrys.emulator.SdkJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * EMR's endpoint on the loopback interface: any AWS client can use it with {@code --endpoint-url} (or an equivalent setting) and
 * the access token as its access key id, with any secret key. {@code GET /ping} with the header {@code X-Emrys-Token} returns 200, and
 * {@code GET /changes} with that header waits for changes of states, see {@link ChangeFeed}.
 *
 * <p>Serves from construction until {@link #close}, with 8 daemon threads.
 */
public final class WireServer implements AutoCloseable {

    /** In bytes; above AWS's own limit for EMR. */
    static final int MAX_BODY = 10 * 1024 * 1024;

    private static final int THREADS = 8;
    private static final String TARGET = "ElasticMapReduce.";
    private static final String JSON = "application/x-amz-json-1.1";
    private static final Pattern CREDENTIAL =
            Pattern.compile("AWS4-HMAC-SHA256\\s+(?:.*,\\s*)?Credential=([^/,\\s]+)/.*");

    static {
        // The JDK reads it when its server class is initialised. Without it every call waits 40 ms for a delayed TCP
        // acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private static final String TOKEN_HEADER = "X-Emrys-Token";

    private final OperationDispatcher dispatch;
    private final byte[] token;
    private final HttpServer server;
    private final ExecutorService executor;
    private final ChangeFeed changes;
    private final AtomicLong requests = new AtomicLong();

    /**
     * Starts to serve.
     *
     * @param emulator receives the operations
     * @param token the access key id that callers must send; as secret as a password
     * @param port the loopback port, 0 for any free port
     * @throws IOException the port is in use
     */
    public WireServer(Emulator emulator, String token, int port) throws IOException {
        if (token.isBlank() || token.contains("/")) {
            throw new IllegalArgumentException(
                    "The access token is blank or contains a '/', which an access key id cannot contain.");
        }
        dispatch = new OperationDispatcher(emulator);
        this.token = token.getBytes(StandardCharsets.UTF_8);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 0);
        executor = Executors.newFixedThreadPool(THREADS, daemons());
        server.setExecutor(executor);
        changes = new ChangeFeed(emulator.stateChanges(), executor);
        server.createContext("/changes", this::handleChanges);
        server.createContext("/", this::handle);
        server.start();
    }

    /** The port it listens on. */
    public int port() {
        return server.getAddress().getPort();
    }

    /** The endpoint for AWS clients. */
    public URI uri() {
        return URI.create("http://127.0.0.1:" + port());
    }

    /** Stops at once and aborts running calls. */
    @Override
    public void close() {
        changes.close();
        server.stop(0);
        executor.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            WireResponse respond;
            try {
                respond = respond(exchange);
            } catch (RuntimeException e) {
                respond = WireResponse.error(500, "InternalFailure", "The emulator failed: " + e);
            }
            send(exchange, respond);
        }
    }

    private void handleChanges(HttpExchange exchange) throws IOException {
        if (isToken(exchange.getRequestHeaders().getFirst(TOKEN_HEADER))) {
            changes.handle(exchange);
        } else {
            try (exchange) {
                send(exchange, WireResponse.FORBIDDEN);
            }
        }
    }

    private WireResponse respond(HttpExchange exchange) throws IOException {
        if (exchange.getRequestMethod().equals("GET")
                && exchange.getRequestURI().getPath().equals("/ping")) {
            return isToken(exchange.getRequestHeaders().getFirst(TOKEN_HEADER))
                    ? WireResponse.of("{}")
                    : WireResponse.FORBIDDEN;
        }
        if (!isToken(accessKeyId(exchange.getRequestHeaders().getFirst("Authorization")))) {
            return WireResponse.FORBIDDEN;
        }
        String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
        if (!exchange.getRequestMethod().equals("POST") || target == null || !target.startsWith(TARGET)) {
            return WireResponse.error(
                    400,
                    "UnknownOperationException",
                    "This is an endpoint of EMR: POST with the header X-Amz-Target: ElasticMapReduce.<operation>.");
        }
        byte[] body = body(exchange);
        if (body.length > MAX_BODY) {
            return WireResponse.error(
                    413,
                    "RequestEntityTooLargeException",
                    "The request is larger than " + MAX_BODY + " bytes: split it, or pass large values through S3.");
        }
        return dispatch.respond(target.substring(TARGET.length()), new String(body, StandardCharsets.UTF_8));
    }

    private static byte[] body(HttpExchange exchange) throws IOException {
        try (InputStream in = ByteStreams.limit(exchange.getRequestBody(), MAX_BODY + 1L)) {
            return in.readAllBytes();
        }
    }

    private void send(HttpExchange exchange, WireResponse respond) throws IOException {
        byte[] bytes = respond.json().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", JSON);
        String id = respond.requestId() == null
                ? String.format("00000000-0000-4000-8000-%012x", requests.incrementAndGet())
                : respond.requestId();
        exchange.getResponseHeaders().set("x-amzn-RequestId", id);
        if (respond.errorType() != null) {
            exchange.getResponseHeaders().set("X-Amzn-ErrorType", respond.errorType());
        }
        exchange.sendResponseHeaders(respond.status(), bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    private boolean isToken(@Nullable String given) {
        return given != null && MessageDigest.isEqual(token, given.getBytes(StandardCharsets.UTF_8));
    }

    private static @Nullable String accessKeyId(@Nullable String authorization) {
        if (authorization == null) {
            return null;
        }
        Matcher matcher = CREDENTIAL.matcher(authorization);
        return matcher.matches() ? matcher.group(1) : null;
    }

    private static ThreadFactory daemons() {
        return new ThreadFactoryBuilder()
                .setNameFormat("emrys-wire-%d")
                .setDaemon(true)
                .build();
    }

    /**
     * An HTTP response.
     *
     * @param errorType absent if it is not an error
     * @param requestId absent if the client returned none
     */
    record WireResponse(
            int status,
            String json,
            @Nullable String errorType,
            @Nullable String requestId) {

        static final WireResponse FORBIDDEN =
                error(403, "UnrecognizedClientException", "The security token included in the request is invalid.");

        static WireResponse of(String json) {
            return new WireResponse(200, json, null, null);
        }

        /** An error without a shape in EMR's model: its text is in {@code message}, in lower case. */
        static WireResponse error(int status, String type, String message) {
            ObjectNode json = SdkJson.MAPPER.createObjectNode();
            json.put("__type", type).put("message", message);
            return new WireResponse(status, SdkJson.text(json), type, null);
        }
    }
}
