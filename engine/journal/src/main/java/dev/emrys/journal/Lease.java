package dev.emrys.journal;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The right to drive a run, until it is closed or the process ends. Thread-safe. */
public interface Lease extends AutoCloseable {
    /** The id of the run. */
    String run();

    /**
     * The fencing token: larger than that of every earlier lease of the run. An append with a smaller token than the
     * run's newest one fails, so that a process that lost its lease without noticing cannot write.
     */
    long token();

    /**
     * Whether the run is certain to stay this holder's for a time from now on: nothing may be sent for the run that may
     * take longer. Always, the default, where a lease ends with its process only.
     */
    default boolean isValidFor(Duration duration) {
        return true;
    }

    /**
     * Completes exceptionally with a {@link LeaseLostException} when it becomes known that another process has acquired
     * the run. Does not complete otherwise, and where that is known from appends only, the default.
     */
    default CompletableFuture<@Nullable Void> lost() {
        return new CompletableFuture<>();
    }

    /** Releases the run. A second call has no effect, also when the run has been acquired again. */
    @Override
    void close();
}
