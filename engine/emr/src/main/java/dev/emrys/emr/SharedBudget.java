package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * The port to the token buckets of an account that several processes use, each of which leases tokens in small lots. A
 * token that is leased is the right to one call within about a second; one that is not used is lost. Thread-safe; never
 * blocks.
 */
public interface SharedBudget {
    /**
     * Leases tokens. A process has one request at a time under way for an account.
     *
     * @return a lot for each demand, in their order; completes exceptionally when it is not known how many tokens are
     *     left
     */
    CompletableFuture<ImmutableList<Lot>> lease(Request request);

    /**
     * What this process asks for.
     *
     * @param account as {@link Endpoint#account}
     * @param quotas how many tokens the buckets hold, and at what rate they are filled
     * @param demands all that this process waits for now, each with another operation or rank
     * @param exhausted the operations of which a call was throttled: their buckets are empty
     */
    record Request(
            String account, Quotas quotas, ImmutableList<Demand> demands, ImmutableSet<EmrOperation> exhausted) {}

    /**
     * Calls that wait.
     *
     * @param rank a lower one is served first, whichever process it is of
     * @param reserve how many of the operation's tokens must be left
     * @param count how many calls; at least 1
     */
    record Demand(EmrOperation operation, int rank, int reserve, int count) {}

    /**
     * What is leased for a demand.
     *
     * @param tokens from 0 to the demand's count
     * @param retryAfter when it is less than the count: after how long to ask again
     */
    record Lot(int tokens, Duration retryAfter) {}
}
