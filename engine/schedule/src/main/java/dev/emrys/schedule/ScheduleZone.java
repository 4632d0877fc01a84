package dev.emrys.schedule;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.time.zone.ZoneRulesException;
import java.time.zone.ZoneRulesProvider;
import org.jspecify.annotations.Nullable;

/**
 * A zone with the rules that its fires are computed by, and their version, which is recorded with each fire.
 *
 * <p>The rules are taken once: a value that was made before an update of the time-zone database keeps the old ones. The
 * arithmetic needs two days between neighbouring clock changes; from 1970 to 2037 the database has no two within six
 * days.
 */
public final class ScheduleZone {
    /** Coordinated Universal Time, which has no clock changes. */
    public static final ScheduleZone UTC = new ScheduleZone("UTC", ZoneOffset.UTC.getRules(), null);

    private final String id;
    private final ZoneRules rules;
    private final @Nullable String tzdbVersion;

    /** Most questions concern one period. The value is immutable and can be computed again, so a race is harmless. */
    private @Nullable OffsetPeriod recent;

    private ScheduleZone(String id, ZoneRules rules, @Nullable String tzdbVersion) {
        this.id = id;
        this.rules = rules;
        this.tzdbVersion = tzdbVersion;
    }

    /** The zone with the rules of this JVM's time-zone database. */
    public static ScheduleZone of(ZoneId zone) {
        return new ScheduleZone(zone.getId(), zone.getRules(), versionOf(zone));
    }

    /**
     * A zone with given rules, as after an update of the time-zone database.
     *
     * @param id the zone's name
     * @param tzdbVersion the version of the rules, null if they are in no database
     */
    public static ScheduleZone of(String id, ZoneRules rules, @Nullable String tzdbVersion) {
        return new ScheduleZone(id, rules, tzdbVersion);
    }

    private static @Nullable String versionOf(ZoneId zone) {
        try {
            return ZoneRulesProvider.getVersions(zone.getId()).lastEntry().getKey();
        } catch (ZoneRulesException fixedOffset) {
            return null;
        }
    }

    public String id() {
        return id;
    }

    public ZoneRules rules() {
        return rules;
    }

    /** The version of the time-zone database that the rules come from, as 2025a; null for a fixed offset. */
    public @Nullable String tzdbVersion() {
        return tzdbVersion;
    }

    /** The period without a clock change that contains the instant, in seconds since the epoch. */
    OffsetPeriod periodAt(long epochSecond) {
        OffsetPeriod known = recent;
        if (known != null && known.start() <= epochSecond && epochSecond < known.end()) {
            return known;
        }
        OffsetPeriod found = find(Instant.ofEpochSecond(epochSecond));
        recent = found;
        return found;
    }

    private OffsetPeriod find(Instant instant) {
        // The transition at the instant itself starts its period; previousTransition is strictly before its argument.
        ZoneOffsetTransition first = rules.previousTransition(instant.plusNanos(1));
        ZoneOffsetTransition last = rules.nextTransition(instant);
        int offset = rules.getOffset(instant).getTotalSeconds();
        return new OffsetPeriod(
                first == null ? Long.MIN_VALUE : first.toEpochSecond(),
                last == null ? Long.MAX_VALUE : last.toEpochSecond(),
                offset,
                first == null ? offset : first.getOffsetBefore().getTotalSeconds(),
                last == null ? offset : last.getOffsetAfter().getTotalSeconds());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ScheduleZone that && id.equals(that.id) && rules.equals(that.rules);
    }

    @Override
    public int hashCode() {
        return 31 * id.hashCode() + rules.hashCode();
    }

    @Override
    public String toString() {
        return tzdbVersion == null ? id : id + " (tzdb " + tzdbVersion + ")";
    }
}
