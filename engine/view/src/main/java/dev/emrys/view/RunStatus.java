package dev.emrys.view;

import dev.emrys.run.Outcome;
import java.util.Locale;

/** What a run is doing, in one word. */
public enum RunStatus {
    /** A process drives it. */
    RUNNING,
    /** It has not ended, and no process drives it: it can be resumed. */
    INTERRUPTED,
    SUCCEEDED,
    FAILED,
    CANCELLED;

    static RunStatus of(Outcome outcome) {
        return switch (outcome) {
            case SUCCEEDED -> SUCCEEDED;
            case FAILED -> FAILED;
            case CANCELLED -> CANCELLED;
        };
    }

    /** In lower case, such as {@code running}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
