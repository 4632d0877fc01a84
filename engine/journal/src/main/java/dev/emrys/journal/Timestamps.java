package dev.emrys.journal;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;

/**
 * Instants as the tables hold them: always with nine digits of a second, so that the order of the texts is that of the
 * instants.
 */
final class Timestamps {
    private static final DateTimeFormatter FORMAT =
            new DateTimeFormatterBuilder().appendInstant(9).toFormatter(Locale.ROOT);

    /**
     * An instant and its text: what is written or read together has often the same one, and formatting is a large part
     * of its cost.
     */
    private record InstantText(Instant instant, String text) {
        static InstantText of(Instant instant) {
            return new InstantText(instant, FORMAT.format(instant));
        }
    }

    private static volatile InstantText last = InstantText.of(Instant.EPOCH);
    /** Another program may have written it with fewer digits, so it is not the one to write. */
    private static volatile InstantText lastRead = last;

    private Timestamps() {}

    /** The instant of a text of the tables. */
    static Instant instant(String text) {
        InstantText known = lastRead;
        if (!known.text().equals(text)) {
            known = new InstantText(Instant.parse(text), text);
            lastRead = known;
        }
        return known.instant();
    }

    static String text(Instant instant) {
        InstantText known = last;
        if (!known.instant().equals(instant)) {
            known = InstantText.of(instant);
            last = known;
        }
        return known.text();
    }
}
