package dev.emrys.journal;

import dev.emrys.run.Event;
import dev.emrys.run.EventJson;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An event as the tables hold it.
 *
 * @param at a {@link Timestamps#text}
 * @param type its JSON name
 */
record EventRow(
        String at,
        String type,
        @Nullable String task,
        @Nullable Integer attempt,
        String json) {

    /** To be made by the caller's thread: the writer's is the busiest one. */
    static EventRow of(Event event) {
        Event.OfTask ofTask = event instanceof Event.OfTask task ? task : null;
        return new EventRow(
                Timestamps.text(event.at()),
                EventJson.type(event),
                ofTask == null ? null : ofTask.task(),
                ofTask == null ? null : ofTask.attempt(),
                EventJson.write(event));
    }

    /** @throws JournalException that names the event, when it cannot be read */
    static Event read(String run, long seq, String json) {
        try {
            return EventJson.read(json);
        } catch (IllegalArgumentException e) {
            throw new JournalException(
                    "Event " + seq + " of run " + run + " cannot be read: " + e.getMessage()
                            + "\n    It is damaged, or was written by a newer Emrys: use that one, or restore the journal from a copy.",
                    e);
        }
    }

    /**
     * How a run's end changed last within an append.
     *
     * @param at null when the run was reopened
     * @param outcome null when the run was reopened
     */
    record RunEnd(@Nullable String at, @Nullable String outcome) {
        /** @return null when the events do not change it */
        static @Nullable RunEnd of(List<Event> events) {
            @Nullable RunEnd end = null;
            for (Event event : events) {
                if (event instanceof Event.RunEnded ended) {
                    end = new RunEnd(
                            Timestamps.text(ended.at()), ended.outcome().name());
                } else if (event instanceof Event.RunReopened) {
                    end = new RunEnd(null, null);
                }
            }
            return end;
        }
    }
}
