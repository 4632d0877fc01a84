package dev.emrys.emulator;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How a step's process ended. */
public sealed interface StepExit {

    /** When it ended. */
    Instant at();

    /** It succeeded, also if a cancellation came too late. */
    record Completed(Instant at) implements StepExit {}

    /**
     * It failed by itself, not by a cancellation. This triggers the step's action on failure.
     *
     * @param reason EMR's reason, for instance {@code Unknown Error.}
     * @param message details, for instance the last error line
     * @param logFile the file with the details, shown as {@code <LogUri><cluster>/steps/<step>/<name>.gz} if the
     *     cluster has a log URI; absent: {@code stderr}
     * @param hasLog whether the step has a log; false for one that could not be started, for instance
     */
    record Failed(
            Instant at,
            String reason,
            @Nullable String message,
            @Nullable String logFile,
            boolean hasLog) implements StepExit {

        /** With a log. */
        public Failed(Instant at, String reason, @Nullable String message, @Nullable String logFile) {
            this(at, reason, message, logFile, true);
        }

        /** Without a log. */
        public static Failed withoutLog(Instant at, String reason, @Nullable String message) {
            return new Failed(at, reason, message, null, false);
        }
    }

    /** It ended because {@link StepRunner#cancel} was called for it. */
    record Cancelled(Instant at) implements StepExit {}
}
