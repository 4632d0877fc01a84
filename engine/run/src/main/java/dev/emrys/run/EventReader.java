package dev.emrys.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.common.collect.ImmutableList;
import dev.emrys.spec.FailureCause;
import dev.emrys.spec.FailureKind;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON form of events of the newest version member by member. Jackson's data binding, which finds the type
 * first and calls constructors by reflection, costs a multiple of it: a long run has millions of events. Any form but
 * that of {@link EventJson#write} is left to the caller. Not thread-safe.
 */
final class EventReader {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final int VERSION = EventUpcasters.newest();

    private final JsonParser in;
    /** Events that were appended together mostly have the same time. */
    private String lastText = "";

    private Instant lastInstant = Instant.EPOCH;

    private int version = -1;
    private @Nullable String type;
    private @Nullable Instant time;
    private @Nullable String task;
    private int attempt = -1;
    private @Nullable String key;
    private @Nullable String remoteId;
    private @Nullable FailureKind failure;
    private @Nullable String reason;
    private @Nullable String log;
    private @Nullable FailureCause cause;
    private @Nullable Instant due;
    private @Nullable String because;
    private @Nullable String run;
    private @Nullable String name;
    private @Nullable String by;
    private @Nullable Outcome outcome;

    private EventReader(JsonParser in) {
        this.in = in;
    }

    /** @return null when the form is another one: it may be right */
    static @Nullable Event read(String json) {
        try (JsonParser in = FACTORY.createParser(json)) {
            Event event = new EventReader(in).next();
            return event == null || in.nextToken() != null ? null : event;
        } catch (IOException | IllegalArgumentException | DateTimeException e) {
            return null;
        }
    }

    /**
     * Reads events that follow each other, in one pass: much of what one event costs is the begin of a text.
     *
     * @param json in UTF-8
     * @param count how many events there are
     * @return null when the form of one of them is another one, or when there are more or fewer
     */
    static @Nullable ImmutableList<Event> readAll(byte[] json, int count) {
        ImmutableList.Builder<Event> events = ImmutableList.builderWithExpectedSize(count);
        try (JsonParser in = FACTORY.createParser(json)) {
            EventReader reader = new EventReader(in);
            for (int i = 0; i < count; i++) {
                Event event = reader.next();
                if (event == null) {
                    return null;
                }
                events.add(event);
            }
            return in.nextToken() == null ? events.build() : null;
        } catch (IOException | IllegalArgumentException | DateTimeException e) {
            return null;
        }
    }

    private @Nullable Event next() throws IOException {
        clear();
        return members() ? event() : null;
    }

    private void clear() {
        version = -1;
        type = null;
        time = null;
        task = null;
        attempt = -1;
        key = null;
        remoteId = null;
        failure = null;
        reason = null;
        log = null;
        cause = null;
        due = null;
        because = null;
        run = null;
        name = null;
        by = null;
        outcome = null;
    }

    /** @return whether every member was read */
    private boolean members() throws IOException {
        if (in.nextToken() != JsonToken.START_OBJECT) {
            return false;
        }
        for (String member = in.nextFieldName(); member != null; member = in.nextFieldName()) {
            switch (member) {
                case "v" -> version = in.nextIntValue(-1);
                case "attempt" -> {
                    attempt = in.nextIntValue(-1);
                    if (attempt < 0) {
                        return false;
                    }
                }
                default -> {
                    if (in.nextToken() != JsonToken.VALUE_STRING || !text(member, in.getText())) {
                        return false;
                    }
                }
            }
        }
        return in.currentToken() == JsonToken.END_OBJECT && version == VERSION;
    }

    private boolean text(String member, String value) {
        switch (member) {
            case "type" -> type = value;
            case "at" -> time = instant(value);
            case "task" -> task = value;
            case "key" -> key = value;
            case "remoteId" -> remoteId = value;
            case "failure" -> failure = FailureKind.valueOf(value);
            case "reason" -> reason = value;
            case "log" -> log = value;
            case "cause" -> cause = FailureCause.valueOf(value);
            case "due" -> due = instant(value);
            case "because" -> because = value;
            case "run" -> run = value;
            case "name" -> name = value;
            case "by" -> by = value;
            case "outcome" -> outcome = Outcome.valueOf(value);
            default -> {
                return false;
            }
        }
        return true;
    }

    private Instant instant(String text) {
        if (!text.equals(lastText)) {
            lastInstant = Instant.parse(text);
            lastText = text;
        }
        return lastInstant;
    }

    private @Nullable Event event() {
        if (type == null || time == null) {
            return null;
        }
        return task == null ? ofRun(type, time) : attempt < 0 ? null : ofTask(type, time, task);
    }

    private @Nullable Event ofRun(String type, Instant time) {
        return switch (type) {
            case "run-started" -> run == null || name == null ? null : new Event.RunStarted(time, run, name);
            case "run-resumed" -> by == null ? null : new Event.RunResumed(time, by);
            case "run-reopened" -> by == null ? null : new Event.RunReopened(time, by);
            case "cancel-requested" -> by == null ? null : new Event.CancelRequested(time, by);
            case "run-ended" -> outcome == null ? null : new Event.RunEnded(time, outcome);
            default -> null;
        };
    }

    private @Nullable Event ofTask(String type, Instant time, String task) {
        return switch (type) {
            case "attempt-intended" -> key == null ? null : new Event.AttemptIntended(time, task, attempt, key);
            case "attempt-accepted" ->
                remoteId == null ? null : new Event.AttemptAccepted(time, task, attempt, remoteId);
            case "attempt-running" -> new Event.AttemptRunning(time, task, attempt);
            case "attempt-succeeded" -> new Event.AttemptSucceeded(time, task, attempt);
            case "attempt-failed" ->
                failure == null || reason == null
                        ? null
                        : new Event.AttemptFailed(time, task, attempt, failure, reason, log, cause);
            case "attempt-cancelling" -> new Event.AttemptCancelling(time, task, attempt);
            case "attempt-timed-out" -> new Event.AttemptTimedOut(time, task, attempt);
            case "attempt-cancelled" -> reason == null ? null : new Event.AttemptCancelled(time, task, attempt, reason);
            case "scope-lost" ->
                failure == null || reason == null ? null : new Event.ScopeLost(time, task, attempt, failure, reason);
            case "retry-planned" -> due == null ? null : new Event.RetryPlanned(time, task, attempt, due);
            case "retry-due" -> new Event.RetryDue(time, task, attempt);
            case "task-failed" -> new Event.TaskFailed(time, task, attempt);
            case "task-skipped" -> because == null ? null : new Event.TaskSkipped(time, task, attempt, because);
            case "task-cancelled" -> new Event.TaskCancelled(time, task, attempt);
            default -> null;
        };
    }
}
