package dev.emrys.drive;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * When a driver takes a snapshot of its run's state, and who encodes it. A snapshot is taken when enough events and
 * enough time have passed since the one before, so a resume has few events to read, and a run at full speed spends
 * little of its time on snapshots. A driver that stops in order takes a last one, for which only the events count.
 *
 * @param interval how many events there are between two snapshots, at least
 * @param pause how much time there is between the begins of two snapshots, at least; before the first one, from the
 *     driver's begin
 * @param pauseFactor as {@code pause}, how many times what the last snapshot took; 50 are 2 % of the time
 * @param executor encodes them: some 100 ms for a run of 200,000 tasks
 */
public record SnapshotPolicy(int interval, Duration pause, int pauseFactor, Executor executor) {
    private static final int INTERVAL = 10_000;
    private static final Duration PAUSE = Duration.ofSeconds(5);
    private static final int PAUSE_FACTOR = 50;

    public SnapshotPolicy {
        checkArgument(interval >= 1, "An interval of %s events", interval);
        checkArgument(!pause.isNegative() && pauseFactor >= 0, "A pause of %s or of %s times", pause, pauseFactor);
    }

    /** After 10,000 events, 5 s and 50 times what the last snapshot took. */
    public static SnapshotPolicy standard(Executor executor) {
        return new SnapshotPolicy(INTERVAL, PAUSE, PAUSE_FACTOR, executor);
    }

    /** How long to wait after the begin of a snapshot that took so long. */
    Duration pauseAfter(Duration took) {
        Duration inProportion = took.multipliedBy(pauseFactor);
        return inProportion.compareTo(pause) > 0 ? inProportion : pause;
    }
}
