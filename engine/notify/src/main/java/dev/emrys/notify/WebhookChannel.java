package dev.emrys.notify;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.escape.Escaper;
import com.google.common.escape.Escapers;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Sends a notice as an HTTP POST of JSON, in the form of Slack's incoming webhooks, which Mattermost and others take
 * too. The member {@code text} has title and text. The member {@code emrys} has the fields of the notice, for programs;
 * Slack and Mattermost ignore it.
 *
 * <p>Redirects are not followed: the URL is a secret, and a redirect could lead to another host. Any status of 200 to
 * 299 is success; 408, 425, 429 and 500 to 599 are retryable, no sooner than the header {@code Retry-After} says.
 * Thread-safe.
 *
 * @see <a href="https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/">Slack: incoming
 *     webhooks</a>
 */
public final class WebhookChannel implements Channel {
    /** The default limit for a connection. */
    public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** The default limit for the connection, the request and the whole response. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);

    /** Without these a text could mention a whole channel: Slack takes {@code <!channel>} for that. */
    private static final Escaper SLACK = Escapers.builder()
            .addEscape('&', "&amp;")
            .addEscape('<', "&lt;")
            .addEscape('>', "&gt;")
            .build();

    private final String name;
    private final NamedSecret url;
    private final InstantSource clock;
    private final Duration timeout;
    private final HttpClient client;

    /** A webhook with the default limits. */
    public WebhookChannel(String name, NamedSecret url, InstantSource clock) {
        this(name, url, clock, DEFAULT_CONNECT_TIMEOUT, DEFAULT_TIMEOUT);
    }

    /**
     * A webhook.
     *
     * @param name see {@link Channel#name}
     * @param url of the scheme http or https
     * @param clock for a {@code Retry-After} that is a date
     * @param connectTimeout the limit for a connection
     * @param timeout the limit for the connection, the request and the whole response
     */
    public WebhookChannel(
            String name, NamedSecret url, InstantSource clock, Duration connectTimeout, Duration timeout) {
        this.name = name;
        this.url = url;
        this.clock = clock;
        this.timeout = timeout;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(connectTimeout)
                .build();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void send(Notice notice) throws ChannelException {
        String address = url.reveal();
        HttpRequest request = HttpRequest.newBuilder(parse(address))
                .header("Content-Type", "application/json")
                .header("User-Agent", "emrys")
                .POST(HttpRequest.BodyPublishers.ofByteArray(NoticeJson.bytes(body(notice))))
                .build();
        WebhookReply reply = new WebhookReply(address, clock);
        reply.check(call(client.sendAsync(request, reply.bodyHandler())));
    }

    private static ObjectNode body(Notice notice) {
        ObjectNode json = NoticeJson.object();
        json.put("text", SLACK.escape(notice.message()));
        // Names of tasks with * and _ are shown as they are.
        json.put("mrkdwn", false);
        json.set("emrys", NoticeJson.of(notice));
        return json;
    }

    /** The exceptions of a malformed URL have it in their messages. */
    private URI parse(String address) throws ChannelException {
        try {
            URI uri = new URI(address);
            boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            if (http && uri.getHost() != null && uri.getUserInfo() == null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Said below.
        }
        throw ChannelException.permanent("The " + url + " is not an http or https URL of a webhook.");
    }

    private <T> HttpResponse<T> call(CompletableFuture<HttpResponse<T>> call) throws ChannelException {
        try {
            return call.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw ChannelException.retryable(reason(e.getCause()));
        } catch (TimeoutException e) {
            call.cancel(true);
            throw ChannelException.retryable("There was no complete response in " + timeout.toSeconds() + " s.");
        } catch (InterruptedException e) {
            call.cancel(true);
            Thread.currentThread().interrupt();
            throw ChannelException.retryable("The request was interrupted.");
        }
    }

    /** Messages of the client may have the host, which is a part of the secret. */
    private static String reason(@Nullable Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof UnresolvedAddressException) {
                return "The host of the webhook is not known.";
            }
            if (at instanceof SSLException) {
                return "The TLS connection was not established.";
            }
            if (at instanceof HttpTimeoutException) {
                return "The connection was not established in time.";
            }
        }
        return failure instanceof ConnectException ? "The connection was refused." : "The connection broke.";
    }

    @Override
    public String toString() {
        return "webhook " + name;
    }
}
