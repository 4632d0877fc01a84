package dev.emrys.emr;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.emr.EmrClient;

/**
 * Makes blocking calls on the bounded pool, and repeats them after a pause as long as the cause is outside: waiting is never failure.
 * Thread-safe.
 */
final class RetryingCaller {
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final int SILENT_TRIES = 3;

    private final Endpoint endpoint;
    private final EmrDependencies dependencies;
    private volatile boolean closed;
    private volatile Consumer<Throwable> onBug = bug -> {};
    private int inFlight;
    private final CompletableFuture<@Nullable Void> whenIdle = new CompletableFuture<>();

    RetryingCaller(Endpoint endpoint, EmrDependencies dependencies) {
        this.endpoint = endpoint;
        this.dependencies = dependencies;
    }

    /** Work that may make several calls. */
    interface Work {
        /** @param tries how often it was run before */
        void run(EmrClient client, int tries);
    }

    /** What to do when the service refused the request. */
    interface OnRefusal {
        void refused(CallFailure.Refused answer);
    }

    Endpoint endpoint() {
        return endpoint;
    }

    EmrDependencies dependencies() {
        return dependencies;
    }

    Instant now() {
        return dependencies.clock().instant();
    }

    /** Runs the work, and runs it again after every failure that is not a refusal. */
    void begin(String what, Work work, OnRefusal onRefusal) {
        begin(what, work, onRefusal, 0);
    }

    /** Runs the work, and runs it again after every failure, a refusal too, with warnings. */
    void retryForever(String what, Work work) {
        begin(what, work, null, 0);
    }

    /** As {@link #begin(String, Work, OnRefusal)}, for work that had to wait in between: its tries are counted on. */
    void begin(String what, Work work, @Nullable OnRefusal onRefusal, int tries) {
        dependencies.calls().execute(() -> {
            if (enter()) {
                try {
                    attempt(what, work, onRefusal, tries);
                } finally {
                    leave();
                }
            }
        });
    }

    /** Takes what is neither an answer of EMR nor a failure on the way to it: a bug. */
    void onBug(Consumer<Throwable> handler) {
        this.onBug = handler;
    }

    private void attempt(String what, Work work, @Nullable OnRefusal onRefusal, int tries) {
        CallFailure failure;
        try {
            work.run(endpoint.client(), tries);
            return;
        } catch (SdkException | Endpoint.UnavailableException | CallFailure.RejectedLookupException e) {
            failure = CallFailure.of(e);
        } catch (Throwable e) {
            onBug.accept(e);
            return;
        }
        if (failure instanceof CallFailure.Refused refused && onRefusal != null) {
            onRefusal.refused(refused);
            return;
        }
        warnIfLasting(what, failure, tries);
        if (failure instanceof CallFailure.Ambiguous ambiguous && ambiguous.unreachable()) {
            endpoint.unreachable();
        }
        later(pause(tries), () -> begin(what, work, onRefusal, tries + 1));
    }

    private synchronized boolean enter() {
        if (closed) {
            return false;
        }
        inFlight++;
        return true;
    }

    private void leave() {
        boolean last;
        synchronized (this) {
            inFlight--;
            last = closed && inFlight == 0;
        }
        if (last) {
            whenIdle.complete(null);
        }
    }

    /** Completes when this is closed and no call is in flight. */
    CompletableFuture<@Nullable Void> whenIdle() {
        return whenIdle.copy();
    }

    /** Makes a request whose refusal does no harm: a warning says so. Any other failure is thrown. */
    void requestOrWarn(String otherwise, Runnable request) {
        try {
            request.run();
        } catch (AwsServiceException e) {
            if (!(CallFailure.of(e) instanceof CallFailure.Refused refused)) {
                throw e;
            }
            dependencies.warnings().accept(otherwise + ": " + refused.text());
        }
    }

    /** Warns of a failure that lasts, not of a short one. */
    void warnIfLasting(String what, CallFailure answer, int tries) {
        if (tries >= SILENT_TRIES && Integer.bitCount(tries + 1) == 1) {
            dependencies
                    .warnings()
                    .accept(what + ": " + answer.text() + " Tried " + (tries + 1) + " times, trying on.");
        }
    }

    private Duration pause(int tries) {
        Duration pause = endpoint.pollInterval().multipliedBy(1L << Math.min(tries, 10));
        return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    }

    void later(Duration pause, Runnable action) {
        var unused = dependencies.timers().at(now().plus(pause), () -> {
            if (!closed) {
                dependencies.calls().execute(() -> {
                    if (!closed) {
                        action.run();
                    }
                });
            }
        });
    }

    /** Whether this is closed: then nothing may be sent or reported any more. */
    boolean closed() {
        return closed;
    }

    void close() {
        boolean none;
        synchronized (this) {
            closed = true;
            none = inFlight == 0;
        }
        if (none) {
            whenIdle.complete(null);
        }
    }
}
