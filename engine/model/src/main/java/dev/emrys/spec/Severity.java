package dev.emrys.spec;

import java.util.Locale;

/** What a diagnostic means for the run. */
public enum Severity {
    /** The author must change something: nothing is started. */
    ERROR,
    /** Probably not what the author meant, but it does not stop anything. */
    WARNING;

    /** {@code error} or {@code warning}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
