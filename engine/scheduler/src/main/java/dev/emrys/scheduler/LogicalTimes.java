package dev.emrys.scheduler;

import dev.emrys.journal.FireRecord;
import dev.emrys.journal.LogicalTime;
import dev.emrys.schedule.Fire;
import dev.emrys.schedule.Fires;
import java.time.Instant;
import java.util.Optional;

/** The times that the runs of fires are for. */
public final class LogicalTimes {
    private LogicalTimes() {}

    /** That of a fire whose time the schedule names; a person's own fire has the data since the last one. */
    public static LogicalTime of(Fires fires, FireRecord fire) {
        Optional<Fire> scheduled = fires.next(fire.at().minusNanos(1))
                .filter(found -> found.instant().equals(fire.at()));
        Instant from = scheduled.isPresent()
                ? fires.dataInterval(scheduled.get()).start()
                : fires.previous(fire.at()).map(Fire::instant).orElse(fire.at());
        return new LogicalTime(fire.nominal().toLocalDate(), fire.at(), fire.zone(), from);
    }
}
