package dev.emrys.monitor;

import java.time.Duration;
import java.util.Optional;

/**
 * What a daemon that serves schedules does at the moment. It is read by any thread, several at a time, and must answer
 * at once.
 */
public interface DaemonFigures {
    /** How many schedules it serves. */
    int schedules();

    /** How many runs it drives. */
    int runsDriven();

    /** How many runs wait because as many are driven as may. */
    int runsQueued();

    /** How many scripts have an error, so that an earlier version of them is served, or none. */
    int brokenScripts();

    /** How long ago the scheduler last looked for what is due; empty before the first time. */
    Optional<Duration> sinceLastTick();

    /** How long until the next fire is due, negative when it is overdue; empty when none is to come. */
    Optional<Duration> untilNextFire();
}
