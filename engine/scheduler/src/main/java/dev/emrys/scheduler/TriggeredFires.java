package dev.emrys.scheduler;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.ImmutableMap.toImmutableMap;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Lists;
import dev.emrys.journal.FireInputs;
import dev.emrys.journal.FireRecord;
import dev.emrys.journal.FireRecord.Cause;
import dev.emrys.journal.FireRecord.State;
import dev.emrys.journal.LogicalTime;
import dev.emrys.journal.ScheduleEvent;
import dev.emrys.journal.ScheduleRecord;
import dev.emrys.schedule.CatchUp;
import dev.emrys.schedule.CatchUpPolicy;
import dev.emrys.schedule.MissedFires;
import dev.emrys.schedule.Omission;
import dev.emrys.schedule.Schedule;
import dev.emrys.scheduler.TriggerPlan.Part;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

/** Makes fires of what a schedule has found. Not thread-safe, and for one look only. */
final class TriggeredFires {
    /** How many files or objects one fire has at most. */
    static final int MOST_ARRIVED = 1_000;

    private final ServedSchedule schedule;
    private final ScheduleRecord record;
    private final Cause cause;
    private final String by;
    private final Instant now;
    private final Predicate<Instant> isTaken;
    private final Set<Instant> used = new LinkedHashSet<>();
    private final ImmutableList.Builder<Part> parts = ImmutableList.builder();

    /** @param isTaken whether the schedule has a fire of this cause at an instant */
    TriggeredFires(
            ServedSchedule schedule,
            ScheduleRecord record,
            Cause cause,
            String by,
            Instant now,
            Predicate<Instant> isTaken) {
        this.schedule = schedule;
        this.record = record;
        this.cause = cause;
        this.by = by;
        this.now = now;
        this.isTaken = isTaken;
    }

    /**
     * Applies the schedule's policy for what was missed while no process served it.
     *
     * @param found the oldest first
     * @param delay by how much later than it arrives something is found by a process that serves the schedule
     */
    ImmutableList<Part> of(ImmutableList<Found> found, Duration delay) {
        CatchUpPolicy policy = schedule.catchUp();
        Instant onTime = now.minus(policy.tolerance()).minus(delay);
        Instant window = policy.window().compareTo(Duration.between(Instant.EPOCH, onTime)) > 0
                ? Instant.MIN
                : onTime.minus(policy.window());
        ImmutableList<Found> late = between(found, window, onTime);
        List<ImmutableList<Found>> newest = groups(between(found, onTime, Instant.MAX));
        missed(MissedFires.Reason.OUTSIDE_WINDOW, between(found, Instant.MIN, window));
        for (ImmutableList<Found> group : policy.mode().accept(new Late(late, newest.size()))) {
            fire(group);
        }
        newest.forEach(this::fire);
        return parts.build();
    }

    private static ImmutableList<Found> between(ImmutableList<Found> found, Instant from, Instant to) {
        return found.stream()
                .filter(each -> !each.at().isBefore(from) && each.at().isBefore(to))
                .collect(toImmutableList());
    }

    /** What one fire is for: a run, or many files. */
    private List<ImmutableList<Found>> groups(ImmutableList<Found> found) {
        List<ImmutableList<Found>> groups = new ArrayList<>();
        Lists.partition(found, cause == Cause.SUCCESS ? 1 : MOST_ARRIVED)
                .forEach(group -> groups.add(ImmutableList.copyOf(group)));
        return groups;
    }

    /** Which late ones are started; the others are recorded as missed. */
    private final class Late implements CatchUp.Cases<List<ImmutableList<Found>>> {
        private final ImmutableList<Found> late;
        private final int onTime;

        Late(ImmutableList<Found> late, int onTime) {
            this.late = late;
            this.onTime = onTime;
        }

        @Override
        public List<ImmutableList<Found>> none() {
            missed(MissedFires.Reason.NO_CATCH_UP, late);
            return ImmutableList.of();
        }

        @Override
        public List<ImmutableList<Found>> last() {
            int kept = onTime == 0 && !late.isEmpty() ? 1 : 0;
            missed(MissedFires.Reason.SUPERSEDED, late.subList(0, late.size() - kept));
            return kept == 0 ? ImmutableList.of() : ImmutableList.of(ImmutableList.of(late.get(late.size() - 1)));
        }

        @Override
        public List<ImmutableList<Found>> all(CatchUp.All all) {
            List<ImmutableList<Found>> groups = groups(late);
            int dropped = Math.max(0, groups.size() - Math.max(0, all.max() - onTime));
            groups.subList(0, dropped).forEach(group -> missed(MissedFires.Reason.OVER_MAXIMUM, group));
            return groups.subList(dropped, groups.size());
        }
    }

    private void missed(MissedFires.Reason reason, ImmutableList<Found> found) {
        if (!found.isEmpty()) {
            remember(found, Ascii.toLowerCase(reason.name()).replace('_', '-'));
        }
    }

    /**
     * Remembers what does not fire, as one event.
     *
     * @param reason of a missed fire
     */
    ImmutableList<Part> remember(ImmutableList<Found> found, String reason) {
        List<List<Found>> chunks = Lists.partition(found, TriggerPlan.MOST_NAMES);
        for (int index = 0; index < chunks.size(); index++) {
            boolean isLast = index == chunks.size() - 1;
            ScheduleEvent event = isLast && !reason.isEmpty()
                    ? new ScheduleEvent(
                            schedule.id(),
                            now,
                            ScheduleEvent.Type.MISSED,
                            reason,
                            found.get(0).at(),
                            found.get(found.size() - 1).at(),
                            found.size(),
                            by)
                    : null;
            parts.add(new Part(versions(chunks.get(index)), null, null, event));
        }
        return parts.build();
    }

    private static ImmutableMap<String, String> versions(List<Found> found) {
        return found.stream().collect(toImmutableMap(Found::key, Found::version));
    }

    private void fire(ImmutableList<Found> group) {
        Found first = group.get(0);
        Instant at = free((cause == Cause.SUCCESS ? first.at() : now).truncatedTo(ChronoUnit.MICROS));
        Schedule declared = schedule.fires().schedule();
        LogicalTime logical = first.logicalTime() == null
                ? new LogicalTime(
                        at.atZone(ZoneId.of(declared.zone().id())).toLocalDate(),
                        at,
                        declared.zone().id(),
                        first.at().isAfter(at) ? at : first.at())
                : first.logicalTime();
        FireRecord fire = new FireRecord(
                schedule.id(),
                at,
                cause,
                logical.date()
                        .atTime(logical.time().atZone(ZoneId.of(logical.zone())).toLocalTime()),
                declared.zone().id(),
                Objects.requireNonNullElse(declared.zone().tzdbVersion(), ""),
                at,
                State.REQUESTED,
                "",
                "",
                "",
                FireRuns.ofEvent(schedule.pipeline(), schedule.id(), cause, at),
                by,
                now,
                null);
        String why = whySkipped(declared, at);
        ImmutableList<String> arrived = cause == Cause.SUCCESS
                ? ImmutableList.of()
                : group.stream().map(Found::key).collect(toImmutableList());
        parts.add(new Part(
                versions(group),
                why.isEmpty() ? fire : fire.in(State.SKIPPED, why, now),
                new FireInputs(logical, first.run(), arrived),
                null));
    }

    /** The first microsecond from {@code at} on without such a fire. */
    private Instant free(Instant at) {
        Instant free = at;
        while (used.contains(free) || isTaken.test(free)) {
            free = free.plus(1, ChronoUnit.MICROS);
        }
        used.add(free);
        return free;
    }

    /** Empty when it is not skipped. */
    private String whySkipped(Schedule declared, Instant at) {
        if (record.pause() != null) {
            return "the schedule is paused";
        }
        return declared.omitted(at).map(TriggeredFires::text).orElse("");
    }

    private static String text(Omission.Reason reason) {
        return switch (reason) {
            case BEFORE_START -> "the schedule has not started yet";
            case AFTER_END -> "the schedule has ended";
            default -> "the day is excluded";
        };
    }
}
