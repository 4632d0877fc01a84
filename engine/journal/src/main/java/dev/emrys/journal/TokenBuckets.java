package dev.emrys.journal;

import com.google.common.collect.ImmutableList;
import java.util.concurrent.CompletableFuture;

/**
 * How many calls the processes of this journal may still make to a service that counts with token buckets: one for each
 * operation, and one for all operations together. A token that is granted is the right to one call, and is in no bucket
 * any more; one that is not used is lost, also when its process dies. Thread-safe.
 *
 * <p>Buckets are filled by the clock of the store: on PostgreSQL the server's, otherwise this machine's. A clock that
 * is set back only pauses the refill for that moment; one that is set forward by {@code t} adds what {@code t} would
 * have added.
 *
 * <p>What could not be granted is remembered until the process asks again, or for 2 s after it should have asked.
 * Meanwhile tokens are kept for the processes that wait: those with the lowest rank first, and among equals in turn, so
 * that of n processes that wait for an operation each gets 1/n of its tokens. A request is granted at most half of what
 * a bucket has, so that the first one does not take a whole burst.
 *
 * <p>A crash of PostgreSQL's server may lose the grants of its last second: their tokens are in the buckets again.
 *
 * @see <a href="https://www.postgresql.org/docs/current/wal-async-commit.html">PostgreSQL: asynchronous commit</a>
 */
public interface TokenBuckets {
    /**
     * Takes tokens. Does not block.
     *
     * @return a grant for each demand of the request, in their order; completes exceptionally with a {@link
     *     JournalException} when the store cannot be used, in which case tokens may have been taken
     */
    CompletableFuture<ImmutableList<TokenGrant>> take(TokenRequest request);
}
