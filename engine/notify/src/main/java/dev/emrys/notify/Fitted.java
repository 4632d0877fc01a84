package dev.emrys.notify;

import com.google.common.base.CharMatcher;

/** Texts without control characters and of a limited length; what is left out at the end is shown as an ellipsis. */
final class Fitted {
    static final CharMatcher CONTROL = CharMatcher.javaIsoControl().or(CharMatcher.anyOf("\u2028\u2029"));

    /** What a text of several lines must not contain. */
    static final CharMatcher CONTROL_IN_LINES = CONTROL.and(CharMatcher.noneOf("\n\t"));

    private static final String ELLIPSIS = "…";

    private Fitted() {}

    /** One line. */
    static String line(String text, int limit) {
        return cut(CONTROL.trimAndCollapseFrom(text, ' ').strip(), limit);
    }

    /** Several lines. */
    static String lines(String text, int limit) {
        return cut(CONTROL_IN_LINES.replaceFrom(text.replace("\r\n", "\n"), ' ').strip(), limit);
    }

    private static String cut(String text, int limit) {
        if (text.length() <= limit) {
            return text;
        }
        int end = limit - ELLIPSIS.length();
        // The two halves of a character are kept or left out together.
        return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + ELLIPSIS;
    }
}
