package dev.emrys.scheduler;

import dev.emrys.journal.FireRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The schedules with ends of runs that are not recorded yet. Not thread-safe. */
final class RunEnds {
    private final Set<String> schedules = new LinkedHashSet<>();

    void add(Entry entry, Entry.Ended end) {
        entry.end(end);
        schedules.add(entry.id());
    }

    boolean isEmpty() {
        return schedules.isEmpty();
    }

    /** What to record now: of each schedule one end, and none of one for which something else is being recorded. */
    List<Pending> decide(Map<String, Entry> entries, Instant now) {
        List<Pending> pending = new ArrayList<>();
        for (Iterator<String> ids = schedules.iterator(); ids.hasNext(); ) {
            Entry entry = entries.get(ids.next());
            if (entry == null) {
                ids.remove();
            } else if (!entry.isChanging() && entry.record().isPresent()) {
                next(entry, now).ifPresent(pending::add);
                if (!entry.hasEnds()) {
                    ids.remove();
                }
            }
        }
        return pending;
    }

    private static Optional<Pending> next(Entry entry, Instant now) {
        for (Optional<Entry.Ended> next = entry.pollEnd(); next.isPresent(); next = entry.pollEnd()) {
            // When another process has recorded it, it is not open.
            Optional<FireRecord> open = entry.find(next.get().fire());
            if (open.isPresent()) {
                Decision decision = entry.decisions()
                        .ended(
                                entry.record().orElseThrow(),
                                entry.open(),
                                open.get(),
                                next.get().result(),
                                now);
                return Optional.of(new Pending(entry, decision, next.get()));
            }
        }
        return Optional.empty();
    }
}
