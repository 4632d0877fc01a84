package dev.emrys.runtime;

import dev.emrys.local.UntrustedFileException;

/**
 * The state folder or a file in it belongs to another user, or other users may write it. Nothing was read from it. The
 * message says what, where, and which command changes that.
 */
public final class UntrustedStateException extends RuntimeException {
    UntrustedStateException(UntrustedFileException cause) {
        super(cause.getMessage(), cause);
    }
}
