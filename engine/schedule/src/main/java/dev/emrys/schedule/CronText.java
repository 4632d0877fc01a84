package dev.emrys.schedule;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;

/**
 * A part of an expression's text that knows its position, for errors.
 *
 * @param whole the expression as the author wrote it
 * @param offset where the part starts
 * @param end where it ends, exclusive
 */
record CronText(String whole, int offset, int end) {

    static CronText of(String whole) {
        return new CronText(whole, 0, whole.length());
    }

    /** The part in upper case: names and letters are accepted in either case. */
    String upper() {
        return Ascii.toUpperCase(asWritten());
    }

    String asWritten() {
        return whole.substring(offset, end);
    }

    /** A part of this part. */
    CronText part(int from, int to) {
        return new CronText(whole, offset + from, offset + to);
    }

    CronText through(CronText last) {
        return new CronText(whole, offset, last.end);
    }

    ImmutableList<CronText> words() {
        ImmutableList.Builder<CronText> words = ImmutableList.builder();
        int start = -1;
        for (int i = offset; i <= end; i++) {
            boolean inWord = i < end && !Character.isWhitespace(whole.charAt(i));
            if (inWord && start < 0) {
                start = i;
            } else if (!inWord && start >= 0) {
                words.add(new CronText(whole, start, i));
                start = -1;
            }
        }
        return words.build();
    }

    /** The elements of a list, also empty ones. */
    ImmutableList<CronText> elements() {
        ImmutableList.Builder<CronText> elements = ImmutableList.builder();
        int start = offset;
        for (int i = offset; i <= end; i++) {
            if (i == end || whole.charAt(i) == ',') {
                elements.add(new CronText(whole, start, i));
                start = i + 1;
            }
        }
        return elements.build();
    }

    CronSyntaxException error(String problem, String fix) {
        return new CronSyntaxException(whole, offset, end - offset, problem, fix);
    }
}
