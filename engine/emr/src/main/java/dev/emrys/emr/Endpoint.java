package dev.emrys.emr;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.EmrClient;

/**
 * One EMR endpoint: where calls go, and at which pace it may be asked. Thread-safe.
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

    /** The pause between two rounds of status calls. EMR's quotas allow about one call in two seconds for each operation. */
    Duration pollInterval();

    /** How long a new cluster or step may be missing from listings: the wait between two looks. */
    Duration listingLag();

    /** Told that a call did not reach the endpoint. It may mend itself, by starting an emulator that has gone, say. May block. */
    default void unreachable() {}

    @Override
    default void close() {}
}
