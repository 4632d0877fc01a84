package dev.emrys.journal;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import dev.emrys.run.Event;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** An append to an {@link EventLog}, split into steps of at most {@link EventLog#MAX_EVENTS_PER_STEP} events. */
final class AppendSteps {
    /** Writes the events of one step, all or none. */
    interface Writer {
        CompletableFuture<?> write(long firstSeq, List<Event> step);
    }

    private AppendSteps() {}

    /** Completes when all steps are durable, exceptionally with the first failure. */
    static CompletableFuture<@Nullable Void> append(long firstSeq, ImmutableList<Event> events, Writer writer) {
        CompletableFuture<@Nullable Void> durable = new CompletableFuture<>();
        if (events.isEmpty()) {
            durable.complete(null);
        }
        long seq = firstSeq;
        long end = firstSeq + events.size();
        for (List<Event> step : Lists.partition(events, EventLog.MAX_EVENTS_PER_STEP)) {
            long next = seq + step.size();
            // When a step fails, so do those after it, because of their numbers.
            var unused = writer.write(seq, step).whenComplete((written, failure) -> {
                if (failure != null) {
                    durable.completeExceptionally(failure);
                } else if (next == end) {
                    durable.complete(null);
                }
            });
            seq = next;
        }
        return durable;
    }
}
