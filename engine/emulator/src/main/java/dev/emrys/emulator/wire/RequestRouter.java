package dev.emrys.emulator.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Answers the requests of a peer that has the token; the next handler answers operations. Thread-safe. */
final class RequestRouter extends Handler.Wrapper {
    static final String PING = "/ping";
    static final String CHANGES = "/changes";

    /** What the path of a presigned URL begins with. */
    static final String APP_PAGES = "/app-ui/";
    /** The fault rules of the account. */
    static final String FAULTS = "/_emrys/faults";

    /** Of the answer to a ping. */
    private static final String PROOF_HEADER = "X-Emrys-Proof";

    /** What the header X-Amz-Target of an operation begins with. */
    static final String TARGET = "ElasticMapReduce.";

    private final ResponseWriter responses;
    private final WireLimits limits;
    private final String proof;

    RequestRouter(ResponseWriter responses, WireLimits limits, String proof) {
        this.proof = proof;
        this.responses = responses;
        this.limits = limits;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        String path = Request.getPathInContext(request);
        String target = request.getHeaders().get("X-Amz-Target");
        if (path.equals(CHANGES)) {
            ServedAccount.of(request).changes().handle(request, response, callback);
        } else if (path.equals(PING) && request.getMethod().equals("GET")) {
            response.getHeaders().put(PROOF_HEADER, proof);
            responses.send(WireResponse.of("{}"), response, callback);
        } else if (path.startsWith(APP_PAGES) && request.getMethod().equals("GET")) {
            sendPage(path.substring(APP_PAGES.length()), request, response, callback);
        } else if (!path.equals(FAULTS)
                && !IdentityCalls.isFor(request)
                && (!request.getMethod().equals("POST") || target == null || !target.startsWith(TARGET))) {
            responses.send(
                    WireResponse.error(
                            400,
                            "UnknownOperationException",
                            "This is an endpoint of EMR: POST with the header X-Amz-Target: ElasticMapReduce.<operation>."),
                    response,
                    callback);
        } else if (request.getLength() > limits.maxBodyBytes()) {
            rejectLarge(request, response, callback);
        } else {
            return super.handle(request, response, callback);
        }
        return true;
    }

    /** The gate has found the account by the page, which may have become invalid since. */
    private static void sendPage(String token, Request request, Response response, Callback callback) {
        String html = ServedAccount.of(request).appPage(token).orElse("");
        response.setStatus(html.isEmpty() ? HttpStatus.NOT_FOUND_404 : HttpStatus.OK_200);
        response.getHeaders()
                .put(HttpHeader.CONTENT_TYPE, "text/html;charset=utf-8")
                .put(HttpHeader.CACHE_CONTROL, "no-store")
                .put("Content-Security-Policy", "default-src 'none'");
        response.write(true, ByteBuffer.wrap(html.getBytes(StandardCharsets.UTF_8)), callback);
    }

    /**
     * Answers before the body is read, and then reads it: a client that still sends when the connection is closed would
     * see a reset in place of the answer (RFC 9112, section 9.6).
     */
    private void rejectLarge(Request request, Response response, Callback callback) {
        response.getHeaders().put(HttpHeader.CONNECTION, "close");
        responses.send(
                WireResponse.error(
                        413,
                        "RequestEntityTooLargeException",
                        "The request is larger than " + limits.maxBodyBytes()
                                + " bytes: split it, or pass large values through S3."),
                response,
                Callback.from(
                        () -> Content.Source.consumeAll(new TimedBody(request, limits.bodyTime()), callback),
                        callback::failed));
    }
}
