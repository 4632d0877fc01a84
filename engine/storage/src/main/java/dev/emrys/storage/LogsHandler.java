package dev.emrys.storage;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hashing;
import dev.emrys.storage.logs.LogsException;
import dev.emrys.storage.logs.LogsService;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Answers the requests of CloudWatch Logs (JSON 1.1). Their bodies are signed, and most clients send no digest of them
 * in the head, so a body is read before its signature is verified: only of requests with a known access key, few at a
 * time, and of limited length. Thread-safe.
 *
 * @see <a href="https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html">AWS JSON 1.1</a>
 */
final class LogsHandler {
    /** Each request of this protocol has it, and none of S3. */
    static final String TARGET = "X-Amz-Target";

    private static final String SERVICE = "logs";
    private static final String JSON = "application/x-amz-json-1.1";

    /** A batch of 1 MiB, each byte of which may take six as JSON, and what is around 10,000 events. */
    private static final int MAX_BODY_BYTES = 8 << 20;

    private static final int MAX_BODIES = 4;

    /** The names of S3's errors in this protocol. */
    private static final ImmutableMap<String, String> TYPES = ImmutableMap.of(
            "AccessDenied", "MissingAuthenticationTokenException",
            "AuthorizationHeaderMalformed", "IncompleteSignatureException",
            "InvalidAccessKeyId", "UnrecognizedClientException",
            "RequestTimeTooSkewed", "InvalidSignatureException",
            "SignatureDoesNotMatch", "InvalidSignatureException",
            "XAmzContentSHA256Mismatch", "InvalidSignatureException");

    private final Signatures signatures;
    private final LogsService service;
    private final Semaphore bodies = new Semaphore(MAX_BODIES);

    LogsHandler(Signatures signatures, LogsService service) {
        this.signatures = signatures;
        this.service = service;
    }

    /**
     * Answers.
     *
     * @param authenticated called when the signature is valid
     */
    void handle(S3Request request, String id, Runnable authenticated, Response response, Callback callback)
            throws IOException {
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, JSON);
        response.getHeaders().put("x-amzn-RequestId", id);
        boolean isSigned = false;
        try {
            byte[] answer;
            signatures.checkKey(request, SERVICE);
            // Not longer: whoever sends slowly must not keep the threads that S3 needs too. Clients try again.
            if (!bodies.tryAcquire(1, TimeUnit.SECONDS)) {
                throw new LogsException("ThrottlingException", "Rate exceeded");
            }
            try {
                byte[] body = body(request);
                signatures.verify(
                        request, SERVICE, Hashing.sha256().hashBytes(body).toString());
                isSigned = true;
                authenticated.run();
                String target = request.header(TARGET);
                answer = service.respond(target == null ? "" : target, body);
            } finally {
                bodies.release();
            }
            response.setStatus(HttpStatus.OK_200);
            response.write(true, ByteBuffer.wrap(answer), callback);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            sendFailure("The endpoint stops.", response, callback);
        } catch (LogsException e) {
            sendError(e.type(), e.text(), HttpStatus.BAD_REQUEST_400, isSigned, response, callback);
        } catch (S3Exception e) {
            String type = TYPES.getOrDefault(e.code(), "InvalidParameterException");
            sendError(type, e.text(), HttpStatus.BAD_REQUEST_400, isSigned, response, callback);
        }
    }

    /** As {@link #handle} answers what cannot be read or written. */
    static void sendFailure(String message, Response response, Callback callback) {
        sendError("ServiceUnavailableException", message, 500, false, response, callback);
    }

    private static byte[] body(S3Request request) throws IOException, LogsException {
        LogsException tooLong = new LogsException(
                "RequestEntityTooLargeException", "A request has at most " + MAX_BODY_BYTES + " bytes.");
        if (request.length() > MAX_BODY_BYTES) {
            throw tooLong;
        }
        try (InputStream in = request.body()) {
            byte[] body = in.readNBytes(MAX_BODY_BYTES + 1);
            if (body.length > MAX_BODY_BYTES) {
                throw tooLong;
            }
            return body;
        }
    }

    private static void sendError(
            String type, String text, int status, boolean isReusable, Response response, Callback callback) {
        response.setStatus(status);
        response.getHeaders().put("x-amzn-ErrorType", type);
        if (!isReusable) {
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
        }
        String json = JsonNodeFactory.instance
                .objectNode()
                .put("__type", type)
                .put("message", text)
                .toString();
        response.write(true, ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8)), callback);
    }
}
