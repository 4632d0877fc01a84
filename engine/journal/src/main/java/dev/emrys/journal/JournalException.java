package dev.emrys.journal;

import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** The journal cannot do what was asked. The message says what, where, why, and how to fix it. */
public class JournalException extends RuntimeException {
    public JournalException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /**
     * Whether a run whose driver fails with this can be resumed by its user: not when it is lost, or driven by another
     * process.
     */
    public boolean leavesRunResumable() {
        return true;
    }

    /** For a caller who waited for a write: the journal's own exception, or one with the failure as its cause. */
    public static JournalException of(CompletionException failure) {
        return failure.getCause() instanceof JournalException own
                ? own
                : new JournalException("The journal cannot be written: " + failure.getMessage(), failure);
    }

    static JournalException noSuchRun(String run) {
        return new JournalException("There is no run " + run + " in this journal.", null);
    }
}
