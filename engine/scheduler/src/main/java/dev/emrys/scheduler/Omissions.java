package dev.emrys.scheduler;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import dev.emrys.journal.ScheduleEvent;
import dev.emrys.schedule.CronExpression;
import dev.emrys.schedule.Exclusions;
import dev.emrys.schedule.Omission;
import dev.emrys.schedule.Schedule;
import java.time.Instant;
import java.time.zone.ZoneOffsetTransition;
import java.util.EnumMap;
import java.util.Map;

/** The local times of a schedule that do not fire, as events. */
record Omissions(ServedSchedule schedule, String by) {
    /** Of a schedule of every second that was off for years not all times are looked at. */
    private static final long MOST_LOOKED_AT = 100_000;

    /** What was left out after {@code from} and up to {@code to}: one event for each reason. */
    ImmutableList<ScheduleEvent> between(Instant from, Instant to, Instant now) {
        Schedule declared = schedule.fires().schedule();
        if (!mayOmit(declared, from, to)) {
            return ImmutableList.of();
        }
        Map<Omission.Reason, ScheduleEvent> found = new EnumMap<>(Omission.Reason.class);
        schedule.fires()
                .between(from.plusNanos(1), to.plusNanos(1))
                .limit(MOST_LOOKED_AT)
                .filter(Omission.class::isInstance)
                .map(Omission.class::cast)
                .filter(omission -> omission.reason() != Omission.Reason.BEFORE_START
                        && omission.reason() != Omission.Reason.AFTER_END)
                .forEach(omission -> found.merge(omission.reason(), event(omission, now), Omissions::joined));
        return ImmutableList.copyOf(found.values());
    }

    /** Only on excluded days and around a clock change: most decisions are about neither. */
    private static boolean mayOmit(Schedule declared, Instant from, Instant to) {
        if (!declared.exclusions().equals(Exclusions.NONE)) {
            return true;
        }
        if (!(declared.timing() instanceof CronExpression)) {
            return false;
        }
        // A gap's omission is at the clock change itself, and those of a repeated hour are within it.
        ZoneOffsetTransition next = declared.zone().rules().nextTransition(from.minusSeconds(7_200));
        return next != null && next.getInstant().isBefore(to.plusSeconds(7_200));
    }

    private ScheduleEvent event(Omission omission, Instant now) {
        return new ScheduleEvent(
                schedule.id(),
                now,
                ScheduleEvent.Type.OMITTED,
                Ascii.toLowerCase(omission.reason().name()).replace('_', '-'),
                omission.instant(),
                omission.instant(),
                1,
                by);
    }

    private static ScheduleEvent joined(ScheduleEvent one, ScheduleEvent other) {
        return new ScheduleEvent(
                one.schedule(),
                one.at(),
                one.type(),
                one.reason(),
                one.first(),
                other.last(),
                one.count() + 1,
                one.by());
    }
}
