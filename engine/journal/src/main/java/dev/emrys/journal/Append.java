package dev.emrys.journal;

import com.google.common.collect.ImmutableList;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Events of one run to append, all or none of them.
 *
 * @param end how the run's end changes with them; null when it does not
 * @param done completes when they are durable
 */
record Append(
        Lease lease,
        long firstSeq,
        ImmutableList<EventRow> rows,
        EventRow.@Nullable RunEnd end,
        CompletableFuture<@Nullable Void> done) {

    Append(Lease lease, long firstSeq, ImmutableList<EventRow> rows, EventRow.@Nullable RunEnd end) {
        this(lease, firstSeq, rows, end, new CompletableFuture<>());
    }

    long newestSeq() {
        return firstSeq + rows.size() - 1;
    }
}
