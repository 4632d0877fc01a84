package dev.emrys.spec;

import java.time.Duration;

/** Durations in messages for people, who do not write them as {@code PT1H30M}. */
public final class Durations {
    private Durations() {}

    /** {@code 90 ms}, {@code 30 s}, {@code 90 min}, {@code 2 h}: the largest unit that it is a multiple of. */
    public static String words(Duration duration) {
        if (duration.toMillis() % 1000 != 0) {
            return duration.toMillis() + " ms";
        }
        long seconds = duration.toSeconds();
        if (seconds == 0 || seconds % 60 != 0) {
            return seconds + " s";
        }
        return seconds % 3600 == 0 ? seconds / 3600 + " h" : seconds / 60 + " min";
    }
}
