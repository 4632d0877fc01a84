package dev.emrys.drive;

import org.jspecify.annotations.Nullable;

/** A target cannot be reached or made ready. The message says what, why and how to correct it. */
public final class TargetUnavailableException extends RuntimeException {
    public TargetUnavailableException(@Nullable String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
