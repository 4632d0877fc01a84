package dev.emrys.scheduler;

import com.google.common.collect.ImmutableList;
import dev.emrys.journal.FireRecord;
import dev.emrys.journal.ScheduleChange;
import dev.emrys.journal.ScheduleRecord;
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
    private final Map<FireRecord.Key, FireRecord> open = new LinkedHashMap<>();
    private final Deque<Ended> ends = new ArrayDeque<>();
    private @Nullable ScheduleRecord record;
    private @Nullable Upcoming next;
    private boolean changing;
    private boolean known;

    /** The end of a fire's run, which is not recorded yet. */
    record Ended(FireRecord fire, FireResult result) {}

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
        return Optional.ofNullable(open.get(fire.key()));
    }

    void load(Optional<ScheduleRecord> recorded, Iterable<FireRecord> fires) {
        record = recorded.orElse(null);
        open.clear();
        fires.forEach(fire -> open.put(fire.key(), fire));
    }

    void apply(ScheduleChange change) {
        record = change.record();
        for (FireRecord fire : change.fires()) {
            if (fire.endedAt() == null) {
                open.put(fire.key(), fire);
            } else {
                open.remove(fire.key());
            }
        }
    }

    /** Schedules the next fire; empty when it is scheduled already, and when there is none. */
    Optional<Upcoming> scheduleNext() {
        ScheduleRecord known = record;
        if (known == null || (next != null && next.handledTo().equals(known.handledTo()))) {
            return Optional.empty();
        }
        Optional<Upcoming> upcoming = decisions.upcoming(known);
        next = upcoming.orElse(null);
        return upcoming;
    }

    /** The fire that is scheduled; empty for none. */
    Optional<Upcoming> scheduled() {
        return Optional.ofNullable(next);
    }

    void unschedule() {
        next = null;
    }

    void end(Ended end) {
        ends.add(end);
    }

    /** Whether the end of this fire's run is still to be recorded. */
    boolean hasEnd(FireRecord fire) {
        return ends.stream().anyMatch(end -> end.fire().key().equals(fire.key()));
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
