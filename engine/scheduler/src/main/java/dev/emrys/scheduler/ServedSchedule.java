package dev.emrys.scheduler;

import dev.emrys.journal.ScheduleRecord;
import dev.emrys.schedule.CatchUpPolicy;
import dev.emrys.schedule.Exclusions;
import dev.emrys.schedule.Fires;
import dev.emrys.schedule.Overlap;
import dev.emrys.schedule.Schedule;
import java.util.Objects;

/**
 * A schedule that a script declares, with the rules for its fires. Immutable.
 *
 * @param pipeline the pipeline's name
 * @param script the path of the script
 * @param timing the expression or the interval, for people
 * @param fires its fires; the schedule's id is that of the record
 * @param catchUp what happens to fires that nothing started in time
 * @param overlap what happens to a fire while runs of the schedule are running
 * @param pauseAfterFailures how many consecutive failures pause it; 0 for never
 */
public record ServedSchedule(
        String pipeline,
        String script,
        String timing,
        Fires fires,
        CatchUpPolicy catchUp,
        Overlap overlap,
        int pauseAfterFailures) {

    /** Of most schedules. */
    private static final String NO_EXCLUSIONS = Exclusions.NONE.toString();

    /** Unique among all schedules of a journal. */
    public String id() {
        return fires.schedule().id();
    }

    ScheduleRecord.Declaration declaration() {
        Schedule schedule = fires.schedule();
        return new ScheduleRecord.Declaration(
                pipeline,
                script,
                timing,
                schedule.zone().id(),
                Objects.requireNonNullElse(schedule.zone().tzdbVersion(), ""),
                definition(schedule));
    }

    /** Everything that the fires depend on besides the rules of the zone. */
    private static String definition(Schedule schedule) {
        return String.join(
                " | ",
                schedule.timing().toString(),
                schedule.zone().id(),
                String.valueOf(schedule.gap()),
                String.valueOf(schedule.repeat()),
                String.valueOf(schedule.start()),
                String.valueOf(schedule.end()),
                schedule.exclusions().equals(Exclusions.NONE)
                        ? NO_EXCLUSIONS
                        : schedule.exclusions().toString(),
                schedule.jitter().toString());
    }
}
