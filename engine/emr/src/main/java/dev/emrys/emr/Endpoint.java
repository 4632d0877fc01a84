package dev.emrys.emr;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.EmrClient;

/**
 * One EMR endpoint: where calls go, and how many it takes. Thread-safe.
 *
 * <p>Its client must not retry by itself: the SDK's default sends RunJobFlow and AddJobFlowSteps again after a lost reply, and they have
 * no token that would make the second a repetition of the first.
 */
public interface Endpoint extends AutoCloseable {
    /**
     * The client to call.
     *
     * @throws UnavailableException when the endpoint cannot be reached at the moment
     */
    EmrClient client();

    /** The endpoint cannot be reached at the moment; the call is made again later. */
    final class UnavailableException extends RuntimeException {
        public UnavailableException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The pause between two status sweeps, as far as the quotas allow it. */
    Duration pollInterval();

    /** How long a new cluster or step may be missing from listings: the wait between two lookups. */
    Duration listingLag();

    /** How many calls it takes; by default what EMR grants to an account whose quotas were not raised. */
    default Quotas quotas() {
        return Quotas.EMR_DEFAULT;
    }

    /** How long a ready step waits for others of its cluster, to be submitted in one call; by default a second. */
    default Duration submissionLinger() {
        return Duration.ofSeconds(1);
    }

    /** Is called when a call did not reach the endpoint, which may repair that: it may start an emulator again. May block. */
    default void unreachable() {}

    @Override
    default void close() {}
}
