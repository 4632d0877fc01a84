package dev.emrys.scheduler;

import dev.emrys.schedule.Fire;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The next fire of a schedule.
 *
 * @param schedule the schedule's id
 * @param handledTo the instant after which it is the first one
 * @param fire the fire
 * @param due when it is to start
 */
record Upcoming(String schedule, Instant handledTo, Fire fire, Instant due) {
    /**
     * Whether at this time it is the one fire that is due after {@link #handledTo}, and on time. Fires are at whole
     * seconds, and jitter never reaches the next fire, so within the second of its due time no other one is due.
     */
    boolean isOnlyOnTime(Instant now, Duration tolerance) {
        return !now.isBefore(due)
                && now.isBefore(due.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1))
                && Duration.between(due, now).compareTo(tolerance) <= 0;
    }
}
