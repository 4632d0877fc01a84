package dev.emrys.emulator;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.Cluster;
import software.amazon.awssdk.services.emr.model.ClusterState;
import software.amazon.awssdk.services.emr.model.ClusterStateChangeReason;
import software.amazon.awssdk.services.emr.model.ClusterStateChangeReasonCode;
import software.amazon.awssdk.services.emr.model.ClusterStatus;
import software.amazon.awssdk.services.emr.model.ClusterTimeline;

/**
 * A cluster at one moment.
 *
 * @param sequence its place in the order of creation
 * @param cluster what DescribeCluster shows
 * @param phaseDue when STARTING, BOOTSTRAPPING or TERMINATING are over; absent in other states and when the time is over
 * @param quietSince since when it has no active step, if it is WAITING
 * @param hiddenUntil until when it is missing from ListClusters
 * @param idleTimeout its auto-termination policy, in seconds
 * @param released whether the runner knows that it has ended
 */
record ClusterRecord(
        long sequence,
        Cluster cluster,
        @Nullable Instant phaseDue,
        Instant quietSince,
        @Nullable Instant hiddenUntil,
        @Nullable Long idleTimeout,
        boolean released) {

    String id() {
        return cluster.id();
    }

    ClusterState state() {
        return cluster.status().state();
    }

    boolean over() {
        return state() == ClusterState.TERMINATED || state() == ClusterState.TERMINATED_WITH_ERRORS;
    }

    /** EMR's rule for what may still be changed about a cluster. */
    boolean modifiable() {
        return !over() && state() != ClusterState.TERMINATING;
    }

    boolean visible(Instant now) {
        return hiddenUntil == null || !now.isBefore(hiddenUntil);
    }

    int concurrency() {
        Integer level = cluster.stepConcurrencyLevel();
        return level == null ? 1 : level;
    }

    ClusterRecord with(Cluster changed) {
        return new ClusterRecord(sequence, changed, phaseDue, quietSince, hiddenUntil, idleTimeout, released);
    }

    ClusterRecord withPhaseDue(@Nullable Instant due) {
        return new ClusterRecord(sequence, cluster, due, quietSince, hiddenUntil, idleTimeout, released);
    }

    ClusterRecord withQuietSince(Instant since) {
        return new ClusterRecord(sequence, cluster, phaseDue, since, hiddenUntil, idleTimeout, released);
    }

    ClusterRecord withIdleTimeout(@Nullable Long seconds) {
        return new ClusterRecord(sequence, cluster, phaseDue, quietSince, hiddenUntil, seconds, released);
    }

    ClusterRecord asReleased() {
        return new ClusterRecord(sequence, cluster, phaseDue, quietSince, hiddenUntil, idleTimeout, true);
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
