package dev.emrys.aws;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/**
 * By how much the clock of AWS is ahead of this machine's, from the header {@code Date} of its answers, which is exact
 * to a second. Thread-safe.
 */
final class ServiceClock implements ExecutionInterceptor {
    /** Of which a part is the header's precision, and another the way of the answer. */
    private static final Duration NOISE = Duration.ofSeconds(5);

    private final InstantSource clock;
    private volatile Duration ahead = Duration.ZERO;

    /** @param clock of this machine */
    ServiceClock(InstantSource clock) {
        this.clock = clock;
    }

    /** Negative when it is behind; zero while no answer has told it. */
    Duration ahead() {
        return ahead;
    }

    @Override
    public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes attributes) {
        // An error may come from a proxy.
        if (context.httpResponse().isSuccessful()) {
            context.httpResponse().firstMatchingHeader("Date").ifPresent(this::take);
        }
    }

    private void take(String date) {
        try {
            Instant remote = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date));
            Duration difference = Duration.between(clock.instant(), remote);
            ahead = difference.abs().compareTo(NOISE) < 0 ? Duration.ZERO : difference;
        } catch (DateTimeException e) {
            // It tells nothing.
        }
    }
}
