package dev.emrys.journal;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Lists;
import com.google.common.collect.Table;
import com.google.common.collect.TreeBasedTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Schedules in memory, shared by all journals of {@link InMemoryJournals}. Thread-safe. */
final class InMemorySchedules implements ScheduleStore {
    private static final Comparator<FireRecord.Key> ORDER = Comparator.comparing(FireRecord.Key::at)
            .thenComparing(FireRecord.Key::schedule)
            .thenComparing(FireRecord.Key::cause);

    private final Map<String, ScheduleRecord> schedules = new TreeMap<>();
    private final Map<FireRecord.Key, FireRecord> fires = new TreeMap<>(ORDER);
    private final List<ScheduleEvent> events = new ArrayList<>();
    private final Map<String, TriggerState> triggerStates = new TreeMap<>();
    private final Map<FireRecord.Key, FireInputs> inputs = new TreeMap<>(ORDER);
    private final Table<String, String, Instant> notices = TreeBasedTable.create();

    @Override
    public synchronized ImmutableList<ScheduleRecord> schedules() {
        return ImmutableList.copyOf(schedules.values());
    }

    @Override
    public synchronized Optional<ScheduleRecord> schedule(String id) {
        return Optional.ofNullable(schedules.get(id));
    }

    @Override
    public synchronized ImmutableList<FireRecord> openFires() {
        return fires.values().stream()
                .filter(fire -> fire.endedAt() == null)
                .sorted(Comparator.comparing(FireRecord::schedule)
                        .thenComparing(FireRecord::decidedAt)
                        .thenComparing(FireRecord::at)
                        .thenComparing(FireRecord::cause))
                .collect(toImmutableList());
    }

    @Override
    public synchronized ImmutableList<FireRecord> fires(String schedule, Instant from, Instant to, int limit) {
        return fires.values().stream()
                .filter(fire -> fire.schedule().equals(schedule)
                        && !fire.at().isBefore(from)
                        && fire.at().isBefore(to))
                .limit(limit)
                .collect(toImmutableList());
    }

    @Override
    public synchronized ImmutableList<FireRecord> newestFires(Optional<String> schedule, Instant before, int limit) {
        return fires.values().stream()
                .filter(fire -> schedule.map(fire.schedule()::equals).orElse(true)
                        && fire.at().isBefore(before))
                .sorted(Comparator.comparing(FireRecord::at)
                        .reversed()
                        .thenComparing(FireRecord::schedule)
                        .thenComparing(FireRecord::cause))
                .limit(limit)
                .collect(toImmutableList());
    }

    @Override
    public synchronized ImmutableList<FireRecord> failedFires(Instant since, int limit) {
        ImmutableList<FireRecord> failed = fires.values().stream()
                .filter(fire -> fire.state() == FireRecord.State.FAILED)
                .filter(fire -> fire.endedAt() != null && !fire.endedAt().isBefore(since))
                .sorted(Comparator.comparing(FireRecord::endedAt)
                        .thenComparing(FireRecord::schedule)
                        .thenComparing(FireRecord::at))
                .collect(toImmutableList());
        return failed.subList(Math.max(0, failed.size() - limit), failed.size());
    }

    @Override
    public synchronized ImmutableList<ScheduleEvent> newestEvents(
            Optional<String> schedule, Instant before, int limit) {
        return Lists.reverse(events).stream()
                .filter(event -> schedule.map(event.schedule()::equals).orElse(true)
                        && event.at().isBefore(before))
                .sorted(Comparator.comparing(ScheduleEvent::at).reversed())
                .limit(limit)
                .collect(toImmutableList());
    }

    @Override
    public synchronized CompletableFuture<ImmutableList<Boolean>> apply(ImmutableList<ScheduleChange> changes) {
        return CompletableFuture.completedFuture(
                changes.stream().map(this::apply).collect(toImmutableList()));
    }

    private boolean apply(ScheduleChange change) {
        ScheduleRecord record = change.record();
        Optional<ScheduleRecord> known = Optional.ofNullable(schedules.get(record.id()));
        if (known.map(ScheduleRecord::version).orElse(0L) != record.version() - 1) {
            return false;
        }
        boolean keeps = change.keepsDeclaration() && known.isPresent();
        schedules.put(record.id(), keeps ? record.with(known.get().declaration()) : record);
        change.fires().forEach(fire -> fires.put(fire.key(), fire));
        events.addAll(change.events());
        if (change.trigger() != null) {
            apply(record.id(), change.trigger());
        }
        return true;
    }

    private void apply(String schedule, TriggerChange change) {
        Map<String, String> consumed = new LinkedHashMap<>(
                triggerStates.getOrDefault(schedule, TriggerState.NONE).consumed());
        consumed.keySet().removeAll(change.forgotten());
        consumed.putAll(change.consumed());
        triggerStates.put(
                schedule, new TriggerState(change.baseline(), change.problem(), ImmutableMap.copyOf(consumed)));
        change.inputs().forEach((fire, input) -> inputs.put(fire.key(), input));
    }

    @Override
    public synchronized long changes() {
        return schedules.values().stream().mapToLong(ScheduleRecord::version).sum();
    }

    @Override
    public synchronized Optional<TriggerState> triggerState(String schedule) {
        return Optional.ofNullable(triggerStates.get(schedule));
    }

    @Override
    public synchronized Optional<FireInputs> inputs(FireRecord fire) {
        return Optional.ofNullable(inputs.get(fire.key()));
    }

    @Override
    public synchronized boolean isSent(String notice, String channel) {
        return notices.contains(notice, channel);
    }

    @Override
    public synchronized void sent(String notice, String channel, Instant at) {
        notices.put(notice, channel, at);
    }
}
