package dev.emrys.emulator.wire;

import com.google.common.collect.ImmutableMap;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/**
 * Sends responses, also those to requests that the HTTP server rejects itself, with the headers of EMR. Thread-safe.
 */
final class ResponseWriter implements Request.Handler {
    private static final String JSON = "application/x-amz-json-1.1";
    private static final String XML = "text/xml";

    private static final ImmutableMap<Integer, String> ERROR_TYPES = ImmutableMap.of(
            HttpStatus.REQUEST_TIMEOUT_408, "RequestTimeoutException",
            HttpStatus.PAYLOAD_TOO_LARGE_413, "RequestEntityTooLargeException",
            HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431, "RequestHeaderFieldsTooLargeException",
            HttpStatus.INTERNAL_SERVER_ERROR_500, "InternalFailure");

    private final AtomicLong requests = new AtomicLong();

    /** Sends the response and completes the callback. */
    void send(WireResponse wire, Response response, Callback callback) {
        String id = wire.requestId() == null
                ? String.format("00000000-0000-4000-8000-%012x", requests.incrementAndGet())
                : wire.requestId();
        response.setStatus(wire.status());
        response.getHeaders()
                .put(HttpHeader.CONTENT_TYPE, wire.isXml() ? XML : JSON)
                .put("x-amzn-RequestId", id);
        if (wire.errorType() != null) {
            response.getHeaders().put("X-Amzn-ErrorType", wire.errorType());
        }
        response.write(true, ByteBuffer.wrap(wire.json().getBytes(StandardCharsets.UTF_8)), callback);
    }

    /** As the other one, and closes the connection: a rejected peer must not keep it. */
    void sendLast(WireResponse wire, Response response, Callback callback) {
        response.getHeaders().put(HttpHeader.CONNECTION, "close");
        send(wire, response, callback);
    }

    /** Answers what the HTTP server rejects: a head or body that is malformed, too large or too slow. */
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        String type = ERROR_TYPES.getOrDefault(status, "BadRequestException");
        Object message = request.getAttribute(ErrorHandler.ERROR_MESSAGE);
        String text = message == null ? HttpStatus.getMessage(status) : message.toString();
        sendLast(WireResponse.error(status, type, text), response, callback);
        return true;
    }
}
