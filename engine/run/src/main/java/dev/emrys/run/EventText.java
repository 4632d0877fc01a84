package dev.emrys.run;

import dev.emrys.spec.FailureKind;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON form of an event of the newest version without a general parser, whose set-up would cost several times the work: a long run
 * has millions of events. Only what {@link EventJson#write} gives is read, in any order of members, and only texts without escapes; any other
 * form is left to the caller. Not thread-safe.
 */
final class EventText {
    private static final int FULL_DAY_SECONDS = 86_400;
    private static final int NANO_DIGITS = 9;
    private static final int DATE_LENGTH = 10;

    private final String json;
    private int at;

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

    private EventText(String json, int from) {
        this.json = json;
        this.at = from;
    }

    /**
     * @param from where the first member begins
     * @return null when the form is another one: it may be right
     */
    static @Nullable Event read(String json, int from) {
        EventText text = new EventText(json, from);
        try {
            return text.members() ? text.event() : null;
        } catch (IllegalArgumentException | DateTimeException | IndexOutOfBoundsException e) {
            return null;
        }
    }

    /** @return whether every member was read */
    private boolean members() {
        do {
            String name = string();
            if (name == null || json.charAt(at++) != ':' || !member(name)) {
                return false;
            }
        } while (json.charAt(at++) == ',');
        return json.charAt(at - 1) == '}' && at == json.length();
    }

    private boolean member(String name) {
        if (name.equals("attempt")) {
            attempt = number();
            return attempt >= 0;
        }
        String value = string();
        if (value == null) {
            return false;
        }
        switch (name) {
            case "type" -> type = value;
            case "at" -> time = instant(value);
            case "task" -> task = value;
            case "key" -> key = value;
            case "remoteId" -> remoteId = value;
            case "failure" -> failure = FailureKind.valueOf(value);
            case "reason" -> reason = value;
            case "log" -> log = value;
            case "due" -> due = instant(value);
            case "because" -> because = value;
            default -> {
                return false;
            }
        }
        return true;
    }

    /** @return null when it is no text, or one with an escape */
    private @Nullable String string() {
        if (json.charAt(at) != '"') {
            return null;
        }
        int end = json.indexOf('"', at + 1);
        if (end < 0) {
            return null;
        }
        String value = json.substring(at + 1, end);
        if (value.indexOf('\\') >= 0) {
            return null;
        }
        at = end + 1;
        return value;
    }

    private int number() {
        int from = at;
        int value = 0;
        while (Character.isDigit(json.charAt(at)) && at - from < NANO_DIGITS) {
            value = 10 * value + json.charAt(at++) - '0';
        }
        return at == from ? -1 : value;
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

    /** {@code 2026-04-25T03:00:00.123456789Z}, with zero to nine digits after the second; any other form is parsed by the library. */
    static Instant instant(String text) {
        int length = text.length();
        boolean usual = length >= 20
                && text.charAt(4) == '-'
                && text.charAt(7) == '-'
                && text.charAt(10) == 'T'
                && text.charAt(13) == ':'
                && text.charAt(16) == ':'
                && text.charAt(length - 1) == 'Z'
                && (length == 20 || (text.charAt(19) == '.' && length > 21 && length <= 21 + NANO_DIGITS));
        int year = usual ? digits(text, 0, 4) : -1;
        int second = usual ? digits(text, 17, 19) : -1;
        int minute = usual ? digits(text, 14, 16) : -1;
        int hour = usual ? digits(text, 11, 13) : -1;
        int month = usual ? digits(text, 5, 7) : -1;
        int day = usual ? digits(text, 8, DATE_LENGTH) : -1;
        int fraction = usual && length > 20 ? digits(text, 20, length - 1) : 0;
        if (year < 0
                || month < 0
                || day < 0
                || hour < 0
                || hour > 23
                || minute < 0
                || minute > 59
                || second < 0
                || second > 59
                || fraction < 0) {
            return Instant.parse(text);
        }
        for (int digit = length - 21; digit < NANO_DIGITS && length > 20; digit++) {
            fraction *= 10;
        }
        long days = LocalDate.of(year, month, day).toEpochDay();
        return Instant.ofEpochSecond(days * FULL_DAY_SECONDS + hour * 3_600L + minute * 60L + second, fraction);
    }

    /** @return -1 when there is anything but digits */
    private static int digits(String text, int from, int to) {
        int value = 0;
        for (int i = from; i < to; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = 10 * value + digit;
        }
        return value;
    }
}
