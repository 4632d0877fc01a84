package dev.emrys.emr;

import dev.emrys.drive.Effects.Reports;
import dev.emrys.run.Event;
import dev.emrys.spec.Diagnostic;
import dev.emrys.spec.FailureKind;
import java.util.concurrent.atomic.AtomicBoolean;

/** One attempt of an operation of a run. Thread-safe. */
final class OperationAttempt {
    /** EMR's words for a change of a cluster that is ending or has ended. */
    private static final String CLUSTER_ENDED = "shutting down, terminated, or finished";

    final EmrRun run;
    final String task;
    final int attempt;
    final String clusterId;
    private final RetryingCaller calls;
    private final Reports reports;

    /** Whether nothing is reported of it any more. */
    private final AtomicBoolean over = new AtomicBoolean();

    OperationAttempt(RetryingCaller calls, EmrRun run, String task, int attempt, String clusterId, Reports reports) {
        this.calls = calls;
        this.run = run;
        this.task = task;
        this.attempt = attempt;
        this.clusterId = clusterId;
        this.reports = reports;
    }

    /** Set before anything is asked for. */
    private volatile Runnable whenOver = () -> {};

    /** Does it after the report of the end. */
    void whenOver(Runnable action) {
        whenOver = action;
    }

    /** Nothing is reported of it any more. */
    void end() {
        if (over.compareAndSet(false, true)) {
            whenOver.run();
        }
    }

    private void end(Event event) {
        if (over.compareAndSet(false, true)) {
            reports.report(event);
            whenOver.run();
        }
    }

    /** For warnings of a failure that lasts. */
    String what() {
        return "Asking EMR for the operation \"" + task + "\" on the cluster " + clusterId;
    }

    boolean isOver() {
        return over.get();
    }

    void accepted() {
        accepted(clusterId);
    }

    /** @param remoteId of what it works on */
    void accepted(String remoteId) {
        reports.report(new Event.AttemptAccepted(calls.now(), task, attempt, remoteId));
    }

    void running() {
        reports.report(new Event.AttemptRunning(calls.now(), task, attempt));
    }

    void succeeded() {
        end(new Event.AttemptSucceeded(calls.now(), task, attempt));
    }

    void cancelled() {
        cancelled("It was cancelled. What EMR was asked for is not taken back.");
    }

    void cancelled(String reason) {
        end(new Event.AttemptCancelled(calls.now(), task, attempt, reason));
    }

    void failed(FailureKind kind, Diagnostic diagnostic) {
        failed(kind, diagnostic.code().id() + ": " + diagnostic.what() + " " + diagnostic.advice());
    }

    void failed(FailureKind kind, String reason) {
        end(CauseFinder.failed(calls.now(), task, attempt, kind, reason.strip(), null));
    }

    void failed(Event.AttemptFailed failed) {
        end(failed);
    }

    /** Whether it was refused because the cluster has ended. */
    static boolean isLost(CallFailure.Refused refused) {
        return refused.missing() == CallFailure.Missing.CLUSTER
                || refused.text().contains(CLUSTER_ENDED);
    }

    void refused(CallFailure.Refused refused) {
        failed(isLost(refused) ? FailureKind.CLUSTER_LOST : FailureKind.REFUSED, calls.explained(refused));
    }

    /** For each call that changes something, before it is sent. */
    void checkWanted(String key) {
        if (run.isWithdrawn(key)) {
            failed(FailureKind.REFUSED, RequestFactory.WITHDRAWN);
            throw new ApiCall.NothingToSendException();
        }
    }
}
