package dev.emrys.local;

/**
 * A file or folder of the state belongs to another user, or other users may write it. Nothing was read from it. The
 * message says what, where, and which command changes that.
 */
public final class UntrustedFileException extends LocalSetupException {
    public UntrustedFileException(String message) {
        super(message, null);
    }
}
