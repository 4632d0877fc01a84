package dev.emrys.run;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The mutable state of the run as a whole, owned by {@link RunState}. */
final class RunProgress {
    String runId = "";
    String name = "";

    @Nullable
    Instant startedAt;

    @Nullable
    Instant endedAt;

    @Nullable
    Outcome outcome;

    @Nullable
    String cancelledBy;

    RunProgress() {}

    RunProgress(RunProgress other) {
        runId = other.runId;
        name = other.name;
        startedAt = other.startedAt;
        endedAt = other.endedAt;
        outcome = other.outcome;
        cancelledBy = other.cancelledBy;
    }
}
