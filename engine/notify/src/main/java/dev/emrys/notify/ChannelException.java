package dev.emrys.notify;

import java.time.Duration;

/**
 * A channel did not send a notice. Its message contains no secret, and it has no cause, since the message of a
 * library's exception may contain one.
 */
public final class ChannelException extends Exception {
    private final boolean retryable;
    private final Duration retryAfter;

    private ChannelException(String message, boolean retryable, Duration retryAfter) {
        super(message);
        this.retryable = retryable;
        this.retryAfter = retryAfter;
    }

    /** A later attempt may succeed. */
    public static ChannelException retryable(String message) {
        return retryable(message, Duration.ZERO);
    }

    /**
     * A later attempt may succeed.
     *
     * @param retryAfter how long the receiver asks to wait
     */
    public static ChannelException retryable(String message, Duration retryAfter) {
        return new ChannelException(message, true, retryAfter);
    }

    /** Each later attempt would fail the same way. */
    public static ChannelException permanent(String message) {
        return new ChannelException(message, false, Duration.ZERO);
    }

    /** Whether a later attempt may succeed. */
    public boolean isRetryable() {
        return retryable;
    }

    /** How long to wait at least before the next attempt; zero when the receiver did not say. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
