package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/** Asks for something until an operation is over: at first as often as the endpoint is polled, then less often. */
final class OperationPolling {
    /** Between two questions at most; where the endpoint is polled more seldom, its interval. */
    private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(30);

    private final RetryingCaller calls;

    OperationPolling(RetryingCaller calls) {
        this.calls = calls;
    }

    /** One question; {@link #again} asks the next one after a pause. */
    final class Round {
        private final OperationAttempt operation;
        private final Consumer<Round> ask;
        private final Instant since;
        private final Duration interval;

        private Round(OperationAttempt operation, Consumer<Round> ask, Instant since, Duration interval) {
            this.operation = operation;
            this.ask = ask;
            this.since = since;
            this.interval = interval;
        }

        /** Whether EMR has had the time to show what it was asked for before the first question. */
        boolean isSettled() {
            return !calls.now().isBefore(since.plus(calls.endpoint().listingLag()));
        }

        void again() {
            Round next = new Round(operation, ask, since, longer(interval));
            calls.later(ImmutableList.of(operation.run), interval, next::begin);
        }

        private void begin() {
            if (!operation.isOver()) {
                ask.accept(this);
            }
        }
    }

    void poll(OperationAttempt operation, Consumer<Round> ask) {
        new Round(operation, ask, calls.now(), calls.endpoint().pollInterval()).begin();
    }

    private Duration longer(Duration interval) {
        Duration ofEndpoint = calls.endpoint().pollInterval();
        Duration longest = ofEndpoint.compareTo(LONGEST_INTERVAL) < 0 ? LONGEST_INTERVAL : ofEndpoint;
        Duration next = interval.multipliedBy(3).dividedBy(2);
        return next.compareTo(longest) < 0 ? next : longest;
    }
}
