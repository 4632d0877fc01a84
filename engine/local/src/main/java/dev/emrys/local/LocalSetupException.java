package dev.emrys.local;

import org.jspecify.annotations.Nullable;

/** The local target cannot be used: a download, the account's folder or the owner process failed. The message says what, why and what to
 * do. The cause is outside of Emrys. */
public class LocalSetupException extends RuntimeException {
    public LocalSetupException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
