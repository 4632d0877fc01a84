package dev.emrys.journal;

import com.google.common.collect.ImmutableList;
import dev.emrys.run.Event;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The events of all runs, numbered from 1 within each run, without gaps. Thread-safe. */
public interface EventLog {
    /** The most events that become durable in one step. */
    int MAX_EVENTS_PER_STEP = 2_000;

    /** The most events that one {@link #read} gives. */
    int MAX_PAGE = 1_000;

    /**
     * Appends events of one run. The future completes when they are durable, and exceptionally with a {@link
     * JournalException} when they are not: with a {@link LeaseLostException} when the run was acquired again since. The
     * futures of one run complete in the order of the appends.
     *
     * <p>Up to {@link #MAX_EVENTS_PER_STEP} events are written all or none. More are split into steps of that size, so
     * that no transaction grows without limit: when such an append fails, or the process crashes, the first steps may
     * be durable.
     *
     * @param lease of the run that the events belong to
     * @param firstSeq the number of the first event: the run's last number plus 1, anything else fails
     */
    CompletableFuture<@Nullable Void> append(Lease lease, long firstSeq, ImmutableList<Event> events);

    /**
     * The events of a run from a number on, in order; empty when there are none, or no such run.
     *
     * @param fromSeq the number of the first event, from 1
     * @param limit the most events to give, 1 to {@link #MAX_PAGE}
     * @throws IllegalArgumentException when {@code fromSeq} or {@code limit} is out of range
     */
    ImmutableList<Event> read(String run, long fromSeq, int limit);

    /** The number of the newest event of a run; 0 when it has none. */
    long lastSeq(String run);

    /**
     * Gives every event of a run from a number on to {@code receiver}, in order, reading one page after the other.
     *
     * @return the number from which to read next time
     */
    default long forEach(String run, long fromSeq, Consumer<Event> receiver) {
        long next = fromSeq;
        while (true) {
            ImmutableList<Event> page = read(run, next, MAX_PAGE);
            page.forEach(receiver);
            next += page.size();
            if (page.size() < MAX_PAGE) {
                return next;
            }
        }
    }

    /** Every event of a run, in order, in memory at once. */
    default ImmutableList<Event> readAll(String run) {
        ImmutableList.Builder<Event> events = ImmutableList.builder();
        var unused = forEach(run, 1, events::add);
        return events.build();
    }
}
