package dev.emrys.scheduler;

/**
 * What a scheduler does now.
 *
 * @param schedules how many schedules it serves
 * @param running how many runs of fires it drives
 * @param queued how many runs wait because as many are running as may
 * @param recording whether something is not recorded yet
 * @param inStep whether all that is recorded was read
 */
public record SchedulerStatus(int schedules, int running, int queued, boolean recording, boolean inStep) {
    static final SchedulerStatus NONE = new SchedulerStatus(0, 0, 0, false, false);
}
