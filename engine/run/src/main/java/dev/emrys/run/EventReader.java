package dev.emrys.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.emrys.spec.FailureKind;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON form of a task's event of the newest version member by member. Jackson's data binding, which finds the type first and calls
 * constructors by reflection, costs a multiple of it: a long run has millions of events. Any form but that of {@link EventJson#write} is
 * left to the caller. Not thread-safe.
 */
final class EventReader {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final int VERSION = EventUpcasters.newest();

    private @Nullable String type;
    private @Nullable Instant time;
    private @Nullable String task;
    private int attempt = -1;
    private @Nullable String key;
    private @Nullable String remoteId;
    private @Nullable FailureKind failure;
    private @Nullable String reason;
    private @Nullable String log;
    private @Nullable Instant due;
    private @Nullable String because;

    private EventReader() {}

    /** @return null when the form is another one: it may be right */
    static @Nullable Event read(String json) {
        EventReader reader = new EventReader();
        try (JsonParser in = FACTORY.createParser(json)) {
            return reader.members(in) ? reader.event() : null;
        } catch (IOException | IllegalArgumentException | DateTimeException e) {
            return null;
        }
    }

    /** @return whether every member was read */
    private boolean members(JsonParser in) throws IOException {
        if (in.nextToken() != JsonToken.START_OBJECT) {
            return false;
        }
        for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
            if (name.equals("v") || name.equals("attempt")) {
                int number = in.nextIntValue(-1);
                if (number < 0 || (name.equals("v") && number != VERSION)) {
                    return false;
                }
                attempt = name.equals("v") ? attempt : number;
            } else if (in.nextToken() != JsonToken.VALUE_STRING || !text(name, in.getText())) {
                return false;
            }
        }
        return in.currentToken() == JsonToken.END_OBJECT && in.nextToken() == null;
    }

    private boolean text(String name, String value) {
        switch (name) {
            case "type" -> type = value;
            case "at" -> time = Instant.parse(value);
            case "task" -> task = value;
            case "key" -> key = value;
            case "remoteId" -> remoteId = value;
            case "failure" -> failure = FailureKind.valueOf(value);
            case "reason" -> reason = value;
            case "log" -> log = value;
            case "due" -> due = Instant.parse(value);
            case "because" -> because = value;
            default -> {
                return false;
            }
        }
        return true;
    }

    private @Nullable Event event() {
        if (type == null || time == null || task == null || attempt < 0) {
            // An event of the run: there are few.
            return null;
        }
        return switch (type) {
            case "attempt-intended" -> key == null ? null : new Event.AttemptIntended(time, task, attempt, key);
            case "attempt-accepted" ->
                remoteId == null ? null : new Event.AttemptAccepted(time, task, attempt, remoteId);
            case "attempt-running" -> new Event.AttemptRunning(time, task, attempt);
            case "attempt-succeeded" -> new Event.AttemptSucceeded(time, task, attempt);
            case "attempt-failed" ->
                failure == null || reason == null
                        ? null
                        : new Event.AttemptFailed(time, task, attempt, failure, reason, log);
            case "attempt-cancelling" -> new Event.AttemptCancelling(time, task, attempt);
            case "attempt-timed-out" -> new Event.AttemptTimedOut(time, task, attempt);
            case "attempt-cancelled" -> reason == null ? null : new Event.AttemptCancelled(time, task, attempt, reason);
            case "retry-planned" -> due == null ? null : new Event.RetryPlanned(time, task, attempt, due);
            case "retry-due" -> new Event.RetryDue(time, task, attempt);
            case "task-failed" -> new Event.TaskFailed(time, task, attempt);
            case "task-skipped" -> because == null ? null : new Event.TaskSkipped(time, task, attempt, because);
            case "task-cancelled" -> new Event.TaskCancelled(time, task, attempt);
            default -> null;
        };
    }
}
