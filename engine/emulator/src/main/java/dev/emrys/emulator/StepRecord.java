package dev.emrys.emulator;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.FailureDetails;
import software.amazon.awssdk.services.emr.model.Step;
import software.amazon.awssdk.services.emr.model.StepState;
import software.amazon.awssdk.services.emr.model.StepStatus;
import software.amazon.awssdk.services.emr.model.StepTimeline;

/**
 * A step at one moment.
 *
 * @param sequence its position in its cluster's order of submission, without gaps
 * @param step what DescribeStep shows
 * @param hiddenUntil until when it is missing from ListSteps
 * @param force whether it was cancelled with TERMINATE_PROCESS; meaningful only while it is CANCEL_PENDING
 * @param startReported whether its StartDateTime is what the runner reported; it then never changes. Before, it is when
 *     the step was passed to the runner
 */
record StepRecord(
        String clusterId,
        long sequence,
        Step step,
        @Nullable Instant hiddenUntil,
        boolean force,
        boolean startReported) {

    String id() {
        return step.id();
    }

    StepState state() {
        return step.status().state();
    }

    boolean pending() {
        return state() == StepState.PENDING;
    }

    /** Whether it was passed to the runner; it then counts towards the cluster's step concurrency. */
    boolean running() {
        return state() == StepState.RUNNING || state() == StepState.CANCEL_PENDING;
    }

    /** Counts towards the limit of 256. */
    boolean active() {
        return pending() || running();
    }

    boolean visible(Instant now) {
        return hiddenUntil == null || !now.isBefore(hiddenUntil);
    }

    StepRecord startedAt(Instant at) {
        return with(status().state(StepState.RUNNING)
                .timeline(timeline().startDateTime(at).build())
                .build());
    }

    /**
     * The step is in a process since {@code at}, as the runner reports. Call once: an adoption after a restart reports
     * it again.
     */
    StepRecord runningSince(Instant at) {
        StepStatus status =
                status().timeline(timeline().startDateTime(at).build()).build();
        return new StepRecord(
                clusterId, sequence, step.toBuilder().status(status).build(), hiddenUntil, force, true);
    }

    StepRecord cancelPending(boolean forced) {
        Step changed = step.toBuilder()
                .status(status().state(StepState.CANCEL_PENDING).build())
                .build();
        return new StepRecord(clusterId, sequence, changed, hiddenUntil, forced, startReported);
    }

    StepRecord ended(StepState state, Instant at) {
        return with(status().state(state)
                .timeline(timeline().endDateTime(at).build())
                .build());
    }

    StepRecord failed(Instant at, FailureDetails details) {
        return with(status().state(StepState.FAILED)
                .failureDetails(details)
                .timeline(timeline().endDateTime(at).build())
                .build());
    }

    private StepStatus.Builder status() {
        return step.status().toBuilder();
    }

    private StepTimeline.Builder timeline() {
        return step.status().timeline().toBuilder();
    }

    private StepRecord with(StepStatus status) {
        return new StepRecord(
                clusterId, sequence, step.toBuilder().status(status).build(), hiddenUntil, force, startReported);
    }
}
