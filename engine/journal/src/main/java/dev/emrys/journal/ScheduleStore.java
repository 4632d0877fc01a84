package dev.emrys.journal;

import com.google.common.collect.ImmutableList;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The schedules, their fires and their history. Several processes may decide about the same schedule: of two changes
 * that were made from the same record, one is recorded. So a fire is decided once. Thread-safe.
 */
public interface ScheduleStore {
    /** All schedules by id, also those that no script declares any more. */
    ImmutableList<ScheduleRecord> schedules();

    /** The schedule with this id. */
    Optional<ScheduleRecord> schedule(String id);

    /**
     * The fires that have not ended, by schedule, and of each schedule by the time of the decision and the fire's
     * instant.
     */
    ImmutableList<FireRecord> openFires();

    /**
     * The fires of a schedule with instants from {@code from}, inclusive, to {@code to}, exclusive, in their order; at
     * most {@code limit}.
     */
    ImmutableList<FireRecord> fires(String schedule, Instant from, Instant to, int limit);

    /**
     * The newest fires before an instant, the newest first, at most {@code limit}.
     *
     * @param schedule a schedule's id; empty for all
     */
    ImmutableList<FireRecord> newestFires(Optional<String> schedule, Instant before, int limit);

    /**
     * The fires whose runs have failed at this instant or later, in the order of their ends; of more than {@code limit}
     * the newest.
     */
    ImmutableList<FireRecord> failedFires(Instant since, int limit);

    /**
     * The newest events before an instant, the newest first, at most {@code limit}.
     *
     * @param schedule a schedule's id; empty for all
     */
    ImmutableList<ScheduleEvent> newestEvents(Optional<String> schedule, Instant before, int limit);

    /**
     * Records changes. Does not block.
     *
     * @param changes of different schedules
     * @return completes when they are durable: for each change in turn, whether it is recorded, or is not, because
     *     another change was made from the same record
     */
    CompletableFuture<ImmutableList<Boolean>> apply(ImmutableList<ScheduleChange> changes);

    /**
     * How many changes were recorded so far, by all processes: when it differs, another process has changed something.
     */
    long changes();

    /** What is recorded of that which a schedule waits for; empty while nothing is. */
    Optional<TriggerState> triggerState(String schedule);

    /** What the params of a fire's run depend on; empty for a fire that neither a run nor an arrival has caused. */
    Optional<FireInputs> inputs(FireRecord fire);

    /** Whether a message with this id was sent through a channel. */
    boolean isSent(String notice, String channel);

    /** Remembers that a message was sent through a channel. It is durable when this returns. */
    void sent(String notice, String channel, Instant at);
}
