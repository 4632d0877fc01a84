package dev.emrys.local;

import org.jspecify.annotations.Nullable;

/** What steps need cannot be had on this machine now. The message says what, why and how to mend it. An outside failure. */
public final class ToolkitException extends RuntimeException {
    public ToolkitException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
