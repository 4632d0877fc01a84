package dev.emrys.journal;

import dev.emrys.run.Event;
import dev.emrys.run.RunState;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Applies the events of one run to its state, in the order of the journal. An event that does not fit is left out and
 * counted: two processes drove the run at once, or the journal was restored from a copy while one did. Every reader of
 * the same events leaves out the same ones. Not thread-safe.
 */
public final class EventFold {
    private final RunState state;
    private long nextSeq;
    private long unfit;
    private @Nullable String first;

    /**
     * @param state with the events before {@code nextSeq} applied
     * @param nextSeq the number of the event that comes next
     */
    public EventFold(RunState state, long nextSeq) {
        this.state = state;
        this.nextSeq = nextSeq;
    }

    /** @return whether the event fits */
    public boolean apply(Event event) {
        long seq = nextSeq++;
        try {
            state.apply(event);
            return true;
        } catch (IllegalStateException e) {
            unfit++;
            if (first == null) {
                first = "event " + seq + ": " + e.getMessage();
            }
            return false;
        }
    }

    /** A sentence about the events that were left out, for people; empty when all fit. */
    public Optional<String> unfit() {
        return Optional.ofNullable(first)
                .map(text -> "The journal has " + (unfit == 1 ? "an event that does" : unfit + " events that do")
                        + " not fit the run and " + (unfit == 1 ? "is" : "are") + " left out. The first is " + text
                        + " Two processes drove the run at once, or the journal was restored from a copy meanwhile.");
    }
}
