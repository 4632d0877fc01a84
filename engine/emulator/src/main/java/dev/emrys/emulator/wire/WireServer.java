package dev.emrys.emulator.wire;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.io.ByteStreams;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
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
import software.amazon.awssdk.services.emr.EmrClient;

/**
 * EMR's endpoint on the loopback interface: any AWS client speaks to it with {@code --endpoint-url} (or its like) and the access
 * token as its access key id; the secret key may be anything. {@code GET /ping} with the header {@code X-Emrys-Token} answers 200.
 *
 * <p>Serves from construction until {@link #close}, with 8 daemon threads.
 */
public final class WireServer implements AutoCloseable {

    /** In bytes; AWS's own limit for EMR is lower than what anybody sends here by mistake. */
    static final int MAX_BODY = 10 * 1024 * 1024;

    private static final int THREADS = 8;
    private static final String TARGET = "ElasticMapReduce.";
    private static final String JSON = "application/x-amz-json-1.1";
    private static final Pattern CREDENTIAL =
            Pattern.compile("AWS4-HMAC-SHA256\\s+(?:.*,\\s*)?Credential=([^/,\\s]+)/.*");

    static {
        // Read once, when the server's class is initialised: without it every call waits 40 ms for a delayed
        // acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final Dispatch dispatch;
    private final byte[] token;
    private final HttpServer server;
    private final ExecutorService executor;
    private final AtomicLong requests = new AtomicLong();

    /**
     * Starts to serve.
     *
     * @param client what the operations are called on
     * @param token the access key id that callers must have; keep it as secret as a password
     * @param port the loopback port, 0 for any that is free
     * @throws IOException the port is taken
     */
    public WireServer(EmrClient client, String token, int port) throws IOException {
        if (token.isBlank() || token.contains("/")) {
            throw new IllegalArgumentException(
                    "The access token is blank or contains a '/': as an access key id it could never be recognised.");
        }
        dispatch = new Dispatch(client);
        this.token = token.getBytes(StandardCharsets.UTF_8);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 0);
        executor = Executors.newFixedThreadPool(THREADS, daemons());
        server.setExecutor(executor);
        server.createContext("/", this::handle);
        server.start();
    }

    /** The port it listens on. */
    public int port() {
        return server.getAddress().getPort();
    }

    /** What to give an AWS client as its endpoint. */
    public URI uri() {
        return URI.create("http://127.0.0.1:" + port());
    }

    /** Stops at once; calls under way are cut off. */
    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer;
            try {
                answer = answer(exchange);
            } catch (RuntimeException e) {
                answer = Answer.error(500, "InternalFailure", "The emulator failed: " + e);
            }
            send(exchange, answer);
        }
    }

    private Answer answer(HttpExchange exchange) throws IOException {
        if (exchange.getRequestMethod().equals("GET")
                && exchange.getRequestURI().getPath().equals("/ping")) {
            return isToken(exchange.getRequestHeaders().getFirst("X-Emrys-Token")) ? Answer.of("{}") : Answer.FORBIDDEN;
        }
        if (!isToken(accessKeyId(exchange.getRequestHeaders().getFirst("Authorization")))) {
            return Answer.FORBIDDEN;
        }
        String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
        if (!exchange.getRequestMethod().equals("POST") || target == null || !target.startsWith(TARGET)) {
            return Answer.error(
                    400,
                    "UnknownOperationException",
                    "This is an endpoint of EMR: POST with the header X-Amz-Target: ElasticMapReduce.<operation>.");
        }
        byte[] body = body(exchange);
        if (body.length > MAX_BODY) {
            return Answer.error(
                    413,
                    "RequestEntityTooLargeException",
                    "The request is larger than " + MAX_BODY + " bytes: split it, or pass large values through S3.");
        }
        return dispatch.answer(target.substring(TARGET.length()), new String(body, StandardCharsets.UTF_8));
    }

    private static byte[] body(HttpExchange exchange) throws IOException {
        try (InputStream in = ByteStreams.limit(exchange.getRequestBody(), MAX_BODY + 1L)) {
            return in.readAllBytes();
        }
    }

    private void send(HttpExchange exchange, Answer answer) throws IOException {
        byte[] bytes = answer.json().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", JSON);
        String id = answer.requestId() == null
                ? String.format("00000000-0000-4000-8000-%012x", requests.incrementAndGet())
                : answer.requestId();
        exchange.getResponseHeaders().set("x-amzn-RequestId", id);
        if (answer.errorType() != null) {
            exchange.getResponseHeaders().set("X-Amzn-ErrorType", answer.errorType());
        }
        exchange.sendResponseHeaders(answer.status(), bytes.length);
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
        AtomicLong number = new AtomicLong();
        return task -> {
            Thread thread = new Thread(task, "emrys-wire-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /**
     * What goes back over the wire.
     *
     * @param errorType absent if it is not an error
     * @param requestId absent if the client gave none
     */
    record Answer(
            int status,
            String json,
            @Nullable String errorType,
            @Nullable String requestId) {

        static final Answer FORBIDDEN =
                error(403, "UnrecognizedClientException", "The security token included in the request is invalid.");

        static Answer of(String json) {
            return new Answer(200, json, null, null);
        }

        /** An error that EMR's model does not know: its text is in {@code message}, in lower case. */
        static Answer error(int status, String type, String message) {
            ObjectNode json = SdkJson.MAPPER.createObjectNode();
            json.put("__type", type).put("message", message);
            return new Answer(status, SdkJson.text(json), type, null);
        }
    }
}
