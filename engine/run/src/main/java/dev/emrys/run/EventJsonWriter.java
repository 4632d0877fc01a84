package dev.emrys.run;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Writes one event as JSON. By hand: through Jackson's bean serializers it is the largest cost of an event outside the database. */
final class EventJsonWriter implements Event.RunCases, Event.TaskCases {
    private static final JsonStringEncoder ENCODER = JsonStringEncoder.getInstance();
    /** Most events are shorter. */
    private static final int USUAL_LENGTH = 192;

    /** An instant and its text: events that follow from each other have the same one. */
    private record InstantText(Instant instant, String text) {}

    private static volatile InstantText lastInstant = new InstantText(Instant.EPOCH, Instant.EPOCH.toString());

    private final StringBuilder json = new StringBuilder(USUAL_LENGTH);

    /** @param type the name of the event's type in JSON */
    static String write(Event event, String type) {
        EventJsonWriter writer = new EventJsonWriter();
        writer.json.append("{\"v\":").append(EventJson.VERSION);
        writer.member("type", type);
        writer.member("at", event.at());
        if (event instanceof Event.OfTask ofTask) {
            writer.member("task", ofTask.task());
            writer.json.append(",\"attempt\":").append(ofTask.attempt());
            ofTask.accept(writer);
        } else {
            ((Event.OfRun) event).accept(writer);
        }
        return writer.json.append('}').toString();
    }

    private void member(String name, @Nullable String value) {
        if (value != null) {
            json.append(",\"").append(name).append("\":\"");
            ENCODER.quoteAsString(value, json);
            json.append('"');
        }
    }

    private void member(String name, Instant value) {
        InstantText last = lastInstant;
        if (!last.instant().equals(value)) {
            last = new InstantText(value, value.toString());
            lastInstant = last;
        }
        json.append(",\"").append(name).append("\":\"").append(last.text()).append('"');
    }

    @Override
    public void started(Event.RunStarted event) {
        member("run", event.run());
        member("name", event.name());
    }

    @Override
    public void resumed(Event.RunResumed event) {
        member("by", event.by());
    }

    @Override
    public void reopened(Event.RunReopened event) {
        member("by", event.by());
    }

    @Override
    public void cancelRequested(Event.CancelRequested event) {
        member("by", event.by());
    }

    @Override
    public void ended(Event.RunEnded event) {
        member("outcome", event.outcome().name());
    }

    @Override
    public void intended(Event.AttemptIntended event) {
        member("key", event.key());
    }

    @Override
    public void accepted(Event.AttemptAccepted event) {
        member("remoteId", event.remoteId());
    }

    @Override
    public void running(Event.AttemptRunning event) {}

    @Override
    public void succeeded(Event.AttemptSucceeded event) {}

    @Override
    public void failed(Event.AttemptFailed event) {
        member("failure", event.failure().name());
        member("reason", event.reason());
        member("log", event.log());
    }

    @Override
    public void cancelling(Event.AttemptCancelling event) {}

    @Override
    public void timedOut(Event.AttemptTimedOut event) {}

    @Override
    public void cancelled(Event.AttemptCancelled event) {
        member("reason", event.reason());
    }

    @Override
    public void scopeLost(Event.ScopeLost event) {
        member("failure", event.failure().name());
        member("reason", event.reason());
    }

    @Override
    public void retryPlanned(Event.RetryPlanned event) {
        member("due", event.due());
    }

    @Override
    public void retryDue(Event.RetryDue event) {}

    @Override
    public void taskFailed(Event.TaskFailed event) {}

    @Override
    public void taskSkipped(Event.TaskSkipped event) {
        member("because", event.because());
    }

    @Override
    public void taskCancelled(Event.TaskCancelled event) {}
}
