package dev.emrys.scheduler;

import com.google.common.base.Ascii;
import com.google.common.hash.Hashing;
import dev.emrys.journal.FireRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Pattern;

/** The names of the runs of fires. A journal has one run of a name, so a fire has one run. */
public final class FireRuns {
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MILLIS =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss.SSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final DateTimeFormatter MICROS = DateTimeFormatter.ofPattern(
                    "uuuuMMdd'T'HHmmss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    /** Of a schedule, within the name of a run. */
    private static final int LONGEST_NAME = 60;

    private static final int HASH_LENGTH = 6;

    private static final Pattern UNUSUAL = Pattern.compile("[^A-Za-z0-9._-]");

    /**
     * An instant and its text: schedules that are due at once have the same one, and formatting is a large part of a
     * decision's cost.
     */
    private record InstantText(Instant instant, String text) {
        static InstantText of(Instant instant) {
            return new InstantText(instant, SECONDS.format(instant));
        }
    }

    private static volatile InstantText last = InstantText.of(Instant.EPOCH);

    private FireRuns() {}

    /**
     * The run of a pipeline for a fire of its schedule, also for a backfill of it: {@code daily-etl-20260425T010000Z}.
     */
    public static String ofFire(String pipeline, Instant fire) {
        InstantText known = last;
        if (!known.instant().equals(fire)) {
            known = InstantText.of(fire);
            last = known;
        }
        return prefix(pipeline) + known.text();
    }

    /** The run of a pipeline that a person triggers: {@code daily-etl-trigger-20260425T010000.123Z}. */
    public static String ofTrigger(String pipeline, Instant request) {
        return prefix(pipeline) + "trigger-" + MILLIS.format(request);
    }

    static String of(String pipeline, FireRecord.Cause cause, Instant at) {
        return cause == FireRecord.Cause.TRIGGER ? ofTrigger(pipeline, at) : ofFire(pipeline, at);
    }

    /**
     * The run for a fire that something else than time has caused: {@code load-arrival-20260425T010000.000123Z-1a2b3c}.
     *
     * @param schedule the schedule's id; its name is a part of that of the run, unless it is {@code main}: two
     *     schedules of a pipeline may fire at the same instant. The end is of its id: names that are written alike
     *     differ
     */
    static String ofEvent(String pipeline, String schedule, FireRecord.Cause cause, Instant at) {
        String name = schedule.substring(pipeline.length() + 1);
        String written = UNUSUAL.matcher(Ascii.truncate(name, LONGEST_NAME, "")).replaceAll("-");
        return prefix(pipeline)
                + (name.equals("main") ? "" : written + "-")
                + Ascii.toLowerCase(cause.name())
                + "-"
                + MICROS.format(at)
                + "-"
                + Hashing.sha256()
                        .hashString(schedule, StandardCharsets.UTF_8)
                        .toString()
                        .substring(0, HASH_LENGTH);
    }

    private static String prefix(String pipeline) {
        return pipeline.replace(' ', '-') + "-";
    }
}
