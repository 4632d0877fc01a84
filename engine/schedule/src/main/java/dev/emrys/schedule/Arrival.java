package dev.emrys.schedule;

import java.time.Duration;
import java.util.regex.Pattern;

/**
 * Fires when files or objects have arrived. What has another size or another modification time than before has arrived
 * again.
 *
 * @param kind where they arrive
 * @param location an absolute path, whose elements may be patterns as of java.nio's {@code glob:}, or the beginning of
 *     the objects' locations: {@code s3://bucket/prefix}
 * @param settle how long ago the last modification must be: a program may still be writing
 * @param pollEvery the time between two looks
 */
public record Arrival(Kind kind, String location, Duration settle, Duration pollEvery) implements Trigger {
    /** See {@link #settle}. */
    public static final Duration DEFAULT_SETTLE = Duration.ofSeconds(10);

    /** See {@link #pollEvery}. */
    public static final Duration DEFAULT_POLL_EVERY = Duration.ofSeconds(5);

    private static final Pattern SPECIAL = Pattern.compile("[*?\\[\\]{}\\\\]");
    private static final Pattern OBJECTS = Pattern.compile("s3://(?!.*/\\.\\.?(/|$))[A-Za-z0-9._-]{3,255}/.*");

    private static final Duration LONGEST = Duration.ofDays(1);

    /** Where something arrives. */
    public enum Kind {
        /** Files of this machine. */
        FILE,
        /** Objects on Amazon S3. */
        OBJECT
    }

    /**
     * @throws IllegalArgumentException if a duration is negative or longer than a day, the pause is shorter than a
     *     second, or the location is malformed
     */
    public Arrival {
        if (kind == Kind.FILE && !location.startsWith("/")) {
            throw new IllegalArgumentException("The path \"" + location + "\" is not absolute.");
        }
        if (kind == Kind.OBJECT && !OBJECTS.matcher(location).matches()) {
            throw new IllegalArgumentException(
                    "\"" + location + "\" is no location on S3, such as s3://bucket/prefix/.");
        }
        if (settle.isNegative() || settle.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("The time settle = " + settle + " is not between 0 and 1 day.");
        }
        if (pollEvery.compareTo(Duration.ofSeconds(1)) < 0 || pollEvery.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "The time pollEvery = " + pollEvery + " is not between 1 second and 1 day.");
        }
    }

    /** The pattern that matches a text only. */
    public static String escaped(String text) {
        return SPECIAL.matcher(text).replaceAll("\\\\$0");
    }

    /** With the default times. */
    public static Arrival of(Kind kind, String location) {
        return new Arrival(kind, location, DEFAULT_SETTLE, DEFAULT_POLL_EVERY);
    }

    @Override
    public <R> R accept(Cases<R> cases) {
        return cases.arrival(this);
    }

    /** What it waits for: with other times it waits for the same. */
    @Override
    public String toString() {
        return "Arrival[kind=" + kind + ", location=" + location + "]";
    }
}
