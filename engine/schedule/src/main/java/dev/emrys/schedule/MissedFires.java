package dev.emrys.schedule;

import com.google.common.collect.ImmutableList;
import java.time.Instant;

/**
 * Consecutive fires that are not started, for one reason.
 *
 * @param reason why they are not started
 * @param first the instant of the oldest
 * @param last the instant of the newest
 * @param count how many they are
 * @param newest the newest of them, in order; all of them if they are few, see {@link CatchUpPolicy#MAX_LISTED}
 */
public record MissedFires(Reason reason, Instant first, Instant last, long count, ImmutableList<Fire> newest) {

    /** Why a missed fire is not started. */
    public enum Reason {
        /** It is older than the window. */
        OUTSIDE_WINDOW,
        /** The policy is {@link CatchUp.All} and newer fires reach its maximum. */
        OVER_MAXIMUM,
        /** The policy is {@link CatchUp.Last} and a newer fire is started. */
        SUPERSEDED,
        /** The policy is {@link CatchUp.None}. */
        NO_CATCH_UP
    }
}
