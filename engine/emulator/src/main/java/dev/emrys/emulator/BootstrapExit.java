package dev.emrys.emulator;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How a bootstrap action ended. */
public sealed interface BootstrapExit {

    /** When it ended. */
    Instant at();

    /** With exit code 0. */
    record Succeeded(Instant at) implements BootstrapExit {}

    /**
     * With another exit code, or by a signal.
     *
     * @param details for instance the end of the log
     * @param logFile the log with the details
     */
    record Failed(
            Instant at, @Nullable String details, @Nullable String logFile) implements BootstrapExit {}

    /**
     * Its script could not be read, so that it was not started.
     *
     * @param details why
     */
    record NotStarted(Instant at, @Nullable String details) implements BootstrapExit {}

    /** It ended because {@link StepRunner#cancelBootstrapAction} was called for it. */
    record Cancelled(Instant at) implements BootstrapExit {}
}
