package dev.emrys.scheduler;

import com.google.common.base.Ascii;
import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import dev.emrys.journal.FireRecord;
import dev.emrys.journal.FireRecord.Cause;
import dev.emrys.journal.FireRecord.State;
import dev.emrys.journal.ScheduleChange;
import dev.emrys.journal.ScheduleEvent;
import dev.emrys.journal.ScheduleRecord;
import dev.emrys.schedule.CatchUp;
import dev.emrys.schedule.CatchUpPlan;
import dev.emrys.schedule.CatchUpPolicy;
import dev.emrys.schedule.CronExpression;
import dev.emrys.schedule.Fire;
import dev.emrys.schedule.FireKind;
import dev.emrys.schedule.MissedFires;
import dev.emrys.schedule.Overlap;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The decisions about one schedule, as functions of what is recorded of it and the time.
 *
 * @param by who decides, for the history
 */
record Decisions(ServedSchedule schedule, String by) {
    /** A local time and its fire are never further apart. */
    private static final Duration LONGEST_SHIFT = Duration.ofHours(26);

    private static final FireKind.Cases<String> CLOCK_CHANGES = new FireKind.Cases<>() {
        @Override
        public String regular() {
            return "";
        }

        @Override
        public String shifted(FireKind.Shifted shifted) {
            return "shifted";
        }

        @Override
        public String firstOfRepeated() {
            return "first-of-repeated";
        }

        @Override
        public String secondOfRepeated() {
            return "second-of-repeated";
        }
    };

    /** What a script declares now, against what is recorded; empty when nothing is new. */
    Optional<ScheduleChange> declared(Optional<ScheduleRecord> recorded, Instant now) {
        ScheduleRecord.Declaration declaration = schedule.declaration();
        if (recorded.isEmpty()) {
            return Optional.of(ScheduleChange.of(
                    ScheduleRecord.declared(schedule.id(), declaration, now),
                    event(now, ScheduleEvent.Type.DECLARED, schedule.timing())));
        }
        ScheduleRecord record = recorded.get();
        ScheduleRecord.Declaration before = record.declaration();
        if (declaration.equals(before)) {
            return Optional.empty();
        }
        ScheduleRecord next = record.next().with(declaration);
        if (!declaration.definition().equals(before.definition())) {
            // What the old declaration had missed is not caught up by the new one.
            Instant from = now.isAfter(record.handledTo()) ? now : record.handledTo();
            return Optional.of(ScheduleChange.of(
                    next.handled(from, record.lastNominal()),
                    event(
                            now,
                            ScheduleEvent.Type.CHANGED,
                            "was " + before.timing() + " in " + before.zone() + ", is " + declaration.timing() + " in "
                                    + declaration.zone())));
        }
        if (!declaration.tzdb().equals(before.tzdb())) {
            return Optional.of(otherRules(next, before.tzdb(), declaration.tzdb(), now));
        }
        return Optional.of(ScheduleChange.of(
                next,
                event(
                        now,
                        ScheduleEvent.Type.CHANGED,
                        "declared in " + declaration.script() + ", before in " + before.script())));
    }

    /** A local time that has fired by the old rules of its zone does not fire again by the new ones. */
    private ScheduleChange otherRules(ScheduleRecord next, String before, String after, Instant now) {
        ImmutableList.Builder<ScheduleEvent> events = ImmutableList.builder();
        events.add(event(now, ScheduleEvent.Type.TZDATA, "was " + before + ", is " + after));
        LocalDateTime last = next.lastNominal();
        Instant handled = next.handledTo();
        if (last != null && schedule.fires().schedule().timing() instanceof CronExpression) {
            Instant limit = handled.plus(LONGEST_SHIFT);
            Optional<Fire> again = schedule.fires().next(handled);
            while (again.isPresent()
                    && again.get().instant().isBefore(limit)
                    && !again.get().nominal().isAfter(last)) {
                handled = again.get().instant();
                events.add(new ScheduleEvent(
                        schedule.id(),
                        now,
                        ScheduleEvent.Type.OMITTED,
                        "fired by the old rules",
                        handled,
                        handled,
                        1,
                        by));
                again = schedule.fires().next(handled);
            }
        }
        return new ScheduleChange(next.handled(handled, last), ImmutableList.of(), events.build());
    }

    /** The next fire; empty when there is none. */
    Optional<Upcoming> upcoming(ScheduleRecord record) {
        return schedule.fires()
                .next(record.handledTo())
                .map(fire -> new Upcoming(
                        schedule.id(),
                        record.handledTo(),
                        fire,
                        schedule.fires().due(fire)));
    }

    /**
     * Decides about the fires that are due; empty when none is.
     *
     * @param upcoming the next fire as it was known before, perhaps from another record; null for none. When it is the
     *     only one that is due now the fires are not computed again
     */
    Optional<Decision> due(ScheduleRecord record, Iterable<FireRecord> open, Instant now, @Nullable Upcoming upcoming) {
        CatchUpPlan plan = plan(record, now, upcoming);
        if (plan.start().isEmpty() && plan.missed().isEmpty()) {
            return Optional.empty();
        }
        OverlapStep step = new OverlapStep(open, now);
        for (Fire fire : plan.start()) {
            FireRecord fired = record(fire, now);
            if (record.pause() != null) {
                step.skip(fired, "the schedule is paused");
            } else {
                step.fire(overlap(fired, plan, now), fired);
            }
        }
        List<ScheduleEvent> events = new ArrayList<>();
        plan.missed().forEach(missed -> events.add(event(missed, now)));
        Instant handled = handled(plan);
        events.addAll(new Omissions(schedule, by).between(record.handledTo(), handled, now));
        LocalDateTime nominal = plan.start().isEmpty()
                ? record.lastNominal()
                : plan.start().get(plan.start().size() - 1).nominal();
        ScheduleRecord next = record.next().handled(handled, latest(record.lastNominal(), nominal));
        return Optional.of(decision(next, step, ImmutableList.copyOf(events)));
    }

    private CatchUpPlan plan(ScheduleRecord record, Instant now, @Nullable Upcoming upcoming) {
        if (upcoming != null
                && upcoming.handledTo().equals(record.handledTo())
                && upcoming.isOnlyOnTime(now, schedule.catchUp().tolerance())) {
            return new CatchUpPlan(ImmutableList.of(upcoming.fire()), ImmutableList.of());
        }
        return schedule.catchUp().plan(schedule.fires(), record.handledTo(), now);
    }

    /**
     * Of fires that are caught up together none is skipped because of the one before it: they run one after the other.
     */
    private Overlap overlap(FireRecord fire, CatchUpPlan plan, Instant now) {
        CatchUpPolicy policy = schedule.catchUp();
        boolean late = Duration.between(fire.due(), now).compareTo(policy.tolerance()) > 0;
        boolean skips = schedule.overlap() instanceof Overlap.Skip || schedule.overlap() instanceof Overlap.BufferOne;
        return late && skips && plan.start().size() > 1 && policy.mode() instanceof CatchUp.All
                ? new Overlap.BufferAll(Overlap.BufferAll.MAX)
                : schedule.overlap();
    }

    /** Of the nominal times the later one: a repeated hour goes back. */
    private static @Nullable LocalDateTime latest(@Nullable LocalDateTime before, @Nullable LocalDateTime now) {
        if (before == null || now == null) {
            return before == null ? now : before;
        }
        return now.isAfter(before) ? now : before;
    }

    private static Instant handled(CatchUpPlan plan) {
        Instant handled = Instant.MIN;
        for (Fire fire : plan.start()) {
            handled = max(handled, fire.instant());
        }
        for (MissedFires missed : plan.missed()) {
            handled = max(handled, missed.last());
        }
        return handled;
    }

    private static Instant max(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /**
     * Decides about the fires that a person, or something that has happened, has requested; empty when there is none.
     */
    Optional<Decision> requested(ScheduleRecord record, Iterable<FireRecord> open, Instant now) {
        OverlapStep step = new OverlapStep(open, now);
        boolean any = false;
        for (FireRecord fire : open) {
            if (fire.state() == State.REQUESTED) {
                any = true;
                boolean isByPerson =
                        fire.cause() != FireRecord.Cause.SUCCESS && fire.cause() != FireRecord.Cause.ARRIVAL;
                if (record.pause() != null && !isByPerson) {
                    step.skip(fire, "the schedule is paused");
                } else {
                    step.fire(schedule.overlap(), fire);
                }
            }
        }
        return any ? Optional.of(decision(record.next(), step, ImmutableList.of())) : Optional.empty();
    }

    /**
     * Starts what waits when nothing runs, such as after the schedule was resumed; empty when there is nothing to
     * start.
     */
    Optional<Decision> ready(ScheduleRecord record, Iterable<FireRecord> open, Instant now) {
        if (record.pause() != null) {
            return Optional.empty();
        }
        OverlapStep step = new OverlapStep(open, now);
        step.startWaiting();
        return step.starts().isEmpty()
                ? Optional.empty()
                : Optional.of(decision(record.next(), step, ImmutableList.of()));
    }

    /** Records the end of a fire's run, and starts what waits for it. */
    Decision ended(ScheduleRecord record, Iterable<FireRecord> open, FireRecord fire, FireResult result, Instant now) {
        OverlapStep step = new OverlapStep(open, now);
        step.end(fire.in(state(result.kind()), result.reason(), now));
        int failures = switch (result.kind()) {
            case SUCCEEDED -> 0;
            case FAILED -> record.failures() + 1;
            default -> record.failures();
        };
        ScheduleRecord next = record.next().failed(failures);
        ImmutableList<ScheduleEvent> events = ImmutableList.of();
        int limit = schedule.pauseAfterFailures();
        if (limit > 0 && failures >= limit && record.pause() == null) {
            String why = failures + " runs have failed one after the other";
            next = next.paused(new ScheduleRecord.Pause(now, by, why));
            events = ImmutableList.of(event(now, ScheduleEvent.Type.PAUSED, why));
        }
        if (next.pause() == null) {
            step.startWaiting();
        }
        return decision(next, step, events);
    }

    private static State state(FireResult.Kind kind) {
        return switch (kind) {
            case SUCCEEDED -> State.SUCCEEDED;
            case FAILED -> State.FAILED;
            case CANCELLED -> State.CANCELLED;
            default -> throw new IllegalArgumentException(kind + " is no end");
        };
    }

    private static Decision decision(ScheduleRecord next, OverlapStep step, ImmutableList<ScheduleEvent> events) {
        ScheduleChange change = ScheduleChange.ofFires(next, step.changes(), events);
        return new Decision(change, step.starts(), step.cancels());
    }

    private FireRecord record(Fire fire, Instant now) {
        return new FireRecord(
                schedule.id(),
                fire.instant(),
                Cause.SCHEDULE,
                fire.nominal(),
                schedule.fires().schedule().zone().id(),
                Objects.requireNonNullElse(schedule.fires().schedule().zone().tzdbVersion(), ""),
                schedule.fires().due(fire),
                State.REQUESTED,
                "",
                fire.kind().accept(CLOCK_CHANGES),
                Joiner.on(' ').join(fire.merged()),
                FireRuns.ofFire(schedule.pipeline(), fire.instant()),
                by,
                now,
                null);
    }

    private ScheduleEvent event(Instant now, ScheduleEvent.Type type, String reason) {
        return ScheduleEvent.of(schedule.id(), now, type, reason, by);
    }

    private ScheduleEvent event(MissedFires missed, Instant now) {
        return new ScheduleEvent(
                schedule.id(),
                now,
                ScheduleEvent.Type.MISSED,
                Ascii.toLowerCase(missed.reason().name()).replace('_', '-'),
                missed.first(),
                missed.last(),
                missed.count(),
                by);
    }
}
