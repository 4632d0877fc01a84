package dev.emrys.monitor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.concurrent.Semaphore;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Answers requests. Thread-safe. */
final class MonitorHandler extends Handler.Abstract {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HEALTH = "/health";
    private static final String INDEX = """
            /health   200 while the process works, 503 when it has to be looked at or started again; JSON
            /ready    200 while the process does its work, 503 while it cannot yet or cannot any more; JSON
            /metrics  figures in the text format of Prometheus, or in OpenMetrics if asked""";

    private final MonitorAccess access;
    private final CheckRunner health;
    private final CheckRunner readiness;
    private final Metrics metrics;
    private final Semaphore scrapes;

    MonitorHandler(MonitorAccess access, CheckRunner health, CheckRunner readiness, Metrics metrics, int maxScrapes) {
        this.access = access;
        this.health = health;
        this.readiness = readiness;
        this.metrics = metrics;
        scrapes = new Semaphore(maxScrapes);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        String path = Request.getPathInContext(request);
        boolean admitted = access.admits(request.getHeaders().get(HttpHeader.AUTHORIZATION));
        if (!access.serves(request.getHeaders().get(HttpHeader.HOST))) {
            MonitorResponse.text(HttpStatus.FORBIDDEN_403, "The Host header names another host than this one.")
                    .send(response, callback);
        } else if (!request.getMethod().equals("GET") && !request.getMethod().equals("HEAD")) {
            response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
            MonitorResponse.text(HttpStatus.METHOD_NOT_ALLOWED_405, "Only GET and HEAD.")
                    .send(response, callback);
        } else if (!admitted && !path.equals(HEALTH)) {
            response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer realm=\"emrys\"");
            MonitorResponse.text(HttpStatus.UNAUTHORIZED_401, "This needs the header 'Authorization: Bearer TOKEN'.")
                    .send(response, callback);
        } else {
            route(path, admitted, request, response, callback);
        }
        return true;
    }

    private void route(String path, boolean admitted, Request request, Response response, Callback callback) {
        switch (path) {
            case "/" -> MonitorResponse.text(HttpStatus.OK_200, INDEX).send(response, callback);
            case HEALTH -> sendReport(health, admitted, response, callback);
            case "/ready" -> sendReport(readiness, admitted, response, callback);
            case "/metrics" ->
                scrape(request.getHeaders().get(HttpHeader.ACCEPT)).send(response, callback);
            default ->
                MonitorResponse.text(HttpStatus.NOT_FOUND_404, "There is no such path; / lists them.")
                        .send(response, callback);
        }
    }

    private static void sendReport(CheckRunner checks, boolean details, Response response, Callback callback) {
        checks.report()
                .thenAccept(report ->
                        json(details ? report : report.withoutDetails()).send(response, callback))
                .exceptionally(failure -> {
                    callback.failed(failure);
                    return null;
                });
    }

    private static MonitorResponse json(CheckReport report) {
        try {
            int status = report.isOk() ? HttpStatus.OK_200 : HttpStatus.SERVICE_UNAVAILABLE_503;
            return MonitorResponse.json(status, JSON.writeValueAsBytes(report));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private MonitorResponse scrape(@Nullable String accept) {
        if (!scrapes.tryAcquire()) {
            return MonitorResponse.text(
                    HttpStatus.SERVICE_UNAVAILABLE_503, "Too many requests for the metrics at once.");
        }
        try {
            return metrics.scrape(accept);
        } finally {
            scrapes.release();
        }
    }
}
