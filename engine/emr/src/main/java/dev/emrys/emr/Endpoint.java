package dev.emrys.emr;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.ClusterState;
import software.amazon.awssdk.services.emr.model.StepSummary;

/**
 * One EMR endpoint: where calls go, and how many it takes. Thread-safe.
 *
 * <p>Its client must not retry by itself: the SDK's default sends RunJobFlow and AddJobFlowSteps again after a lost
 * reply, and they have no token that would make the second a repetition of the first.
 */
public interface Endpoint extends AutoCloseable {
    /**
     * The client to call.
     *
     * @throws UnavailableException when the endpoint cannot be reached at the moment
     */
    EmrClient client();

    /** The endpoint cannot be reached at the moment; the call is made again later. */
    class UnavailableException extends RuntimeException {
        public UnavailableException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** There are no valid credentials at the moment, so nothing was sent; the call is made again later. */
    final class CredentialsException extends UnavailableException {
        public CredentialsException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * Is called when a call was not made or not executed for its credentials: the endpoint gets them anew. May block.
     */
    default void credentialsRefused() {}

    /** What renews the credentials, such as a command; a sentence for people, or empty. */
    default String credentialsAdvice() {
        return "";
    }

    /**
     * What a person can do about a refusal.
     *
     * @param refusal what EMR says
     * @return a sentence for people; by default empty
     */
    default String advice(String refusal) {
        return "";
    }

    /**
     * How a person can make a cluster that a run then uses.
     *
     * @return sentences for people; by default empty
     */
    default String newClusterAdvice() {
        return "";
    }

    /**
     * The pause between two status sweeps, as far as the quotas allow it. An endpoint that pushes is polled too,
     * because a notification may be lost; its interval can be longer.
     */
    Duration pollInterval();

    /**
     * The pause after the first failure of a call, which grows with each further one; by default the {@link
     * #pollInterval}.
     */
    default Duration retryPause() {
        return pollInterval();
    }

    /**
     * Subscribes to the changes of clusters and steps; called while a cluster is watched. By default the endpoint does
     * not push, and only polling finds changes.
     *
     * <p>The endpoint calls {@link ChangeListener#mayHaveMissed} when it begins to notify, and again whenever a
     * notification may have been lost, such as after its connection broke. A notification may come late, twice, or for
     * clusters of others.
     *
     * @return ends the subscription; {@link Subscription#NONE} if the endpoint does not push
     */
    default Subscription subscribe(ChangeListener listener) {
        return Subscription.NONE;
    }

    /**
     * Receives what an endpoint pushes, as EventBridge does for EMR. Thread-safe; its methods return at once.
     *
     * @see <a href="https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-manage-cloudwatch-events.html">EMR
     *     events</a>
     */
    interface ChangeListener {
        /** The cluster has a new state. What follows from it is decided when EMR has described the cluster. */
        void clusterChanged(String clusterId, ClusterState state);

        /**
         * A step has a new state. That it is COMPLETED is taken for the outcome; of any other end EMR is asked for the
         * reason.
         *
         * @param step its id and status; the timeline if it is known
         */
        void stepChanged(String clusterId, StepSummary step);

        /** Any cluster or step may have changed without a notification. */
        void mayHaveMissed();
    }

    /** A subscription to changes. */
    interface Subscription extends AutoCloseable {
        /** Of an endpoint that does not push. */
        Subscription NONE = () -> {};

        /** Ends it, without waiting for a notification that is under way. */
        @Override
        void close();
    }

    /**
     * By how much the endpoint's clock is ahead of this machine's: negative when it is behind, zero when that is not
     * known, which is the default. The expiries of clusters are by the endpoint's clock, so that they mean the same on
     * all machines.
     */
    default Duration clockAhead() {
        return Duration.ZERO;
    }

    /** How long a new cluster or step may be missing from listings: the wait between two lookups. */
    Duration listingLag();

    /**
     * After how long at most the client gives a call up; by default 15 s. A lease that is shorter than that lets
     * nothing be sent.
     */
    default Duration callTimeout() {
        return Duration.ofSeconds(15);
    }

    /** How many calls it takes; by default what EMR grants to an account whose quotas were not raised. */
    default Quotas quotas() {
        return Quotas.EMR_DEFAULT;
    }

    /**
     * Whose quotas these are, such as {@code 123456789012/eu-central-1}: processes that share a budget count the calls
     * to endpoints with the same account together. By default empty: no other process uses the quotas.
     */
    default Optional<String> account() {
        return Optional.empty();
    }

    /** How long a ready step waits for others of its cluster, to be submitted in one call; by default a second. */
    default Duration submissionLinger() {
        return Duration.ofSeconds(1);
    }

    /**
     * The logs of steps, which tell causes that EMR does not. By default empty: EMR's own reasons tell all that there is
     * to know.
     */
    default Optional<FailureLogs> failureLogs() {
        return Optional.empty();
    }

    /** Whether what it executed is gone for good, such as an emulator whose state was removed while it was used. */
    default boolean isGone() {
        return false;
    }

    /**
     * Is called when a call did not reach the endpoint, which may repair that: it may start an emulator again. May
     * block.
     */
    default void unreachable() {}

    @Override
    default void close() {}
}
