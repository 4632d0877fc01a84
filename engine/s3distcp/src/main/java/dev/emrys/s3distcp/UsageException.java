package dev.emrys.s3distcp;

/** The options are not usable. The message says which one and what to write instead. */
final class UsageException extends Exception {
    UsageException(String message) {
        super(message);
    }
}
