package dev.emrys.view;

import dev.emrys.run.Event;
import dev.emrys.view.RunChange.Kind;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Events as changes. It remembers timeouts, so that a timeout is told once and not three times. Not thread-safe. */
final class ChangeReader {
    /** The newest attempt of a task that timed out, until the task has ended. */
    private final Map<String, Integer> timedOut = new HashMap<>();

    RunChange read(Event event) {
        Cases cases = new Cases(event.at());
        if (event instanceof Event.OfTask ofTask) {
            ofTask.accept(cases);
        } else {
            ((Event.OfRun) event).accept(cases);
        }
        return cases.change();
    }

    private final class Cases implements Event.RunCases, Event.TaskCases {
        private final Instant at;
        private @Nullable RunChange result;

        Cases(Instant at) {
            this.at = at;
        }

        RunChange change() {
            if (result == null) {
                throw new IllegalStateException("An event without a change");
            }
            return result;
        }

        private void run(Kind kind, @Nullable String detail) {
            result = new RunChange(at, kind, null, 0, detail, null);
        }

        private void task(Event.OfTask event, Kind kind, @Nullable String detail) {
            result = new RunChange(at, kind, event.task(), event.attempt(), detail, null);
        }

        private void unlessTimedOut(Event.OfTask event, Kind kind, @Nullable String detail) {
            boolean told = Integer.valueOf(event.attempt()).equals(timedOut.get(event.task()));
            task(event, told ? Kind.AFTER_TIMEOUT : kind, detail);
        }

        @Override
        public void started(Event.RunStarted event) {
            run(Kind.STARTED, null);
        }

        @Override
        public void resumed(Event.RunResumed event) {
            run(Kind.RESUMED, event.by());
        }

        @Override
        public void reopened(Event.RunReopened event) {
            run(Kind.REOPENED, event.by());
        }

        @Override
        public void cancelRequested(Event.CancelRequested event) {
            run(Kind.CANCEL_REQUESTED, event.by());
        }

        @Override
        public void ended(Event.RunEnded event) {
            run(Kind.ENDED, RunStatus.of(event.outcome()).toString());
        }

        @Override
        public void intended(Event.AttemptIntended event) {
            task(event, Kind.SUBMITTING, null);
        }

        @Override
        public void accepted(Event.AttemptAccepted event) {
            task(event, Kind.ACCEPTED, event.remoteId());
        }

        @Override
        public void running(Event.AttemptRunning event) {
            task(event, Kind.RUNNING, null);
        }

        @Override
        public void succeeded(Event.AttemptSucceeded event) {
            task(event, Kind.SUCCEEDED, null);
        }

        @Override
        public void failed(Event.AttemptFailed event) {
            unlessTimedOut(event, Kind.ATTEMPT_FAILED, event.reason());
        }

        @Override
        public void cancelling(Event.AttemptCancelling event) {
            task(event, Kind.CANCELLING, null);
        }

        @Override
        public void timedOut(Event.AttemptTimedOut event) {
            timedOut.put(event.task(), event.attempt());
            task(event, Kind.TIMED_OUT, null);
        }

        @Override
        public void cancelled(Event.AttemptCancelled event) {
            unlessTimedOut(event, Kind.CANCELLED, event.reason());
        }

        @Override
        public void scopeLost(Event.ScopeLost event) {
            task(event, Kind.LOST, event.reason());
        }

        @Override
        public void retryPlanned(Event.RetryPlanned event) {
            timedOut.remove(event.task());
            result = new RunChange(at, Kind.RETRY_PLANNED, event.task(), event.attempt(), null, event.due());
        }

        @Override
        public void retryDue(Event.RetryDue event) {
            task(event, Kind.RETRY_DUE, null);
        }

        @Override
        public void taskFailed(Event.TaskFailed event) {
            unlessTimedOut(event, Kind.FAILED, null);
            timedOut.remove(event.task());
        }

        @Override
        public void taskSkipped(Event.TaskSkipped event) {
            task(event, Kind.SKIPPED, event.because());
        }

        @Override
        public void taskCancelled(Event.TaskCancelled event) {
            task(event, Kind.CANCELLED, null);
            timedOut.remove(event.task());
        }
    }
}
