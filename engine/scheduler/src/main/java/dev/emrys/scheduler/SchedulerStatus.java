package dev.emrys.scheduler;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a scheduler does now.
 *
 * @param schedules how many schedules it serves
 * @param running how many runs of fires it drives
 * @param queued how many runs wait because as many are running as may
 * @param recording whether something is not recorded yet
 * @param inStep whether all that is recorded was read
 * @param tick when this was
 * @param nextFire when the next fire is due; null when there is none
 */
public record SchedulerStatus(
        int schedules,
        int running,
        int queued,
        boolean recording,
        boolean inStep,
        Instant tick,
        @Nullable Instant nextFire) {
    static final SchedulerStatus NONE = new SchedulerStatus(0, 0, 0, false, false, Instant.EPOCH, null);
}
