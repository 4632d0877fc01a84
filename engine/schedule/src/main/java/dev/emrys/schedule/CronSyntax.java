package dev.emrys.schedule;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.time.DateTimeException;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/** Parses a whole expression: the zone, the macros and the fields. */
final class CronSyntax {
    private static final String ZONE = "CRON_TZ=";
    private static final String OTHER_ZONE = "TZ=";

    private static final ImmutableMap<String, String> MACROS = ImmutableMap.of(
            "@YEARLY", "0 0 1 1 *",
            "@ANNUALLY", "0 0 1 1 *",
            "@MONTHLY", "0 0 1 * *",
            "@WEEKLY", "0 0 * * 0",
            "@DAILY", "0 0 * * *",
            "@MIDNIGHT", "0 0 * * *",
            "@HOURLY", "0 * * * *");

    private static final String FORM =
            "Write five fields: minute, hour, day of the month, month, day of the week; a sixth before them is the second.";

    private CronSyntax() {}

    /**
     * An expression's meaning.
     *
     * @param fields the local times
     * @param zone the zone of {@code CRON_TZ=}
     * @param hourIsWildcard whether the hour is {@code *}, <code>*&#47;n</code> or {@code H/n}, or has every value
     */
    record Parsed(CronFields fields, @Nullable ZoneId zone, boolean hourIsWildcard) {}

    static Parsed parse(String text, String hashSeed) {
        ImmutableList<CronText> words = CronText.of(text).words();
        ZoneId zone = null;
        if (!words.isEmpty() && words.get(0).upper().startsWith(ZONE)) {
            CronText word = words.get(0);
            zone = zone(word.part(ZONE.length(), word.end() - word.offset()));
            words = words.subList(1, words.size());
        } else if (!words.isEmpty() && words.get(0).upper().startsWith(OTHER_ZONE)) {
            throw words.get(0).error("Unknown prefix", "Write CRON_TZ= and the zone.");
        }
        if (words.size() == 1 && words.get(0).asWritten().startsWith("@")) {
            String expansion = MACROS.get(words.get(0).upper());
            if (expansion == null) {
                throw words.get(0)
                        .error(
                                "Unknown name " + words.get(0).asWritten(),
                                "Write one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly.");
            }
            return fields(CronText.of(expansion).words(), hashSeed, zone);
        }
        checkNumber(text, words);
        return fields(words, hashSeed, zone);
    }

    private static void checkNumber(String text, ImmutableList<CronText> words) {
        CronText end = new CronText(text, text.length(), text.length());
        if (words.isEmpty()) {
            throw end.error("There are no fields", FORM);
        }
        if (words.size() < 5) {
            throw end.error("There are only " + words.size() + " fields", FORM);
        }
        if (words.size() > 6) {
            throw words.get(6)
                    .through(words.get(words.size() - 1))
                    .error(
                            "There are " + words.size() + " fields",
                            FORM + " A field for the year is not supported: give the schedule a start and an end.");
        }
    }

    private static ZoneId zone(CronText name) {
        try {
            return ZoneId.of(name.asWritten());
        } catch (DateTimeException unknown) {
            String fix = ZoneId.getAvailableZoneIds().stream()
                    .filter(name.asWritten()::equalsIgnoreCase)
                    .sorted()
                    .findFirst()
                    .map(found -> "Write " + found + ".")
                    .orElse("Write a name of the tz database, as Europe/Berlin, or UTC.");
            CronSyntaxException error = name.error("Unknown zone \"" + name.asWritten() + "\"", fix);
            error.initCause(unknown);
            throw error;
        }
    }

    private static Parsed fields(ImmutableList<CronText> words, String hashSeed, @Nullable ZoneId zone) {
        int i = words.size() - 5;
        // As in every five-field crontab, a fire is at the start of its minute.
        long seconds = i == 0
                ? 1
                : CronFieldParser.parse(CronField.SECOND, words.get(0), hashSeed)
                        .bits();
        CronFieldParser.Parsed minute = CronFieldParser.parse(CronField.MINUTE, words.get(i), hashSeed);
        CronFieldParser.Parsed hour = CronFieldParser.parse(CronField.HOUR, words.get(i + 1), hashSeed);
        CronFieldParser.Parsed ofMonth = CronFieldParser.parse(CronField.DAY_OF_MONTH, words.get(i + 2), hashSeed);
        CronFieldParser.Parsed month = CronFieldParser.parse(CronField.MONTH, words.get(i + 3), hashSeed);
        CronFieldParser.Parsed ofWeek = CronFieldParser.parse(CronField.DAY_OF_WEEK, words.get(i + 4), hashSeed);
        CronFields fields =
                new CronFields(seconds, minute.bits(), hour.bits(), (int) month.bits(), days(ofMonth, ofWeek));
        if (!fields.isPossible()) {
            throw words.get(i + 2)
                    .through(words.get(i + 4))
                    .error(
                            "The expression never fires, because the given months have no such day",
                            "Write L for the last day of a month.");
        }
        return new Parsed(fields, zone, hour.wildcard());
    }

    /** As Vixie cron does: where both fields are restricted a day matches by either, else by both. */
    private static CronFields.MonthDays days(CronFieldParser.Parsed ofMonth, CronFieldParser.Parsed ofWeek) {
        CronFields.MonthDays byNumber = DaySet.either(DaySet.numbers(ofMonth.bits()), ofMonth.special());
        CronFields.MonthDays byWeekday = DaySet.either(DaySet.weekdays(ofWeek.bits()), ofWeek.special());
        if (ofMonth.restricted() && ofWeek.restricted()) {
            return DaySet.either(byNumber, byWeekday);
        }
        if (ofWeek.all()) {
            return byNumber;
        }
        return ofMonth.all() ? byWeekday : DaySet.both(byNumber, byWeekday);
    }
}
