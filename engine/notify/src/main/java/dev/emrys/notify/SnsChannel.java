package dev.emrys.notify;

import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hashing;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.MessageAttributeValue;
import software.amazon.awssdk.services.sns.model.PublishRequest;

/**
 * Publishes a notice to an Amazon SNS topic: the title as the subject, title and text as the message, and the
 * attributes {@code kind} and {@code pipeline} for the filters of subscriptions. On a FIFO topic the pipeline is the
 * message group, and SNS drops a repetition of a notice within five minutes.
 *
 * <p>Throttling, expired credentials, replies of 500 and more and what is not a reply are retryable; others are not.
 * Thread-safe.
 *
 * @see <a href="https://docs.aws.amazon.com/sns/latest/api/API_Publish.html">SNS: Publish</a>
 */
public final class SnsChannel implements Channel {
    /** The limit for one call. */
    public static final Duration CALL_TIMEOUT = Duration.ofSeconds(30);

    /** The subject has fewer than 100 characters, and no line breaks and control characters: see {@link Notice}. */
    private static final int MAX_SUBJECT = 99;

    private static final int MESSAGE_LIMIT = 300;

    private static final Pattern TOPIC =
            Pattern.compile("arn:[a-z-]+:sns:([a-z0-9-]+):[0-9]{12}:[A-Za-z0-9_-]{1,256}(\\.fifo)?");

    private final String name;
    private final String topic;
    private final boolean fifo;
    private final SnsClient client;

    private SnsChannel(String name, String topic, boolean fifo, SnsClient client) {
        this.name = name;
        this.topic = topic;
        this.fifo = fifo;
        this.client = client;
    }

    /**
     * A topic, with the credentials that the AWS SDK finds by default, in the region of its ARN.
     *
     * @param name see {@link Channel#name}
     * @param topicArn of a standard or a FIFO topic
     * @throws IllegalArgumentException if it is not the ARN of a topic
     */
    public static SnsChannel of(String name, String topicArn) {
        return of(name, topicArn, null, DefaultCredentialsProvider.builder().build());
    }

    /**
     * A topic of an endpoint.
     *
     * @param endpoint where to send requests; that of the region if null
     * @throws IllegalArgumentException if it is not the ARN of a topic
     */
    public static SnsChannel of(
            String name, String topicArn, @Nullable URI endpoint, AwsCredentialsProvider credentials) {
        Matcher topic = TOPIC.matcher(topicArn);
        if (!topic.matches()) {
            throw new IllegalArgumentException("\"" + topicArn + "\" is not the ARN of an SNS topic.");
        }
        SnsClient client = SnsClient.builder()
                .region(Region.of(topic.group(1)))
                .endpointOverride(endpoint)
                .credentialsProvider(credentials)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .overrideConfiguration(config ->
                        config.retryStrategy(AwsRetryStrategy.doNotRetry()).apiCallTimeout(CALL_TIMEOUT))
                .build();
        return new SnsChannel(name, topicArn, topic.group(2) != null, client);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void send(Notice notice) throws ChannelException {
        PublishRequest.Builder request = PublishRequest.builder()
                .topicArn(topic)
                .subject(Fitted.line(notice.title(), MAX_SUBJECT))
                .message(notice.message())
                .messageAttributes(
                        ImmutableMap.of("kind", text(notice.kind().json()), "pipeline", text(notice.pipeline())));
        if (fifo) {
            request.messageGroupId(hash(notice.pipeline())).messageDeduplicationId(hash(notice.id()));
        }
        try {
            client.publish(request.build());
        } catch (AwsServiceException e) {
            throw refused(e);
        } catch (SdkException e) {
            throw ChannelException.retryable(Fitted.line(String.valueOf(e.getMessage()), MESSAGE_LIMIT));
        }
    }

    private static MessageAttributeValue text(String value) {
        return MessageAttributeValue.builder()
                .dataType("String")
                .stringValue(value)
                .build();
    }

    /** Both ids have at most 128 ASCII characters. */
    private static String hash(String text) {
        return Hashing.sha256().hashString(text, StandardCharsets.UTF_8).toString();
    }

    private static ChannelException refused(AwsServiceException failure) {
        String code = failure.awsErrorDetails() == null
                ? ""
                : String.valueOf(failure.awsErrorDetails().errorCode());
        String text = Fitted.line(
                code + " (HTTP " + failure.statusCode() + "): "
                        + (failure.awsErrorDetails() == null
                                ? failure.getMessage()
                                : failure.awsErrorDetails().errorMessage()),
                MESSAGE_LIMIT);
        boolean retryable = failure.isThrottlingException()
                || failure.isClockSkewException()
                || failure.statusCode() >= 500
                || code.toLowerCase(Locale.ROOT).contains("expired");
        return retryable ? ChannelException.retryable(text) : ChannelException.permanent(text);
    }

    @Override
    public void close() {
        client.close();
    }

    @Override
    public String toString() {
        return "SNS " + name;
    }
}
