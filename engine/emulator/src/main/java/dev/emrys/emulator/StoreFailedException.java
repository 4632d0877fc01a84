package dev.emrys.emulator;

/** The store refused a turn; nothing of the turn has happened. */
final class StoreFailedException extends RuntimeException {
    StoreFailedException(Throwable cause) {
        super("The emulator's state could not be stored: " + cause.getMessage(), cause);
    }
}
