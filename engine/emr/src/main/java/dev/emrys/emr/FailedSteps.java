package dev.emrys.emr;

import dev.emrys.emr.FailureLogs.FailedStep;
import dev.emrys.emr.WatchedCluster.WatchedStep;
import dev.emrys.run.Event;
import dev.emrys.spec.FailureKind;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.StepStatus;
import software.amazon.awssdk.services.emr.model.StepSummary;

/**
 * Holds back the report of a failed step while its logs may tell a cause that EMR does not, for a limited time: what
 * follows a failure depends on its cause, so the two are one event. After a crash the step is listed as failed again,
 * and its logs are looked for anew. Thread-safe.
 */
final class FailedSteps {
    private final RetryingCaller calls;
    private final @Nullable FailureLogs logs;

    FailedSteps(RetryingCaller calls) {
        this.calls = calls;
        this.logs = calls.endpoint().failureLogs().orElse(null);
    }

    /**
     * A failure whose report should be held back.
     *
     * @param due called when the report is due, more than once if need be
     * @return null when the report is due now
     */
    @Nullable
    HeldFailure hold(
            WatchedCluster cluster, WatchedStep step, StepSummary summary, Event event, Consumer<HeldFailure> due) {
        if (logs == null
                || !(event instanceof Event.AttemptFailed failed)
                || failed.failure() != FailureKind.STEP
                || CauseFinder.isTelling(failed)) {
            return null;
        }
        FailedStep found = new FailedStep(
                cluster.id,
                String.valueOf(summary.id()),
                Optional.ofNullable(failed.log()),
                Optional.ofNullable(summary.logUri()).filter(uri -> !uri.isBlank()),
                ended(summary.status(), calls.now()));
        return new HeldFailure(
                calls, cluster.run, step.reports, failed, logs, logs.open(found), cluster::tellsOfHeld, due);
    }

    /** By EMR's clock, as the times of its logs are. */
    private static Instant ended(StepStatus status, Instant now) {
        return status.timeline() == null || status.timeline().endDateTime() == null
                ? now
                : status.timeline().endDateTime();
    }
}
