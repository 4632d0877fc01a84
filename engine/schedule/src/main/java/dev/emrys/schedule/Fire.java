package dev.emrys.schedule;

import com.google.common.collect.ImmutableList;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * One moment at which a schedule starts its pipeline, before jitter.
 *
 * @param nominal the local time that the expression names; for an interval the local time of the instant
 * @param instant the moment; it identifies the fire within its schedule
 * @param offset the zone's offset at that moment
 * @param kind how the instant follows from the nominal time
 * @param merged further nominal times that fall on the same instant and do not fire separately, in order. A gap can
 *     shift 02:30 onto a regular 03:30: the regular one is the fire, 02:30 is merged into it
 */
public record Fire(
        LocalDateTime nominal, Instant instant, ZoneOffset offset, FireKind kind, ImmutableList<LocalDateTime> merged)
        implements Occurrence {

    @Override
    public <R> R accept(Cases<R> cases) {
        return cases.fire(this);
    }

    /**
     * The instant of this fire, before jitter: the end of its {@link DataInterval}, not the start. Airflow's timetables
     * with a data interval name the start of the interval so; its {@code CronTriggerTimetable} means the same as Emrys.
     */
    public Instant logicalDate() {
        return instant;
    }

    /** Whether a clock change affected this fire: it is shifted, repeated, or another one is merged into it. */
    public boolean isAffectedByClockChange() {
        return !(kind instanceof FireKind.Regular) || !merged.isEmpty();
    }
}
