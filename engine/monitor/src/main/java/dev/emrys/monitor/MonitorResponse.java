package dev.emrys.monitor;

import com.google.common.net.MediaType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** What a request is answered with. The HTTP server leaves out the body where the request is HEAD. */
final class MonitorResponse {
    private static final String TEXT = MediaType.PLAIN_TEXT_UTF_8.toString();
    private static final String JSON = MediaType.JSON_UTF_8.withoutParameters().toString();

    private final int status;
    private final String type;
    private final byte[] body;

    /** @param type the content type */
    MonitorResponse(int status, String type, byte[] body) {
        this.status = status;
        this.type = type;
        this.body = body;
    }

    static MonitorResponse text(int status, String text) {
        return new MonitorResponse(status, TEXT, (text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    static MonitorResponse json(int status, byte[] json) {
        return new MonitorResponse(status, JSON, json);
    }

    /**
     * Sends it, completes the callback and closes the connection: the next request comes after seconds and opens its
     * own.
     */
    void send(Response response, Callback callback) {
        response.setStatus(status);
        response.getHeaders()
                .put(HttpHeader.CONTENT_TYPE, type)
                .put(HttpHeader.CONTENT_LENGTH, body.length)
                .put(HttpHeader.CACHE_CONTROL, "no-store")
                .put(HttpHeader.CONNECTION, "close");
        response.write(true, ByteBuffer.wrap(body), callback);
    }
}
