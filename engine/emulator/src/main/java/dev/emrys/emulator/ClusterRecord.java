package dev.emrys.emulator;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.Cluster;
import software.amazon.awssdk.services.emr.model.ClusterState;
import software.amazon.awssdk.services.emr.model.ClusterStateChangeReason;
import software.amazon.awssdk.services.emr.model.ClusterStateChangeReasonCode;
import software.amazon.awssdk.services.emr.model.ClusterStatus;
import software.amazon.awssdk.services.emr.model.ClusterTimeline;
import software.amazon.awssdk.services.emr.model.ErrorDetail;

/**
 * A cluster at one moment.
 *
 * @param sequence its position in the order of creation
 * @param cluster what DescribeCluster shows
 * @param phaseEndsAt when STARTING, BOOTSTRAPPING or TERMINATING ends; absent in other states and after that time
 * @param idleSince since when it has no active step, if it is WAITING
 * @param hiddenUntil until when it is missing from ListClusters
 * @param idleTimeout its auto-termination policy, in seconds
 * @param runnerNotified whether the runner knows that it has ended
 * @param bootstrapAction the bootstrap action that runs, 1 for the first one
 */
record ClusterRecord(
        long sequence,
        Cluster cluster,
        @Nullable Instant phaseEndsAt,
        Instant idleSince,
        @Nullable Instant hiddenUntil,
        @Nullable Long idleTimeout,
        boolean runnerNotified,
        @Nullable Integer bootstrapAction) {

    String id() {
        return cluster.id();
    }

    ClusterState state() {
        return cluster.status().state();
    }

    boolean isTerminal() {
        return state() == ClusterState.TERMINATED || state() == ClusterState.TERMINATED_WITH_ERRORS;
    }

    /** EMR's rule for whether a cluster may still be changed. */
    boolean modifiable() {
        return !isTerminal() && state() != ClusterState.TERMINATING;
    }

    boolean visible(Instant now) {
        return hiddenUntil == null || !now.isBefore(hiddenUntil);
    }

    int concurrency() {
        Integer level = cluster.stepConcurrencyLevel();
        return level == null ? 1 : level;
    }

    ClusterRecord with(Cluster changed) {
        return new ClusterRecord(
                sequence, changed, phaseEndsAt, idleSince, hiddenUntil, idleTimeout, runnerNotified, bootstrapAction);
    }

    ClusterRecord withPhaseEnd(@Nullable Instant due) {
        return new ClusterRecord(
                sequence, cluster, due, idleSince, hiddenUntil, idleTimeout, runnerNotified, bootstrapAction);
    }

    ClusterRecord withIdleSince(Instant since) {
        return new ClusterRecord(
                sequence, cluster, phaseEndsAt, since, hiddenUntil, idleTimeout, runnerNotified, bootstrapAction);
    }

    ClusterRecord withIdleTimeout(@Nullable Long seconds) {
        return new ClusterRecord(
                sequence, cluster, phaseEndsAt, idleSince, hiddenUntil, seconds, runnerNotified, bootstrapAction);
    }

    ClusterRecord withRunnerNotified() {
        return new ClusterRecord(
                sequence, cluster, phaseEndsAt, idleSince, hiddenUntil, idleTimeout, true, bootstrapAction);
    }

    ClusterRecord withBootstrapAction(@Nullable Integer number) {
        return new ClusterRecord(
                sequence, cluster, phaseEndsAt, idleSince, hiddenUntil, idleTimeout, runnerNotified, number);
    }

    ClusterRecord withErrorDetail(ErrorDetail detail) {
        ClusterStatus status = cluster.status().toBuilder().errorDetails(detail).build();
        return with(cluster.toBuilder().status(status).build());
    }

    /** The same cluster in another state. */
    ClusterRecord in(ClusterState state, @Nullable ClusterStateChangeReasonCode code, String message) {
        ClusterStatus status = cluster.status().toBuilder()
                .state(state)
                .stateChangeReason(ClusterStateChangeReason.builder()
                        .code(code)
                        .message(message)
                        .build())
                .build();
        return with(cluster.toBuilder().status(status).build());
    }

    ClusterRecord readyAt(Instant now) {
        return withTimeline(timeline().readyDateTime(now).build());
    }

    ClusterRecord endedAt(Instant now) {
        return withTimeline(timeline().endDateTime(now).build());
    }

    private ClusterTimeline.Builder timeline() {
        return cluster.status().timeline().toBuilder();
    }

    private ClusterRecord withTimeline(ClusterTimeline timeline) {
        ClusterStatus status = cluster.status().toBuilder().timeline(timeline).build();
        return with(cluster.toBuilder().status(status).build());
    }
}
