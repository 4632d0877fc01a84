package dev.emrys.schedule;

import com.google.common.base.Ascii;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * A cron expression: the local times at which a schedule fires.
 *
 * <p>Fields: minute, hour, day of the month, month, day of the week; a sixth field before them is the second (0 without
 * it). Each is {@code *}, a value, a range {@code a-b}, a step <code>*&#47;n</code>, {@code a-b/n} or {@code a/n} (from
 * a on), or a list of these; months and weekdays also by name, 0 and 7 are Sunday. For days also:
 *
 * <ul>
 *   <li>{@code ?}: the same as {@code *};
 *   <li>{@code L}, {@code L-n}, {@code LW}: the last day of the month, n days before it, the last day from Monday to
 *       Friday;
 *   <li>{@code nW}: the day from Monday to Friday of the same month that is nearest to day n; nothing in a month
 *       without day n;
 *   <li>{@code FRIL}, {@code FRI#2}: the last, the second Friday of the month.
 * </ul>
 *
 * <p>Where neither day field begins with {@code *} or {@code ?}, a day that matches either of them fires; else it must
 * match both, as crontab(5) says.
 *
 * <p>{@code H}, {@code H(a-b)}, {@code H/n} and {@code H(a-b)/n} have Jenkins' meaning: a value, or the first value of
 * the steps, that is chosen by a stable hash of the schedule's id, so that many schedules do not fire at the same time.
 * As in Jenkins it chooses days of the month from 1 to 28.
 *
 * <p>{@code @yearly @annually @monthly @weekly @daily @midnight @hourly} are names for the expressions of crontab(5).
 * {@code CRON_TZ=Zone} before the fields gives the zone.
 */
public final class CronExpression implements Timing {
    private static final int MOST_KNOWN = 1_000;

    /**
     * By text: many schedules have one of few expressions, and to parse it is most of what a schedule costs at the
     * start of a process.
     */
    private static final Map<String, CronSyntax.Parsed> KNOWN = new ConcurrentSkipListMap<>();

    private final String text;
    private final String hashSeed;
    private final CronFields fields;
    private final @Nullable ZoneId zone;
    private final boolean followsClock;

    private CronExpression(String text, String hashSeed, CronSyntax.Parsed parsed) {
        this.text = text;
        this.hashSeed = hashSeed;
        this.fields = parsed.fields();
        this.zone = parsed.zone();
        this.followsClock = parsed.hourIsWildcard();
    }

    /**
     * Parses an expression.
     *
     * @param text the expression
     * @param hashSeed what {@code H} depends on: the schedule's id
     * @throws CronSyntaxException if the text is not an expression, or if it never fires
     */
    public static CronExpression parse(String text, String hashSeed) {
        CronSyntax.Parsed known = KNOWN.get(text);
        if (known == null) {
            known = CronSyntax.parse(text, hashSeed);
            // Its meaning may depend on the seed only if it has an H, which is also in the names of some days and
            // months.
            if (Ascii.toUpperCase(text).indexOf('H') < 0) {
                if (KNOWN.size() >= MOST_KNOWN) {
                    KNOWN.clear();
                }
                KNOWN.put(text, known);
            }
        }
        return new CronExpression(text, hashSeed, known);
    }

    /** The expression as the author wrote it. */
    public String text() {
        return text;
    }

    /** The zone of {@code CRON_TZ=}. */
    public Optional<ZoneId> zone() {
        return Optional.ofNullable(zone);
    }

    /**
     * Whether the hour is {@code *}, <code>*&#47;n</code> or {@code H/n}, or has every value. Unless the author chooses
     * otherwise such an expression follows the clock: it fires at both occurrences of a repeated local time and skips a
     * gap, so that <code>*&#47;30 * * * *</code> fires every 30 minutes of elapsed time. Any other one shifts over a
     * gap and fires at the first occurrence only.
     */
    public boolean followsClock() {
        return followsClock;
    }

    /** Whether the local time, to the second, matches. Only the years 1 to 9999 do. */
    public boolean matches(LocalDateTime local) {
        return local.equals(local.truncatedTo(ChronoUnit.SECONDS))
                && fields.matches(local.toEpochSecond(ZoneOffset.UTC));
    }

    /** The first local time after the given one that matches; empty after the year 9999. */
    public Optional<LocalDateTime> next(LocalDateTime after) {
        return local(fields.next(after.toEpochSecond(ZoneOffset.UTC) + 1));
    }

    /** The last local time before the given one that matches; empty before the year 1. */
    public Optional<LocalDateTime> previous(LocalDateTime before) {
        return local(fields.previous(before.minusNanos(1).toEpochSecond(ZoneOffset.UTC)));
    }

    @Override
    public <R> R accept(Cases<R> cases) {
        return cases.cron(this);
    }

    CronFields fields() {
        return fields;
    }

    private static Optional<LocalDateTime> local(long second) {
        return second == CronFields.NONE_AFTER || second == CronFields.NONE_BEFORE
                ? Optional.empty()
                : Optional.of(LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CronExpression that && text.equals(that.text) && hashSeed.equals(that.hashSeed);
    }

    @Override
    public int hashCode() {
        return 31 * text.hashCode() + hashSeed.hashCode();
    }

    /** The expression as the author wrote it. */
    @Override
    public String toString() {
        return text;
    }
}
