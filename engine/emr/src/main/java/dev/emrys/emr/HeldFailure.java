package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import dev.emrys.drive.Effects.Reports;
import dev.emrys.emr.FailureLogs.Findings;
import dev.emrys.run.Event;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** A failed step whose report is held back while its logs may tell the cause. Thread-safe. */
final class HeldFailure {
    private final RetryingCaller calls;
    private final ImmutableList<EmrRun> run;
    private final Reports reports;
    private final Event.AttemptFailed failed;
    private final FailureLogs logs;
    private final FailureLogs.Reader reader;
    private final BooleanSupplier tells;
    private final Consumer<HeldFailure> due;
    private volatile Findings found = Findings.NONE;
    private volatile boolean reported;

    /**
     * @param tells whether people should be told now that it is waited for
     * @param due called when the report is due, more than once if need be
     */
    HeldFailure(
            RetryingCaller calls,
            EmrRun run,
            Reports reports,
            Event.AttemptFailed failed,
            FailureLogs logs,
            FailureLogs.Reader reader,
            BooleanSupplier tells,
            Consumer<HeldFailure> due) {
        this.calls = calls;
        this.run = ImmutableList.of(run);
        this.reports = reports;
        this.failed = failed;
        this.logs = logs;
        this.reader = reader;
        this.tells = tells;
        this.due = due;
    }

    /** Begins to look for the logs, until the report is due. */
    void begin() {
        calls.later(run, logs.limit(), () -> due.accept(this));
        look(true);
    }

    /** Reports the failure with what is known of its cause by now. */
    void report() {
        reported = true;
        reports.report(explained());
    }

    private Event.AttemptFailed explained() {
        return CauseFinder.explained(failed, found);
    }

    private void look(boolean first) {
        var unused = reader.look()
                .whenComplete((findings, bug) -> calls.run(run, () -> {
                    if (findings == null) {
                        throw new IllegalStateException("The log of a failed step could not be read.", bug);
                    }
                    looked(findings, first);
                }));
    }

    private void looked(Findings findings, boolean first) {
        found = findings;
        if (findings.isComplete() || CauseFinder.isTelling(explained())) {
            due.accept(this);
            return;
        }
        if (first && tells.getAsBoolean()) {
            calls.warn(
                    run,
                    failed.task() + " has failed, and EMR does not say why. Its log is waited for, for up to "
                            + text(logs.limit()) + ": EMR copies logs to S3 every 5 minutes.");
        }
        calls.later(run, logs.pollInterval(), () -> {
            if (!reported) {
                look(false);
            }
        });
    }

    private static String text(Duration duration) {
        return duration.toMinutes() > 0 ? duration.toMinutes() + " minutes" : duration.toSeconds() + " seconds";
    }
}
