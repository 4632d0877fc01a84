package dev.emrys.view;

import com.google.common.collect.ImmutableList;
import dev.emrys.graph.Scope;
import dev.emrys.graph.TaskGraph;
import dev.emrys.journal.EventLog;
import dev.emrys.run.Event;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * From when to when the clusters that one run has started were there, also those of earlier attempts: each {@link #read} reads only
 * the events that the journal has got since. A cluster counts from its acceptance by the target, some minutes before
 * Amazon begins to charge for it, until its end was seen. Thread-safe.
 */
public final class ClusterUptimes {
    private final EventLog events;
    private final String run;
    /** The name of the cluster by the id of the task that starts it, or ends it. */
    private final Map<String, String> starts = new HashMap<>();

    private final Map<String, String> ends = new HashMap<>();
    private final List<Uptime> past = new ArrayList<>();
    private final Map<String, Instant> open = new HashMap<>();
    private long nextSeq = 1;

    /**
     * One cluster, from its start to its end.
     *
     * @param cluster its name in the script
     * @param until null while it is there
     */
    public record Uptime(
            String cluster, Instant from, @Nullable Instant until) {}

    ClusterUptimes(EventLog events, String run, TaskGraph graph) {
        this.events = events;
        this.run = run;
        for (Scope scope : graph.scopes().values()) {
            if (scope.isReleased()) {
                starts.put(graph.task(scope.acquire()).id(), scope.name());
                ends.put(graph.task(scope.release()).id(), scope.name());
            }
        }
    }

    /**
     * Reads what the journal has got since the last call.
     *
     * @return in the order of their ends, then those that are there in the order of their starts
     * @throws dev.emrys.journal.JournalException when the journal cannot be read
     */
    public synchronized ImmutableList<Uptime> read() {
        nextSeq = events.forEach(run, nextSeq, this::take);
        ImmutableList.Builder<Uptime> all = ImmutableList.<Uptime>builder().addAll(past);
        open.entrySet().stream()
                .sorted(Map.Entry.<String, Instant>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
                .forEach(entry -> all.add(new Uptime(entry.getKey(), entry.getValue(), null)));
        return all.build();
    }

    private void take(Event event) {
        if (!(event instanceof Event.OfTask ofTask)) {
            return;
        }
        String started = starts.get(ofTask.task());
        String ended = ends.get(ofTask.task());
        if (started != null) {
            if (event instanceof Event.AttemptAccepted) {
                open.putIfAbsent(started, event.at());
            } else if (isEnd(event)) {
                close(started, event.at());
            }
        } else if (ended != null && (event instanceof Event.AttemptSucceeded || event instanceof Event.TaskSkipped)) {
            // Skipped where it is kept: what it costs after the run is not the run's.
            close(ended, event.at());
        }
    }

    private static boolean isEnd(Event event) {
        return event instanceof Event.AttemptFailed
                || event instanceof Event.AttemptCancelled
                || event instanceof Event.ScopeLost;
    }

    private void close(String cluster, Instant at) {
        Instant from = open.remove(cluster);
        if (from != null) {
            past.add(new Uptime(cluster, from, at));
        }
    }
}
