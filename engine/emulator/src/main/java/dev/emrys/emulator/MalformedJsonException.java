package dev.emrys.emulator;

/** A text that is not JSON, or JSON whose types are not those of the operation. The message says where. */
public final class MalformedJsonException extends RuntimeException {
    MalformedJsonException(String message) {
        super(message);
    }
}
