package dev.emrys.journal;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.jspecify.annotations.Nullable;

/**
 * What a process asks of the buckets of one endpoint. All processes should give the same rates: a bucket is filled at
 * the rate of the request.
 *
 * @param endpoint whose buckets they are, such as an account and region
 * @param process who asks; another text for each process
 * @param all the bucket from which every token is taken besides its operation's own; null without one
 * @param operations the buckets of the operations; one that is absent has no limit of its own
 * @param demands all that the process waits for now, each with another operation or rank; replaces what it waited for
 *     before
 * @param exhausted the operations whose own buckets are empty, as the service said by refusing a call
 */
public record TokenRequest(
        String endpoint,
        String process,
        @Nullable Rate all,
        ImmutableMap<String, Rate> operations,
        ImmutableList<Demand> demands,
        ImmutableSet<String> exhausted) {

    /**
     * A bucket.
     *
     * @param burst how many tokens it holds; at least 1
     * @param perSecond how many are added in a second; more than 0
     */
    public record Rate(double burst, double perSecond) {
        public Rate {
            if (!(burst >= 1) || !(perSecond > 0)) {
                throw new IllegalArgumentException("A bucket holds at least one token, and is filled.");
            }
        }
    }

    /**
     * Calls that wait for tokens.
     *
     * @param rank a lower one is served first, whichever process it is of
     * @param reserve how many tokens must be left in the operation's bucket
     * @param count how many; at least 1
     */
    public record Demand(String operation, int rank, int reserve, int count) {}
}
