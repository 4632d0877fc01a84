package dev.emrys.scheduler;

import com.google.common.collect.ImmutableList;
import dev.emrys.journal.FireRecord;
import dev.emrys.journal.ScheduleChange;
import dev.emrys.journal.ScheduleRecord;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A served schedule and what is recorded of it. Not thread-safe. */
final class Entry {
    private final ServedSchedule served;
    private final Decisions decisions;
    private final Map<Key, FireRecord> open = new LinkedHashMap<>();
    private final Deque<Ended> ends = new ArrayDeque<>();
    private @Nullable ScheduleRecord record;
    private boolean changing;
    private boolean known;

    /** The end of a fire's run, which is not recorded yet. */
    record Ended(FireRecord fire, FireResult result) {}

    private record Key(Instant at, FireRecord.Cause cause) {
        static Key of(FireRecord fire) {
            return new Key(fire.at(), fire.cause());
        }
    }

    Entry(ServedSchedule served, String by) {
        this.served = served;
        this.decisions = new Decisions(served, by);
    }

    /** The same schedule as its script declares it now. */
    Entry with(ServedSchedule changed) {
        Entry next = new Entry(changed, decisions.by());
        next.record = record;
        next.open.putAll(open);
        next.ends.addAll(ends);
        next.known = known;
        return next;
    }

    String id() {
        return served.id();
    }

    ServedSchedule served() {
        return served;
    }

    Decisions decisions() {
        return decisions;
    }

    /** Empty until it is recorded. */
    Optional<ScheduleRecord> record() {
        return Optional.ofNullable(record);
    }

    /** The fires that have not ended, in the order of their decision. */
    ImmutableList<FireRecord> open() {
        return ImmutableList.copyOf(open.values());
    }

    /** The open fire with the same instant and cause. */
    Optional<FireRecord> find(FireRecord fire) {
        return Optional.ofNullable(open.get(Key.of(fire)));
    }

    void load(Optional<ScheduleRecord> recorded, Iterable<FireRecord> fires) {
        record = recorded.orElse(null);
        open.clear();
        fires.forEach(fire -> open.put(Key.of(fire), fire));
    }

    void apply(ScheduleChange change) {
        record = change.record();
        for (FireRecord fire : change.fires()) {
            if (fire.endedAt() == null) {
                open.put(Key.of(fire), fire);
            } else {
                open.remove(Key.of(fire));
            }
        }
    }

    void end(Ended end) {
        ends.add(end);
    }

    /** Whether the end of this fire's run is still to be recorded. */
    boolean hasEnd(FireRecord fire) {
        return ends.stream().anyMatch(end -> Key.of(end.fire()).equals(Key.of(fire)));
    }

    boolean hasEnds() {
        return !ends.isEmpty();
    }

    Optional<Ended> pollEnd() {
        return Optional.ofNullable(ends.poll());
    }

    /** Whether a change is being recorded: until then nothing else may be decided. */
    boolean isChanging() {
        return changing;
    }

    void changing(boolean now) {
        changing = now;
    }

    /** Whether its open fires were looked after once since this process started. */
    boolean isKnown() {
        return known;
    }

    void known() {
        known = true;
    }
}
