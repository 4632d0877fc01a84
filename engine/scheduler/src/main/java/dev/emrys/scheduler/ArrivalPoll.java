package dev.emrys.scheduler;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.ImmutableSet.toImmutableSet;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.emrys.journal.FireRecord.Cause;
import dev.emrys.journal.ScheduleChange;
import dev.emrys.journal.ScheduleEvent;
import dev.emrys.journal.ScheduleRecord;
import dev.emrys.journal.ScheduleStore;
import dev.emrys.journal.TriggerState;
import dev.emrys.schedule.Arrival;
import dev.emrys.scheduler.ArrivalSource.Item;
import dev.emrys.scheduler.TriggerPlan.Part;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Looks for files or objects that have arrived. */
final class ArrivalPoll extends TriggerPoll {
    /** So many deleted files are forgotten at once, without a fire. */
    private static final int MANY_GONE = 1_000;

    /** So many are forgotten also of folders in which nothing exists any more. */
    private static final int MOST_GONE = 20_000;

    private static final Comparator<Found> ORDER =
            Comparator.comparing(Found::at).thenComparing(Found::key);

    private final Arrival arrival;
    private final ArrivalSource source;
    private ImmutableList<Item> items = ImmutableList.of();
    private String problem = "";

    /** Since when an item has had the version that it has, as far as this process has seen. */
    private Map<String, Seen> seen = new LinkedHashMap<>();

    private record Seen(String version, Instant since) {}

    ArrivalPoll(
            ServedSchedule schedule,
            Arrival arrival,
            ScheduleStore store,
            ArrivalSource source,
            InstantSource clock,
            String by,
            Consumer<ScheduleChange> recorded) {
        super(schedule, store, clock, by, recorded);
        this.arrival = arrival;
        this.source = source;
    }

    @Override
    void begin() {
        try {
            items = source.list(arrival).items();
            problem = "";
        } catch (ArrivalSource.UnreadableException e) {
            items = ImmutableList.of();
            problem = String.valueOf(e.getMessage());
        }
    }

    @Override
    TriggerPlan plan(ScheduleRecord record, TriggerState state, Instant now, boolean isComplete) {
        if (!problem.isEmpty()) {
            return state.problem().isEmpty()
                    ? plan(state.baseline(), problem, ImmutableSet.of(), happened(now, ScheduleEvent.Type.UNREADABLE))
                    : TriggerPlan.nothing(state);
        }
        ImmutableList.Builder<Part> parts = ImmutableList.builder();
        if (!state.problem().isEmpty()) {
            parts.add(happened(now, ScheduleEvent.Type.READABLE));
        }
        TriggeredFires fires =
                new TriggeredFires(schedule, record, Cause.ARRIVAL, by, now, at -> isTaken(at, Cause.ARRIVAL));
        if (!state.baseline().equals(record.handledTo())) {
            // What exists when it is declared, changed or resumed does not fire.
            boolean isFirst = state.baseline().equals(TriggerState.NONE.baseline());
            ImmutableList<Found> existed = found(unseen(state)).stream()
                    .filter(found -> isFirst || !found.at().isAfter(record.handledTo()))
                    .collect(toImmutableList());
            parts.addAll(fires.remember(existed, isFirst ? "" : "before-change"));
            return new TriggerPlan(record.handledTo(), "", ImmutableSet.of(), parts.build());
        }
        ImmutableList<Item> settled = settled(unseen(state), now);
        parts.addAll(fires.of(found(settled), arrival.settle().plus(arrival.pollEvery())));
        int remembered = state.consumed().size() - items.size();
        ImmutableSet<String> gone =
                settled.isEmpty() && remembered < MANY_GONE ? ImmutableSet.of() : gone(state, remembered >= MOST_GONE);
        return new TriggerPlan(state.baseline(), "", gone, parts.build());
    }

    private static TriggerPlan plan(Instant baseline, String problem, ImmutableSet<String> gone, @Nullable Part part) {
        return new TriggerPlan(baseline, problem, gone, part == null ? ImmutableList.of() : ImmutableList.of(part));
    }

    private Part happened(Instant now, ScheduleEvent.Type type) {
        return new Part(ImmutableMap.of(), null, null, ScheduleEvent.of(schedule.id(), now, type, problem, by));
    }

    private ImmutableList<Item> unseen(TriggerState state) {
        return items.stream()
                .filter(item -> !item.version().equals(state.consumed().get(item.name())))
                .collect(toImmutableList());
    }

    /**
     * What has not changed for a while. A time of modification in the future tells nothing: then it is observed from
     * here.
     */
    private ImmutableList<Item> settled(ImmutableList<Item> unseen, Instant now) {
        Map<String, Seen> before = seen;
        seen = new LinkedHashMap<>();
        return unseen.stream()
                .filter(item -> {
                    Seen known = before.get(item.name());
                    Seen current = known != null && known.version().equals(item.version())
                            ? known
                            : new Seen(item.version(), now);
                    seen.put(item.name(), current);
                    return isOld(item.modifiedAt(), now) || isOld(current.since(), now);
                })
                .collect(toImmutableList());
    }

    private boolean isOld(Instant changed, Instant now) {
        return Duration.between(changed, now).compareTo(arrival.settle()) >= 0;
    }

    private ImmutableList<Found> found(ImmutableList<Item> found) {
        return found.stream()
                .map(item -> new Found(item.name(), item.version(), source.arrivedAt(item), "", null))
                .sorted(ORDER)
                .collect(toImmutableList());
    }

    /**
     * Only of folders in which something exists: a file system that is not mounted is an empty folder, and its files
     * come back.
     *
     * @param isFull whether too much is remembered: then of all folders, when anything exists
     */
    private ImmutableSet<String> gone(TriggerState state, boolean isFull) {
        if (items.isEmpty()) {
            return ImmutableSet.of();
        }
        Set<String> existing = items.stream().map(Item::name).collect(toImmutableSet());
        Set<String> folders = items.stream().map(item -> folder(item.name())).collect(toImmutableSet());
        return state.consumed().keySet().stream()
                .filter(name -> !existing.contains(name) && (isFull || folders.contains(folder(name))))
                .collect(toImmutableSet());
    }

    private static String folder(String name) {
        return name.substring(0, name.lastIndexOf('/') + 1);
    }
}
