package dev.emrys.view;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import dev.emrys.journal.FireInputs;
import dev.emrys.journal.FireRecord;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A fire of a schedule, and what became of it. Immutable.
 *
 * @param schedule the schedule's id
 * @param at the fire's instant, before jitter
 * @param nominal the local time that the expression names
 * @param zone the time zone by which it was computed
 * @param tzdb the version of that zone's rules; null for a fixed offset
 * @param cause why it fires
 * @param due when it is to start: its instant and the jitter
 * @param state what became of it
 * @param reason why it is in this state, for people; null where the state says it
 * @param clockChange what a clock change did to it: {@code shifted}, {@code first-of-repeated}, {@code
 *     second-of-repeated}; null for nothing
 * @param merged further nominal times that fall on the same instant
 * @param run the name of its run; null when it has none
 * @param by who decided or requested it, for people
 * @param decidedAt when it was decided or requested
 * @param endedAt when its run has ended or it was decided that it has none; null until then
 * @param triggeringRun the name of the run whose success has caused it; null when it has another cause
 * @param arrived the paths or locations whose arrival has caused it, the oldest first; empty when it has another cause
 */
public record FireView(
        String schedule,
        Instant at,
        LocalDateTime nominal,
        String zone,
        @Nullable String tzdb,
        FireRecord.Cause cause,
        Instant due,
        FireRecord.State state,
        @Nullable String reason,
        @Nullable String clockChange,
        ImmutableList<String> merged,
        @Nullable String run,
        String by,
        Instant decidedAt,
        @Nullable Instant endedAt,
        @Nullable String triggeringRun,
        ImmutableList<String> arrived)
        implements ScheduleEntry {
    private static final Splitter SPACES = Splitter.on(' ').omitEmptyStrings();

    /** A fire whose inputs are not known, or that neither a run nor an arrival has caused. */
    public static FireView of(FireRecord fire) {
        return of(fire, Optional.empty());
    }

    static FireView of(FireRecord fire, Optional<FireInputs> inputs) {
        return new FireView(
                fire.schedule(),
                fire.at(),
                fire.nominal(),
                fire.zone(),
                textOrNull(fire.tzdb()),
                fire.cause(),
                fire.due(),
                fire.state(),
                textOrNull(fire.reason()),
                textOrNull(fire.clockChange()),
                ImmutableList.copyOf(SPACES.split(fire.merged())),
                textOrNull(fire.run()),
                fire.by(),
                fire.decidedAt(),
                fire.endedAt(),
                textOrNull(inputs.map(FireInputs::triggeringRun).orElse("")),
                inputs.map(FireInputs::arrived).orElse(ImmutableList.of()));
    }

    private static @Nullable String textOrNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
