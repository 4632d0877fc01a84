package dev.emrys.journal;

import org.jspecify.annotations.Nullable;

/** The journal cannot do what was asked. The message says what, where, why, and how to fix it. */
public class JournalException extends RuntimeException {
    public JournalException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Whether a run whose driver fails with this can be resumed by its user: not when it is lost, or driven by another process. */
    public boolean leavesRunResumable() {
        return true;
    }

    static JournalException noSuchRun(String run) {
        return new JournalException("There is no run " + run + " in this journal.", null);
    }
}
