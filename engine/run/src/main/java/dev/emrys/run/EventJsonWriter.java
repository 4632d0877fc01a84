package dev.emrys.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Writes one event member by member. Through Jackson's bean serializers it is the largest cost of an event outside the
 * database. Not thread-safe.
 */
final class EventJsonWriter implements Event.RunCases, Event.TaskCases {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final int VERSION = EventUpcasters.newest();

    /** Most events are shorter. */
    private static final int USUAL_LENGTH = 192;

    /** An instant and its text: events that follow from each other have the same one. */
    private record InstantText(Instant instant, String text) {}

    private static volatile InstantText lastInstant = new InstantText(Instant.EPOCH, Instant.EPOCH.toString());

    private final JsonGenerator json;

    private EventJsonWriter(JsonGenerator json) {
        this.json = json;
    }

    /** @param type the name of the event's type in JSON */
    static String write(Event event, String type) {
        StringWriter text = new StringWriter(USUAL_LENGTH);
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            EventJsonWriter writer = new EventJsonWriter(json);
            json.writeStartObject();
            json.writeNumberField("v", VERSION);
            writer.member("type", type);
            writer.member("at", event.at());
            if (event instanceof Event.OfTask ofTask) {
                writer.member("task", ofTask.task());
                json.writeNumberField("attempt", ofTask.attempt());
                ofTask.accept(writer);
            } else {
                ((Event.OfRun) event).accept(writer);
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private void member(String name, @Nullable String value) {
        if (value == null) {
            return;
        }
        try {
            json.writeStringField(name, value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void member(String name, Instant value) {
        InstantText last = lastInstant;
        if (!last.instant().equals(value)) {
            last = new InstantText(value, value.toString());
            lastInstant = last;
        }
        member(name, last.text());
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
        member("cause", event.cause() == null ? null : event.cause().name());
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
