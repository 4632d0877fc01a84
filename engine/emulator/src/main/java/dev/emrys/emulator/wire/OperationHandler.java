package dev.emrys.emulator.wire;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;

/**
 * Answers operations, and requests about fault rules. A request holds a thread when its whole body has come, and not
 * before. Thread-safe.
 */
final class OperationHandler extends Handler.Abstract {
    private final ResponseWriter responses;
    private final Duration bodyTime;

    OperationHandler(ResponseWriter responses, Duration bodyTime) {
        this.responses = responses;
        this.bodyTime = bodyTime;
    }

    /** The caller has checked that the request names an operation, or is about fault rules. */
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Function<String, WireResponse> answer = answer(request);
        EndPoint connection = request.getConnectionMetaData().getConnection().getEndPoint();
        long idleMillis = connection.getIdleTimeout();
        Content.Source.asByteArrayAsync(
                new TimedBody(request, bodyTime),
                -1,
                Promise.Invocable.from(
                        InvocationType.BLOCKING,
                        body -> {
                            connection.setIdleTimeout(idleMillis);
                            responses.send(respond(answer, body), response, callback);
                        },
                        failure -> reject(request, response, callback, failure)));
        return true;
    }

    private static Function<String, WireResponse> answer(Request request) {
        ServedAccount account = ServedAccount.of(request);
        if (Request.getPathInContext(request).equals(RequestRouter.FAULTS)) {
            return body -> FaultsEndpoint.respond(account.faultRules(), request.getMethod(), body);
        }
        if (IdentityCalls.isFor(request)) {
            return account.identity()::respond;
        }
        String operation = request.getHeaders().get("X-Amz-Target").substring(RequestRouter.TARGET.length());
        return body -> account.operations().respond(operation, body);
    }

    private static WireResponse respond(Function<String, WireResponse> answer, byte[] body) {
        try {
            String json = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
            return answer.apply(json);
        } catch (CharacterCodingException e) {
            return WireResponse.error(400, "SerializationException", "The body is not UTF-8.");
        } catch (RuntimeException e) {
            return WireResponse.error(500, "InternalFailure", "The emulator failed: " + e);
        }
    }

    /** The connection is closed with the answer. */
    private static void reject(Request request, Response response, Callback callback, Throwable failure) {
        if (failure instanceof HttpException http) {
            Response.writeError(request, response, callback, http.getCode(), http.getReason());
        } else if (failure instanceof TimeoutException) {
            Response.writeError(
                    request, response, callback, HttpStatus.REQUEST_TIMEOUT_408, "The body was not complete in time.");
        } else {
            // The peer has closed the connection.
            callback.failed(failure);
        }
    }
}
