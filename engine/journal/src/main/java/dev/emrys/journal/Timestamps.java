package dev.emrys.journal;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;

/** Instants as the tables hold them: always with nine digits of a second, so that the order of the texts is that of the instants. */
final class Timestamps {
    private static final DateTimeFormatter FORMAT =
            new DateTimeFormatterBuilder().appendInstant(9).toFormatter(Locale.ROOT);

    /** An instant and its text: events that are appended together have the same one, and formatting is a large part of their cost. */
    private record InstantText(Instant instant, String text) {
        static InstantText of(Instant instant) {
            return new InstantText(instant, FORMAT.format(instant));
        }
    }

    private static volatile InstantText last = InstantText.of(Instant.EPOCH);

    private Timestamps() {}

    static String text(Instant instant) {
        InstantText known = last;
        if (!known.instant().equals(instant)) {
            known = InstantText.of(instant);
            last = known;
        }
        return known.text();
    }
}
