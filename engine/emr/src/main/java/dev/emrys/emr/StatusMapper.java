package dev.emrys.emr;

import dev.emrys.run.Event;
import dev.emrys.spec.FailureKind;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.ClusterState;
import software.amazon.awssdk.services.emr.model.ClusterStateChangeReasonCode;
import software.amazon.awssdk.services.emr.model.ClusterStatus;
import software.amazon.awssdk.services.emr.model.FailureDetails;
import software.amazon.awssdk.services.emr.model.StepState;
import software.amazon.awssdk.services.emr.model.StepStatus;
import software.amazon.awssdk.services.emr.model.StepSummary;

/**
 * What EMR's states mean. The outcome is read from every step and the reason codes, never from the cluster's state alone: a cluster
 * may end TERMINATED, without a reason, after a failed step. A state that we do not know concludes nothing, and is never success.
 */
final class StatusMapper {
    private StatusMapper() {}

    static boolean up(ClusterStatus status) {
        return status.state() == ClusterState.RUNNING || status.state() == ClusterState.WAITING;
    }

    static boolean gone(ClusterStatus status) {
        return status.state() == ClusterState.TERMINATED || status.state() == ClusterState.TERMINATED_WITH_ERRORS;
    }

    static boolean ending(ClusterStatus status) {
        return gone(status) || status.state() == ClusterState.TERMINATING;
    }

    static boolean cancelledBySomebody(List<StepSummary> steps) {
        return steps.stream()
                .anyMatch(step -> step.status().state() == StepState.CANCELLED
                        || step.status().state() == StepState.INTERRUPTED);
    }

    /**
     * What to report of an open step, or null when there is nothing new.
     *
     * @param settled whether the cluster has been gone for longer than the listings lag: until then a step that is listed as running may
     *     have completed
     */
    static @Nullable Event ofStep(
            StatusPoller.OpenStep open, StepSummary step, ClusterStatus cluster, boolean settled, Instant now) {
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
                yield open.running || status.state() != StepState.RUNNING ? null : running(command, status, now);
            }
            case COMPLETED -> new Event.AttemptSucceeded(now, command.task(), command.attempt());
            case FAILED -> failed(command, status, now);
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

    static Event running(EmrCommand.StepWatch command, StepStatus status, Instant now) {
        return new Event.AttemptRunning(began(status, now), command.task(), command.attempt());
    }

    /** EMR's own start, where it says one that is not ahead of our clock: a timeout counts from there. */
    private static Instant began(StepStatus status, Instant now) {
        Instant started = status.timeline() == null ? null : status.timeline().startDateTime();
        return started == null || started.isAfter(now) ? now : started;
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
            reason.append("EMR says FAILED and gives no reason.");
        }
        return new Event.AttemptFailed(
                now, command.task(), command.attempt(), FailureKind.STEP, reason.toString(), log);
    }

    private static void append(StringBuilder text, @Nullable String more) {
        if (more != null && !more.isBlank()) {
            text.append(text.isEmpty() ? "" : "\n").append(more);
        }
    }

    private static Event lost(EmrCommand.StepWatch command, ClusterStatus cluster, Instant now) {
        return new Event.AttemptFailed(
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
        FailureKind kind = code == null
                ? FailureKind.CLUSTER_LOST
                : switch (code) {
                    case BOOTSTRAP_FAILURE, INSTANCE_FLEET_TIMEOUT, INSTANCE_FAILURE -> FailureKind.BOOTSTRAP;
                    case INTERNAL_ERROR -> FailureKind.INTERNAL;
                    case VALIDATION_ERROR -> FailureKind.REFUSED;
                    default -> FailureKind.CLUSTER_LOST;
                };
        return new Event.AttemptFailed(
                now, command.task(), command.attempt(), kind, "The cluster did not come up: " + why(status), null);
    }

    static Event lost(EmrCommand.ClusterWatch command, ClusterStatus status, Instant now) {
        return new Event.ScopeLost(
                now, command.task(), command.attempt(), FailureKind.CLUSTER_LOST, "The cluster ended: " + why(status));
    }

    private static String why(ClusterStatus status) {
        String code = status.stateChangeReason() == null
                ? null
                : status.stateChangeReason().codeAsString();
        String message = status.stateChangeReason() == null
                ? null
                : status.stateChangeReason().message();
        return status.stateAsString() + (code == null ? "" : ", " + code) + (message == null ? "." : ": " + message);
    }
}
