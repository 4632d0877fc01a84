package dev.emrys.spec;

import java.time.Duration;

/**
 * How long to wait before the next attempt: {@code initial * factor^(n-1)}, never more than {@code max}, spread by
 * {@code jitter}.
 *
 * @param initial the wait before the second attempt
 * @param factor 1 for a constant wait, 2 for a doubling one
 * @param max the longest wait, before jitter
 * @param jitter the share by which a wait may be longer or shorter: 0 is none, 0.2 is between 80 % and 120 %
 */
public record Backoff(Duration initial, double factor, Duration max, double jitter) {

    public static final Backoff DEFAULT = new Backoff(Duration.ofSeconds(30), 2, Duration.ofMinutes(10), 0.2);

    void check(SourceLocation location, Diagnostics diagnostics) {
        diagnostics.unless(
                !initial.isNegative() && !max.isNegative(), PipelineCode.BACKOFF_NEGATIVE, location, initial, max);
        diagnostics.unless(factor >= 1 && factor <= 100, PipelineCode.BACKOFF_FACTOR, location, factor);
        diagnostics.unless(jitter >= 0 && jitter <= 1, PipelineCode.BACKOFF_JITTER, location, jitter);
    }

    /**
     * The wait before attempt {@code attempt + 1}.
     *
     * @param attempt the attempt that failed, 1-based
     * @param spread a number from 0 (shortest) to 1 (longest) that places the wait within its jitter
     */
    public Duration afterAttempt(int attempt, double spread) {
        double base = (double) initial.toMillis() * Math.pow(factor, attempt - 1.0);
        double capped = Math.min(base, (double) max.toMillis());
        return Duration.ofMillis(Math.round(capped * (1 + jitter * (2 * spread - 1))));
    }
}
