package dev.emrys.scheduler;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import dev.emrys.journal.ScheduleStore;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Records decisions, many in one commit. Not thread-safe: what follows from a commit is posted. */
final class ChangeRecorder {
    /** How many decisions are given to the journal at once: the first ones are written while the next ones are made. */
    static final int CHUNK = 500;

    /** What has become of decisions. */
    interface Outcomes {
        /** @param at when it was known to be durable */
        void recorded(Pending pending, Instant at);

        /** Another process has changed the schedule's record meanwhile, so the decision is void. */
        void refused(Pending pending);

        /** Of all of these it is not known whether they are recorded. */
        void failed(List<Pending> all, Throwable failure);
    }

    private final ScheduleStore store;
    private final InstantSource clock;
    private final Consumer<Runnable> post;
    private final Outcomes outcomes;
    private int inFlight;

    /** @param post makes an action run in the scheduler's next tick */
    ChangeRecorder(ScheduleStore store, InstantSource clock, Consumer<Runnable> post, Outcomes outcomes) {
        this.store = store;
        this.clock = clock;
        this.post = post;
        this.outcomes = outcomes;
    }

    /** Whether the outcome of something is not known yet. */
    boolean isRecording() {
        return inFlight > 0;
    }

    /** Records decisions about different schedules, about which nothing else is decided until the outcome is known. */
    void record(List<Pending> all) {
        Lists.partition(ImmutableList.copyOf(all), CHUNK).forEach(this::recordChunk);
    }

    private void recordChunk(List<Pending> chunk) {
        inFlight++;
        chunk.forEach(pending -> pending.entry().changing(true));
        var unused = store.apply(chunk.stream()
                        .map(pending -> pending.decision().change())
                        .collect(toImmutableList()))
                .whenComplete((applied, failure) -> {
                    Instant at = clock.instant();
                    post.accept(() -> done(chunk, applied, failure, at));
                });
    }

    private void done(
            List<Pending> chunk, @Nullable ImmutableList<Boolean> applied, @Nullable Throwable failure, Instant at) {
        inFlight--;
        chunk.forEach(pending -> pending.entry().changing(false));
        if (applied == null) {
            outcomes.failed(chunk, failure == null ? new IllegalStateException("There is no result.") : failure);
            return;
        }
        for (int index = 0; index < chunk.size(); index++) {
            if (applied.get(index)) {
                outcomes.recorded(chunk.get(index), at);
            } else {
                outcomes.refused(chunk.get(index));
            }
        }
    }
}
