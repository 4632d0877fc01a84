package dev.emrys.emulator;

/** The store failed; the transaction was rolled back. */
final class StoreFailedException extends RuntimeException {
    StoreFailedException(Throwable cause) {
        super("The emulator's state could not be stored: " + cause.getMessage(), cause);
    }
}
