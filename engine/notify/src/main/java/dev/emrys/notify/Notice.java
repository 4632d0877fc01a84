package dev.emrys.notify;

import com.google.common.base.CharMatcher;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message for people about something that happened. Immutable.
 *
 * @param id unique for what happened, since a channel sends a notice of one id once: {@code
 *     failed/daily-etl-20260425T010000Z}; at most {@link #MAX_ID} characters
 * @param pipeline its name
 * @param schedule its id, if the notice is about a schedule or about a run that one started
 * @param run its name, if the notice is about a run
 * @param at when it happened
 * @param title one line of at most {@link #MAX_TITLE} characters
 * @param text several lines, at most {@link #MAX_TEXT} characters, which may be empty: what failed, the reason, the
 *     next command to type
 */
public record Notice(
        String id,
        NoticeKind kind,
        String pipeline,
        @Nullable String schedule,
        @Nullable String run,
        Instant at,
        String title,
        String text) {

    /** The longest id, and the longest name of a pipeline, a schedule or a run. */
    public static final int MAX_ID = 500;

    public static final int MAX_TITLE = 200;

    /** Title and text together stay below the 16,383 characters of a post in Mattermost. */
    public static final int MAX_TEXT = 16_000;

    /**
     * @throws IllegalArgumentException if the id, the title or a name is blank, a member is too long, or one has
     *     control characters other than the line feeds and tabs of the text
     */
    public Notice {
        check("id", id, MAX_ID, false, Fitted.CONTROL);
        check("pipeline", pipeline, MAX_ID, false, Fitted.CONTROL);
        if (schedule != null) {
            check("schedule", schedule, MAX_ID, false, Fitted.CONTROL);
        }
        if (run != null) {
            check("run", run, MAX_ID, false, Fitted.CONTROL);
        }
        check("title", title, MAX_TITLE, false, Fitted.CONTROL);
        check("text", text, MAX_TEXT, true, Fitted.CONTROL_IN_LINES);
    }

    /**
     * A notice whose title and text are made to fit: what is too long is cut, and control characters become spaces. For
     * texts of others, such as the reason of a failure.
     *
     * @throws IllegalArgumentException as the constructor
     */
    public static Notice fitted(
            String id,
            NoticeKind kind,
            String pipeline,
            @Nullable String schedule,
            @Nullable String run,
            Instant at,
            String title,
            String text) {
        return new Notice(
                id, kind, pipeline, schedule, run, at, Fitted.line(title, MAX_TITLE), Fitted.lines(text, MAX_TEXT));
    }

    private static void check(String member, String value, int limit, boolean mayBeBlank, CharMatcher forbidden) {
        if (!mayBeBlank && value.isBlank()) {
            throw new IllegalArgumentException("The " + member + " of a notice is blank.");
        }
        if (value.length() > limit) {
            throw new IllegalArgumentException("The " + member + " of a notice has " + value.length()
                    + " characters. At most " + limit + " are allowed.");
        }
        if (forbidden.matchesAnyOf(value)) {
            throw new IllegalArgumentException("The " + member + " of a notice has a control character.");
        }
    }

    /** The title and the text, as a message without a subject shows them. */
    String message() {
        return text.isEmpty() ? title : title + "\n" + text;
    }
}
