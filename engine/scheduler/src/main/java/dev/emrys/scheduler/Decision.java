package dev.emrys.scheduler;

import com.google.common.collect.ImmutableList;
import dev.emrys.journal.FireRecord;
import dev.emrys.journal.ScheduleChange;

/**
 * What is decided about a schedule. It is recorded before anything of it is done.
 *
 * @param change what to record
 * @param start the fires whose runs are started then
 * @param cancel the fires whose runs are cancelled then
 */
record Decision(ScheduleChange change, ImmutableList<FireRecord> start, ImmutableList<FireRecord> cancel) {
    static Decision of(ScheduleChange change) {
        return new Decision(change, ImmutableList.of(), ImmutableList.of());
    }
}
