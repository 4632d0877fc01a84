package dev.emrys.scheduler;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The next fires of all schedules by their due times: usually many share one. Not thread-safe. */
final class Wakes {
    private final NavigableMap<Instant, List<Upcoming>> byTime = new TreeMap<>();

    void add(Upcoming upcoming) {
        byTime.computeIfAbsent(upcoming.due(), due -> new ArrayList<>()).add(upcoming);
    }

    /** The earliest due time; null when there is none. */
    @Nullable
    Instant next() {
        return byTime.isEmpty() ? null : byTime.firstKey();
    }

    void clear() {
        byTime.clear();
    }

    /**
     * Removes what is due, by due time and schedule: the order of the journal's rows, so that each commit changes few
     * of its pages.
     */
    List<Upcoming> removeDue(Instant now) {
        List<Upcoming> due = new ArrayList<>();
        while (!byTime.isEmpty() && !byTime.firstKey().isAfter(now)) {
            List<Upcoming> together = byTime.pollFirstEntry().getValue();
            together.sort(Comparator.comparing(Upcoming::schedule));
            due.addAll(together);
        }
        return due;
    }
}
