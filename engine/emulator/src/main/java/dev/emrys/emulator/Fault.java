package dev.emrys.emulator;

import java.time.Duration;

/** Something that goes wrong with one call, as it does on AWS. */
public sealed interface Fault {

    /** Refused before execution with HTTP 400, ThrottlingException, "Rate exceeded". */
    record Throttle() implements Fault {}

    /** HTTP 500 before anything was executed. */
    record ErrorBefore() implements Fault {}

    /** Executed, but the answer is lost: HTTP 500. A caller that simply sends again does it twice. */
    record ErrorAfter() implements Fault {}

    /** Refused with HTTP 400, ValidationException and this text. */
    record Refuse(String text) implements Fault {}

    /**
     * Executed and answered, but the cluster or steps that it made are missing from every List operation for a while.
     *
     * @param lag how long
     */
    record HideFromListing(Duration lag) implements Fault {}
}
