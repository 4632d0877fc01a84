package dev.emrys.storage;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableSet;
import dev.emrys.http.LimitedConnections;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.HostPort;
import org.eclipse.jetty.util.IO;
import org.jspecify.annotations.Nullable;

/**
 * Answers the requests of S3, and gives those of CloudWatch Logs to their handler. A request without a valid signature
 * is rejected by its head, and its connection closed. Thread-safe.
 */
final class S3Handler extends Handler.Abstract {
    /** A page of another origin can reach this address under a name of its own (DNS rebinding). */
    private static final ImmutableSet<String> HOSTS = ImmutableSet.of("127.0.0.1", "localhost", "[::1]");

    private static final int BUFFER_BYTES = 64 * 1024;

    /** So much of a body is read before an error is sent: a client that still sends could see a reset in its place. */
    private static final long DRAINED_BYTES = 32L << 20;

    /**
     * As {@link #DRAINED_BYTES}, when the client waits for an answer before it sends: some do not read an error that
     * comes then.
     */
    private static final long EXPECTED_BYTES = 1L << 20;

    private final Signatures signatures;
    private final S3Operations operations;
    private final @Nullable LogsHandler logs;
    private final LimitedConnections unauthenticated;
    private final AtomicLong requests = new AtomicLong();

    /** @param logs absent: requests of CloudWatch Logs are answered as those of S3 */
    S3Handler(
            Signatures signatures,
            S3Operations operations,
            Optional<LogsHandler> logs,
            LimitedConnections unauthenticated) {
        this.signatures = signatures;
        this.operations = operations;
        this.logs = logs.orElse(null);
        this.unauthenticated = unauthenticated;
    }

    @Override
    public boolean handle(Request http, Response response, Callback callback) {
        String id = String.format("%016X", requests.incrementAndGet());
        boolean isSigned = false;
        try {
            if (!isLoopback(http.getHeaders().get(HttpHeader.HOST))) {
                throw S3Exception.forbidden(
                        "AccessDenied", "The Host header names another host than 127.0.0.1, localhost or [::1].");
            }
            S3Request request = new S3Request(http);
            if (logs != null && request.header(LogsHandler.TARGET) != null) {
                handleLogs(logs, request, id, http, response, callback);
                return true;
            }
            Authorization authorization = signatures.verify(request);
            isSigned = true;
            unauthenticated.exempt(http.getConnectionMetaData().getConnection());
            send(operations.respond(request, authorization), id, response, callback);
        } catch (S3Exception e) {
            boolean isReusable = isSigned && isDrained(http);
            sendError(e, id, isReusable, http, response, callback);
        } catch (FileSystemException e) {
            S3Exception error = new S3Exception(
                    HttpStatus.INTERNAL_SERVER_ERROR_500,
                    "InternalError",
                    "The folder cannot be used: " + e.getMessage());
            sendError(error, id, false, http, response, callback);
        } catch (IOException e) {
            if (http.getConnectionMetaData().getConnection().getEndPoint().isOpen()) {
                S3Exception error = new S3Exception(
                        HttpStatus.INTERNAL_SERVER_ERROR_500, "InternalError", "The request failed: " + e.getMessage());
                sendError(error, id, false, http, response, callback);
            } else {
                callback.failed(e);
            }
        }
        return true;
    }

    private void handleLogs(
            LogsHandler handler, S3Request request, String id, Request http, Response response, Callback callback) {
        try {
            handler.handle(
                    request,
                    id,
                    () -> unauthenticated.exempt(http.getConnectionMetaData().getConnection()),
                    response,
                    callback);
        } catch (IOException e) {
            LogsHandler.sendFailure("The folder of the logs cannot be used: " + e.getMessage(), response, callback);
        }
    }

    private static void send(S3Response answer, String id, Response response, Callback callback) {
        response.setStatus(answer.status());
        answer.headers().forEach((name, value) -> response.getHeaders().put(name, value));
        response.getHeaders().put("x-amz-request-id", id);
        S3Response.Content content = answer.content();
        ByteBuffer xml = answer.xml();
        if (content != null) {
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, content.length());
            if (!content.isSent() || content.length() == 0) {
                IO.close(content.channel());
                response.write(true, null, callback);
                return;
            }
            Content.Source source = Content.Source.from(
                    new ByteBufferPool.Sized(
                            response.getRequest().getComponents().getByteBufferPool(), false, BUFFER_BYTES),
                    content.channel(),
                    content.offset(),
                    content.length());
            Content.copy(source, response, Callback.from(callback, () -> IO.close(content.channel())));
            return;
        }
        if (xml != null) {
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/xml");
            response.write(true, xml, callback);
        } else {
            response.write(true, null, callback);
        }
    }

    private static void sendError(
            S3Exception error, String id, boolean isReusable, Request http, Response response, Callback callback) {
        response.setStatus(error.status());
        response.getHeaders().put("x-amz-request-id", id);
        if (!isReusable) {
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
        }
        if (error.range() != null) {
            response.getHeaders().put(HttpHeader.CONTENT_RANGE, error.range());
        }
        if (http.getMethod().equals("HEAD") || error.status() == HttpStatus.NOT_MODIFIED_304) {
            response.write(true, null, callback);
            return;
        }
        String path = http.getHttpURI().getPath();
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/xml");
        byte[] xml = S3Xml.error(error.code(), error.text(), path == null ? "/" : path, id);
        response.write(true, ByteBuffer.wrap(xml), callback);
    }

    /** Reads the rest of a body. False when it is too long, or cannot be read. */
    private static boolean isDrained(Request http) {
        boolean waits = http.getHeaders().contains(HttpHeader.EXPECT);
        if (http.getLength() > (waits ? EXPECTED_BYTES : DRAINED_BYTES)) {
            return false;
        }
        try (InputStream in = Content.Source.asInputStream(http)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            long total = 0;
            for (int count = in.read(buffer); count >= 0 && total <= DRAINED_BYTES; count = in.read(buffer)) {
                total += count;
            }
            return total <= DRAINED_BYTES;
        } catch (IOException e) {
            return false;
        }
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

    /** Answers what the HTTP server rejects: a head that is malformed or too large. */
    static final class Rejections implements Request.Handler {
        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            Object message = request.getAttribute(ErrorHandler.ERROR_MESSAGE);
            int status = response.getStatus();
            String text = message == null ? HttpStatus.getMessage(status) : message.toString();
            String code = status == HttpStatus.INTERNAL_SERVER_ERROR_500 ? "InternalError" : "InvalidRequest";
            sendError(new S3Exception(status, code, text), "0", false, request, response, callback);
            return true;
        }
    }
}
