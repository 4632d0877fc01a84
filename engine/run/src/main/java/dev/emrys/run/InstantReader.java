package dev.emrys.run;

import java.time.Instant;
import java.util.Arrays;

/**
 * Reads instants in ISO-8601, as {@link Instant#parse} does. That is the largest part of what the reading of an event costs, and events that
 * follow each other are mostly of the same few seconds: of these only the fraction is read. Not thread-safe.
 */
final class InstantReader {
    /** Of {@code 2026-01-31T12:00:00}. */
    private static final int SECONDS_LENGTH = 19;

    private static final int MAX_DIGITS = 9;

    /** Seconds that follow each other have different places. */
    private static final int PLACES = 8;

    /** Texts up to their seconds, by their last digit. */
    private final String[] texts = new String[PLACES];

    private final long[] seconds = new long[PLACES];

    InstantReader() {
        Arrays.fill(texts, "");
    }

    /** @throws java.time.DateTimeException when the text is no instant */
    Instant read(String text) {
        int digits = text.length() - SECONDS_LENGTH - 2;
        if (!hasFraction(text, digits)) {
            return Instant.parse(text);
        }
        int place = text.charAt(SECONDS_LENGTH - 1) % PLACES;
        if (texts[place].isEmpty() || !text.startsWith(texts[place])) {
            Instant instant = Instant.parse(text);
            texts[place] = text.substring(0, SECONDS_LENGTH);
            seconds[place] = instant.getEpochSecond();
            return instant;
        }
        int fraction = Integer.parseInt(text, SECONDS_LENGTH + 1, SECONDS_LENGTH + 1 + digits, 10);
        for (int i = digits; i < MAX_DIGITS; i++) {
            fraction *= 10;
        }
        return Instant.ofEpochSecond(seconds[place], fraction);
    }

    private static boolean hasFraction(String text, int digits) {
        if (digits < 1
                || digits > MAX_DIGITS
                || text.charAt(SECONDS_LENGTH) != '.'
                || text.charAt(text.length() - 1) != 'Z') {
            return false;
        }
        for (int i = 0; i < digits; i++) {
            char digit = text.charAt(SECONDS_LENGTH + 1 + i);
            if (digit < '0' || digit > '9') {
                return false;
            }
        }
        return true;
    }
}
