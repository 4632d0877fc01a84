package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import dev.emrys.emr.ApiCall.NothingToSendException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Makes blocking calls on the bounded pool, each when the account's budget has a token for it, and repeats them after a
 * pause as long as the cause is outside: waiting is never failure. Thread-safe.
 */
final class RetryingCaller {
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    /** The pause before the lease of a run is looked at again. */
    private static final Duration LEASE_PAUSE = Duration.ofMillis(500);

    private static final int SILENT_TRIES = 3;

    private final Endpoint endpoint;
    private final EmrDependencies dependencies;
    private final ApiBudget budget;
    private final Consumer<Throwable> onBug;
    private final CallsInFlight inFlight = new CallsInFlight();
    /** People were told that the credentials are not valid, and not yet that they are again. */
    private final AtomicBoolean credentialsRefused = new AtomicBoolean();

    /**
     * @param onBug takes what is neither an answer of EMR nor a failure on the way to it, in a call that is for no run
     */
    RetryingCaller(Endpoint endpoint, EmrDependencies dependencies, Consumer<Throwable> onBug) {
        this.endpoint = endpoint;
        this.dependencies = dependencies;
        this.budget = endpoint.account()
                .flatMap(account -> dependencies.sharedBudget().map(shared -> budget(shared, account)))
                .orElseGet(() -> new ApiBudget(endpoint.quotas(), dependencies.clock(), dependencies.timers()));
        this.onBug = onBug;
    }

    private ApiBudget budget(SharedBudget shared, String account) {
        return new ApiBudget(endpoint.quotas(), dependencies.clock(), dependencies.timers(), shared, account);
    }

    Endpoint endpoint() {
        return endpoint;
    }

    ApiBudget budget() {
        return budget;
    }

    Instant now() {
        return dependencies.clock().instant();
    }

    /** The time by the endpoint's clock, as far as it is known. */
    Instant remoteNow() {
        return now().plus(endpoint.clockAhead());
    }

    /** Sends the call when there is a token for it. */
    void begin(ApiCall<?> call) {
        budget.acquire(call.operation, call.priority, () -> beginNow(call));
    }

    /** Sends the call, for which a token was taken. */
    void beginNow(ApiCall<?> call) {
        dependencies.calls().execute(() -> run(call));
    }

    /** Does it on the pool, unless this is closed by then. */
    void soon(Runnable action) {
        if (!inFlight.isClosed()) {
            dependencies.calls().execute(() -> run(ImmutableList.of(), action));
        }
    }

    /** Sends the call again after the pause that its failures ask for. */
    void repeatLater(ApiCall<?> call) {
        repeatLater(call, () -> begin(call));
    }

    private void run(ApiCall<?> call) {
        ImmutableList<EmrRun> wanted = call.runs();
        List<EmrRun> entered = new ArrayList<>();
        wanted.stream().filter(EmrRun::enter).forEach(entered::add);
        boolean unwanted = entered.isEmpty() && !wanted.isEmpty();
        if (!unwanted && inFlight.enter()) {
            try {
                if (mayBeSent(call, entered)) {
                    attempt(call);
                } else {
                    later(wanted, LEASE_PAUSE, () -> begin(call));
                }
            } catch (NothingToSendException e) {
                // Everything in it was withdrawn meanwhile.
            } catch (Throwable e) {
                report(wanted, e);
            } finally {
                inFlight.leave();
            }
        }
        entered.forEach(EmrRun::leave);
    }

    /**
     * A run's lease may end while the call is made: then another process drives the run, and may make the same call.
     */
    private boolean mayBeSent(ApiCall<?> call, List<EmrRun> runs) {
        return !call.operation.changes() || runs.stream().allMatch(run -> run.isDrivenFor(endpoint.callTimeout()));
    }

    private void report(ImmutableList<EmrRun> runs, Throwable bug) {
        if (runs.isEmpty()) {
            onBug.accept(bug);
        }
        runs.forEach(run -> run.fail(bug));
    }

    private <R> void attempt(ApiCall<R> call) {
        R answer;
        try {
            answer = call.send(endpoint.client());
        } catch (SdkException | Endpoint.UnavailableException e) {
            failed(call, CallFailure.of(e));
            return;
        }
        call.failures = 0;
        if (credentialsRefused.compareAndSet(true, false)) {
            dependencies.warnings().accept("The credentials are valid again: what waited for them goes on.");
        }
        call.answered(answer);
    }

    private void failed(ApiCall<?> call, CallFailure failure) {
        if (failure instanceof CallFailure.Refused refused) {
            call.refused(refused);
            return;
        }
        if (failure instanceof CallFailure.Unauthorized unauthorized) {
            waitForCredentials(call, unauthorized);
            return;
        }
        if (call.warnsIfLasting()) {
            warnIfLasting(call, failure);
        }
        if (failure instanceof CallFailure.Throttled) {
            budget.throttled(call.operation);
            repeatLater(call);
        } else {
            if (failure instanceof CallFailure.Ambiguous ambiguous && ambiguous.unreachable()) {
                endpoint.unreachable();
            }
            repeatLater(call, () -> call.uncertain(this));
        }
    }

    /** For all calls and all runs people are told once. */
    private void waitForCredentials(ApiCall<?> call, CallFailure.Unauthorized failure) {
        if (credentialsRefused.compareAndSet(false, true)) {
            warn(
                    call.concealedBy(),
                    Stream.of(
                                    "There are no valid credentials: " + failure.text(),
                                    "Nothing has failed: what needs them waits until they are renewed.",
                                    endpoint.credentialsAdvice())
                            .filter(text -> !text.isEmpty())
                            .collect(Collectors.joining(" ")));
        }
        endpoint.credentialsRefused();
        repeatLater(call);
    }

    private void repeatLater(ApiCall<?> call, Runnable again) {
        Duration pause = pause(call.failures);
        call.failures++;
        later(call.runs(), pause, again);
    }

    /** Waits longer after each failure; the random part keeps those who failed together from coming back together. */
    private Duration pause(int failures) {
        Duration pause = endpoint.retryPause().multipliedBy(1L << Math.min(failures, 10));
        Duration bounded = pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
        double jitter = dependencies.random().getAsDouble() / 2;
        return bounded.minus(Duration.ofNanos((long) (bounded.toNanos() * jitter)));
    }

    /** Warns of a failure that lasts, not of a short one. */
    void warnIfLasting(ApiCall<?> call, CallFailure failure) {
        warnIfLasting(call.concealedBy(), call.what(), failure, call.failures);
    }

    void warnIfLasting(ImmutableList<EmrRun> runs, String what, CallFailure failure, int failures) {
        if (failures >= SILENT_TRIES && Integer.bitCount(failures + 1) == 1) {
            warn(runs, what + ": " + failure.text() + " Tried " + (failures + 1) + " times, trying on.");
        }
    }

    /** What EMR says of a refusal, and what a person can do about it. */
    String explained(CallFailure.Refused refused) {
        String advice = endpoint.advice(refused.text());
        return advice.isEmpty() ? refused.text() : refused.text() + " " + advice;
    }

    /** Warns without the runs' secrets. */
    void warn(ImmutableList<EmrRun> runs, String text) {
        String concealed = text;
        for (EmrRun run : runs) {
            concealed = run.conceal(concealed);
        }
        dependencies.warnings().accept(concealed);
    }

    /** Does it after the pause, on the pool, unless all the runs that it is for are closed by then. */
    void later(ImmutableList<EmrRun> runs, Duration pause, Runnable action) {
        var unused = dependencies.timers().at(now().plus(pause), () -> {
            if (isWanted(runs)) {
                dependencies.calls().execute(() -> run(runs, action));
            }
        });
    }

    /** Does it on this thread, unless all the runs that it is for are closed. A bug in it fails the runs. */
    void run(ImmutableList<EmrRun> runs, Runnable action) {
        try {
            if (isWanted(runs)) {
                action.run();
            }
        } catch (Throwable e) {
            report(runs, e);
        }
    }

    private boolean isWanted(ImmutableList<EmrRun> runs) {
        return !inFlight.isClosed() && (runs.isEmpty() || !runs.stream().allMatch(EmrRun::closed));
    }

    /** Completes when this is closed and no call is in flight. */
    CompletableFuture<@Nullable Void> whenIdle() {
        return inFlight.whenIdle();
    }

    void close() {
        inFlight.close();
    }
}
