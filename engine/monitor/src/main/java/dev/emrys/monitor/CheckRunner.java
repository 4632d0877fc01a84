package dev.emrys.monitor;

import com.google.common.collect.ImmutableList;
import dev.emrys.monitor.Check.Result;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks the checks of one endpoint. Each occupies one thread at most: requests that come while it is asked wait for the
 * same answer. So a check that never answers fails and leaves the endpoint usable. Thread-safe.
 */
final class CheckRunner {
    private final ImmutableList<AskedCheck> checks;
    private final Duration limit;
    private final Executor threads;

    /** @param limit how long a request waits for a check */
    CheckRunner(ImmutableList<Check> checks, Duration limit, Executor threads) {
        this.checks = checks.stream().map(AskedCheck::new).collect(ImmutableList.toImmutableList());
        this.limit = limit;
        this.threads = threads;
    }

    /** Fails only once the threads are shut down. */
    CompletableFuture<CheckReport> report() {
        ImmutableList<CompletableFuture<CheckReport.Entry>> entries =
                checks.stream().map(this::entry).collect(ImmutableList.toImmutableList());
        return CompletableFuture.allOf(entries.toArray(CompletableFuture[]::new))
                .thenApply(all -> CheckReport.of(
                        entries.stream().map(CompletableFuture::join).collect(ImmutableList.toImmutableList())));
    }

    private CompletableFuture<CheckReport.Entry> entry(AskedCheck asked) {
        return asked.ask(threads)
                .copy()
                .completeOnTimeout(
                        Result.failing("no answer within " + limit.toMillis() + " ms"),
                        limit.toMillis(),
                        TimeUnit.MILLISECONDS)
                .exceptionally(failure -> Result.failing(describe(failure)))
                .thenApply(result -> new CheckReport.Entry(asked.check.name(), result.ok(), result.detail()));
    }

    private static String describe(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private static final class AskedCheck {
        final Check check;
        private @Nullable CompletableFuture<Result> answer;

        AskedCheck(Check check) {
            this.check = check;
        }

        synchronized CompletableFuture<Result> ask(Executor threads) {
            if (answer == null || answer.isDone()) {
                answer = CompletableFuture.supplyAsync(
                        () -> Objects.requireNonNull(check.state().get(), "The check has no result."), threads);
            }
            return answer;
        }
    }
}
