package dev.emrys.journal;

import com.google.common.collect.ImmutableList;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;

/** A request shares the commit of what else this process writes at that moment. */
final class SqliteTokenBuckets implements TokenBuckets {
    /** About how many rows a request writes. */
    private static final int ROWS = 4;

    private final GroupCommit writer;
    private final InstantSource clock;

    SqliteTokenBuckets(GroupCommit writer, InstantSource clock) {
        this.writer = writer;
        this.clock = clock;
    }

    @Override
    public CompletableFuture<ImmutableList<TokenGrant>> take(TokenRequest request) {
        // The clock is read under the lock of the file: requests of other processes are earlier or later.
        return writer.submit(ROWS, connection -> TokenTables.take(connection::statement, request, clock.instant()));
    }
}
