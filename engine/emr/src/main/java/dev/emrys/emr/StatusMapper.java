package dev.emrys.emr;

import dev.emrys.run.Event;
import dev.emrys.spec.FailureCause;
import dev.emrys.spec.FailureKind;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.ClusterState;
import software.amazon.awssdk.services.emr.model.ClusterStateChangeReasonCode;
import software.amazon.awssdk.services.emr.model.ClusterStatus;
import software.amazon.awssdk.services.emr.model.FailureDetails;
import software.amazon.awssdk.services.emr.model.StepState;
import software.amazon.awssdk.services.emr.model.StepStatus;
import software.amazon.awssdk.services.emr.model.StepSummary;

/**
 * What EMR's states mean. The outcome is read from every step and the reason codes, never from the cluster's state
 * alone: a cluster may end TERMINATED, without a reason, after a failed step. An unknown state concludes nothing, and
 * is never success.
 */
final class StatusMapper {
    /** Of a step that EMR calls FAILED without a word. */
    static final String NO_REASON = "EMR says FAILED and gives no reason.";

    private StatusMapper() {}

    static boolean up(ClusterStatus status) {
        return up(status.state());
    }

    static boolean up(@Nullable ClusterState state) {
        return state == ClusterState.RUNNING || state == ClusterState.WAITING;
    }

    static boolean gone(ClusterStatus status) {
        return status.state() == ClusterState.TERMINATED || status.state() == ClusterState.TERMINATED_WITH_ERRORS;
    }

    static boolean ending(ClusterStatus status) {
        return gone(status) || status.state() == ClusterState.TERMINATING;
    }

    /** Cancelled or interrupted, by a person or by the end of its cluster. */
    static boolean cancelledOutside(StepStatus status) {
        return status.state() == StepState.CANCELLED || status.state() == StepState.INTERRUPTED;
    }

    /**
     * What to report of an open step, or null when there is nothing new.
     *
     * @param settled whether the cluster has been gone for longer than the listings lag: until then a step that is
     *     listed as running may have completed
     */
    static @Nullable Event ofStep(
            WatchedCluster.WatchedStep open, StepSummary step, ClusterStatus cluster, boolean settled, Instant now) {
        EmrCommand.StepWatch command = open.command;
        StepStatus status = step.status();
        StepState state = status.state();
        if (state == null) {
            return null;
        }
        return switch (state) {
            case RUNNING, CANCEL_PENDING -> {
                if (gone(cluster)) {
                    yield settled ? lost(command, cluster, now) : null;
                }
                yield open.running || status.state() != StepState.RUNNING ? null : running(open, status, now);
            }
            case COMPLETED -> new Event.AttemptSucceeded(ended(open, status, now), command.task(), command.attempt());
            case FAILED -> failed(command, status, ended(open, status, now));
            case CANCELLED, INTERRUPTED ->
                ending(cluster)
                        ? lost(command, cluster, now)
                        : new Event.AttemptCancelled(
                                now, command.task(), command.attempt(), "EMR says " + status.stateAsString() + ".");
            case PENDING -> gone(cluster) ? lost(command, cluster, now) : null;
            case UNKNOWN_TO_SDK_VERSION -> null;
        };
    }

    /** Whether it has begun, as far as EMR says. A cluster's end makes CANCELLED or INTERRUPTED of what ran. */
    static boolean ran(StepStatus status) {
        boolean dated = status.timeline() != null && status.timeline().startDateTime() != null;
        return dated
                || status.state() == StepState.RUNNING
                || status.state() == StepState.CANCEL_PENDING
                || status.state() == StepState.INTERRUPTED;
    }

    static boolean isLoss(Event event) {
        return event instanceof Event.AttemptFailed failed && failed.failure() == FailureKind.CLUSTER_LOST;
    }

    static Event running(WatchedCluster.WatchedStep step, StepStatus status, Instant now) {
        return new Event.AttemptRunning(began(step, status, now), step.command.task(), step.command.attempt());
    }

    /**
     * EMR's own start, from which a timeout counts. It is never ahead of our clock, nor before the last moment at which
     * the step was known not to run: EMR's clock may differ from ours, and a step must not have timed out when it is
     * seen first.
     */
    private static Instant began(WatchedCluster.WatchedStep step, StepStatus status, Instant now) {
        Instant started = status.timeline() == null ? null : status.timeline().startDateTime();
        if (started == null || started.isAfter(now)) {
            return now;
        }
        return started.isBefore(step.notRunningBefore) ? step.notRunningBefore : started;
    }

    /**
     * EMR's own end, so that a duration does not contain our polling. It is never ahead of our clock, nor before the
     * start.
     */
    private static Instant ended(WatchedCluster.WatchedStep step, StepStatus status, Instant now) {
        Instant ended = status.timeline() == null ? null : status.timeline().endDateTime();
        if (ended == null || ended.isAfter(now)) {
            return now;
        }
        Instant began = began(step, status, now);
        return ended.isBefore(began) ? began : ended;
    }

    /**
     * EMR shows the newest 1,000 steps of a cluster (API reference, ListSteps; Management Guide, "View cluster
     * status").
     */
    static Event unknownStep(EmrCommand.StepWatch command, Instant now) {
        return new Event.AttemptFailed(
                now,
                command.task(),
                command.attempt(),
                FailureKind.INTERNAL,
                "EMR does not know the step " + command.stepId() + " of " + command.clusterId()
                        + " any more (it keeps the newest 1,000 of a cluster), so how it ended is unknown.",
                null,
                FailureCause.STEP_VANISHED);
    }

    private static Event failed(EmrCommand.StepWatch command, StepStatus status, Instant now) {
        FailureDetails details = status.failureDetails();
        StringBuilder reason = new StringBuilder();
        String log = null;
        if (details != null) {
            append(reason, details.reason());
            append(reason, details.message());
            log = details.logFile();
        }
        if (reason.isEmpty() && status.stateChangeReason() != null) {
            append(reason, status.stateChangeReason().message());
        }
        if (reason.isEmpty()) {
            reason.append(NO_REASON);
        }
        return CauseFinder.failed(now, command.task(), command.attempt(), FailureKind.STEP, reason.toString(), log);
    }

    private static void append(StringBuilder text, @Nullable String more) {
        if (more != null && !more.isBlank()) {
            text.append(text.isEmpty() ? "" : "\n").append(more);
        }
    }

    private static Event lost(EmrCommand.StepWatch command, ClusterStatus cluster, Instant now) {
        return CauseFinder.failed(
                now,
                command.task(),
                command.attempt(),
                FailureKind.CLUSTER_LOST,
                "Its cluster ended: " + why(cluster),
                null);
    }

    static Event startFailed(EmrCommand.ClusterWatch command, ClusterStatus status, Instant now) {
        ClusterStateChangeReasonCode code = status.stateChangeReason() == null
                ? null
                : status.stateChangeReason().code();
        FailureKind kind = QuotaTexts.isQuota(why(status)) && code != ClusterStateChangeReasonCode.USER_REQUEST
                ? FailureKind.QUOTA
                : kind(code);
        if (!command.isOwn()) {
            return CauseFinder.failed(
                    now,
                    command.task(),
                    command.attempt(),
                    FailureKind.CLUSTER_LOST,
                    "The cluster " + command.clusterId() + " ended before it took a step: " + why(status),
                    null);
        }
        StringBuilder reason = new StringBuilder("The cluster did not come up: " + why(status));
        append(reason, errorDatum(status, "log-excerpt"));
        return CauseFinder.failed(
                now, command.task(), command.attempt(), kind, reason.toString(), errorDatum(status, "log-file"));
    }

    /** What the emulator adds to EMR's data about a bootstrap action that failed. */
    private static @Nullable String errorDatum(ClusterStatus status, String name) {
        return status.errorDetails().stream()
                .flatMap(detail -> detail.errorData().stream())
                .map(data -> data.get(name))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    private static FailureKind kind(@Nullable ClusterStateChangeReasonCode code) {
        return code == null
                ? FailureKind.CLUSTER_LOST
                : switch (code) {
                    case BOOTSTRAP_FAILURE, INSTANCE_FLEET_TIMEOUT, INSTANCE_FAILURE -> FailureKind.BOOTSTRAP;
                    case INTERNAL_ERROR -> FailureKind.INTERNAL;
                    case VALIDATION_ERROR -> FailureKind.REFUSED;
                    default -> FailureKind.CLUSTER_LOST;
                };
    }

    static Event lost(EmrCommand.ClusterWatch command, ClusterStatus status, Instant now) {
        return new Event.ScopeLost(
                now, command.task(), command.attempt(), FailureKind.CLUSTER_LOST, "The cluster ended: " + why(status));
    }

    /** Its state and the reason for it, as the end of a sentence. */
    static String why(ClusterStatus status) {
        String code = status.stateChangeReason() == null
                ? null
                : status.stateChangeReason().codeAsString();
        String message = status.stateChangeReason() == null
                ? null
                : status.stateChangeReason().message();
        return status.stateAsString() + (code == null ? "" : ", " + code) + (message == null ? "." : ": " + message);
    }
}
