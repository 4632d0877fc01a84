package dev.emrys.view;

import com.google.common.collect.ImmutableList;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A schedule as it was served last. When it fires next is what its script says, which is not recorded. Immutable.
 *
 * @param id the pipeline's name and the schedule's own, as {@code daily-etl/main}
 * @param pipeline the pipeline's name
 * @param script the path of the script that declares it
 * @param timing the expression or the interval, for people
 * @param zone the name of its time zone
 * @param handledTo every fire up to this instant, inclusive, is decided
 * @param pause since when, by whom and why no fire is started; null while it is active
 * @param failures how many of its runs have failed one after the other
 * @param last the newest fire; null while there is none
 * @param open the fires that have not ended, in the order of their decisions
 */
public record ScheduleView(
        String id,
        String pipeline,
        String script,
        String timing,
        String zone,
        Instant handledTo,
        @Nullable Pause pause,
        int failures,
        @Nullable FireView last,
        ImmutableList<FireView> open) {

    /**
     * Why a schedule does not fire.
     *
     * @param since when it was paused
     * @param by who paused it, for people
     * @param reason why, for people; null for none
     */
    public record Pause(Instant since, String by, @Nullable String reason) {}
}
