package dev.emrys.notify;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;

/** What the response to one request means. */
final class WebhookReply {
    /** What is kept of a body; the rest is read and dropped. */
    private static final int BODY_LIMIT = 100;

    /**
     * Slack's error codes, such as {@code invalid_payload}. Other bodies, such as a page of HTML, may repeat the URL.
     */
    private static final Pattern ERROR_CODE = Pattern.compile("[a-z][a-z_]{1,60}");

    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");

    private final String address;
    private final InstantSource clock;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    WebhookReply(String address, InstantSource clock) {
        this.address = address;
        this.clock = clock;
    }

    HttpResponse.BodyHandler<Void> bodyHandler() {
        return HttpResponse.BodyHandlers.ofByteArrayConsumer(part ->
                part.ifPresent(bytes -> body.write(bytes, 0, Math.min(bytes.length, BODY_LIMIT - body.size()))));
    }

    void check(HttpResponse<?> response) throws ChannelException {
        int status = response.statusCode();
        if (status >= 200 && status < 300) {
            return;
        }
        String message = "HTTP " + status + errorCode();
        if (status == 408 || status == 425 || status == 429 || status >= 500) {
            throw ChannelException.retryable(
                    message + ".",
                    response.headers()
                            .firstValue("Retry-After")
                            .map(this::retryAfter)
                            .orElse(Duration.ZERO));
        }
        throw ChannelException.permanent(
                status >= 300 && status < 400 ? message + ": redirects are not followed." : message + ".");
    }

    private String errorCode() {
        String text = body.toString(StandardCharsets.UTF_8).strip();
        return ERROR_CODE.matcher(text).matches() && !address.contains(text) ? " (" + text + ")" : "";
    }

    /** Seconds or a date (RFC 9110, section 10.2.3). */
    private Duration retryAfter(String header) {
        if (SECONDS.matcher(header).matches()) {
            return Duration.ofSeconds(Long.parseLong(header));
        }
        try {
            Instant date = DateTimeFormatter.RFC_1123_DATE_TIME.parse(header, Instant::from);
            Duration wait = Duration.between(clock.instant(), date);
            return wait.isNegative() ? Duration.ZERO : wait;
        } catch (DateTimeException e) {
            return Duration.ZERO;
        }
    }
}
