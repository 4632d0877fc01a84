package dev.emrys.scheduler;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.ImmutableSet.toImmutableSet;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.emrys.journal.FireRecord.Cause;
import dev.emrys.journal.LogicalTime;
import dev.emrys.journal.RunCatalog;
import dev.emrys.journal.RunRecord;
import dev.emrys.journal.ScheduleChange;
import dev.emrys.journal.ScheduleRecord;
import dev.emrys.journal.ScheduleStore;
import dev.emrys.journal.TriggerState;
import dev.emrys.schedule.AfterSuccess;
import dev.emrys.scheduler.TriggerPlan.Part;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** Looks for runs of another pipeline that have succeeded. */
final class SuccessPoll extends TriggerPoll {
    /** A run's end may be visible that much later than ends that came after it. */
    static final Duration HORIZON = Duration.ofDays(1);

    /** Most looks go back by this only. */
    private static final Duration SHORT_HORIZON = Duration.ofMinutes(5);

    private static final int PAGE = 1_000;

    private final AfterSuccess success;
    private final RunCatalog runs;
    private Instant completeAt = Instant.MIN;
    private Instant lastAt = Instant.MIN;
    /** The newest end that is remembered. */
    private Instant newest = Instant.MIN;

    SuccessPoll(
            ServedSchedule schedule,
            AfterSuccess success,
            ScheduleStore store,
            RunCatalog runs,
            InstantSource clock,
            String by,
            Consumer<ScheduleChange> recorded) {
        super(schedule, store, clock, by, recorded);
        this.success = success;
        this.runs = runs;
    }

    @Override
    TriggerPlan plan(ScheduleRecord record, TriggerState state, Instant now, boolean isComplete) {
        Instant horizon = newest.equals(Instant.MIN) ? Instant.MIN : newest.minus(HORIZON);
        Instant from = max(record.handledTo().plusNanos(1), horizon);
        boolean isDue = !completeAt.plus(SHORT_HORIZON).isAfter(now) || completeAt.isAfter(now);
        if (!isDue && !isComplete) {
            from = max(from, lastAt.minus(SHORT_HORIZON));
        } else {
            completeAt = now;
        }
        lastAt = now;
        ImmutableList<Found> found = unseen(state, from);
        if (found.isEmpty()) {
            return TriggerPlan.nothing(state);
        }
        ImmutableList<Part> parts = new TriggeredFires(
                        schedule, record, Cause.SUCCESS, by, now, at -> isTaken(at, Cause.SUCCESS))
                .of(found, Duration.ZERO);
        Instant keptFrom = max(newest, found.get(found.size() - 1).at()).minus(HORIZON);
        ImmutableSet<String> forgotten = state.consumed().entrySet().stream()
                .filter(entry -> Instant.parse(entry.getValue()).isBefore(keptFrom))
                .map(Map.Entry::getKey)
                .collect(toImmutableSet());
        return new TriggerPlan(record.handledTo(), "", forgotten, parts);
    }

    @Override
    void remembered(TriggerState state) {
        newest = state.consumed().values().stream()
                .map(Instant::parse)
                .max(Instant::compareTo)
                .orElse(Instant.MIN);
    }

    /** The oldest first. */
    private ImmutableList<Found> unseen(TriggerState state, Instant from) {
        Map<String, RunRecord> unseen = new LinkedHashMap<>();
        Instant next = from;
        while (true) {
            ImmutableList<RunRecord> page = runs.succeeded(success.pipeline(), next, PAGE);
            for (RunRecord run : page) {
                if (!state.consumed().containsKey(run.id())) {
                    unseen.put(run.id(), run);
                }
            }
            if (page.size() < PAGE) {
                break;
            }
            Instant last = ended(page.get(PAGE - 1));
            // Ends at one instant that fill a page would never end.
            next = last.equals(next) ? last.plusNanos(1) : last;
        }
        return unseen.values().stream().map(this::found).collect(toImmutableList());
    }

    private Found found(RunRecord run) {
        Instant ended = ended(run);
        LogicalTime logical = run.logicalTime();
        if (logical == null) {
            String zone = schedule.fires().schedule().zone().id();
            logical = new LogicalTime(ended.atZone(ZoneId.of(zone)).toLocalDate(), ended, zone, run.startedAt());
        }
        return new Found(run.id(), ended.toString(), ended, run.name(), logical);
    }

    private static Instant ended(RunRecord run) {
        return Objects.requireNonNull(run.endedAt());
    }

    private static Instant max(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
