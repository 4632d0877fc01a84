package dev.emrys.journal;

import org.jspecify.annotations.Nullable;

/** The journal cannot do what it was asked. The message says what, where, why and how to mend it. */
public class JournalException extends RuntimeException {
    public JournalException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
