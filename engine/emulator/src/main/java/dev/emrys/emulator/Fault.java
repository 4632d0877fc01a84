package dev.emrys.emulator;

import java.time.Duration;

/** A fault of one call, as it happens on AWS. */
public sealed interface Fault {

    /** Rejected before execution with HTTP 400, ThrottlingException, "Rate exceeded". */
    record Throttle() implements Fault {}

    /** HTTP 500 before anything was executed. */
    record ErrorBefore() implements Fault {}

    /** Executed, but the response is lost: HTTP 500. A caller that simply retries executes the operation twice. */
    record ErrorAfter() implements Fault {}

    /**
     * Rejected with HTTP 400.
     *
     * @param code for instance {@code ValidationException}
     */
    record Refuse(String code, String text) implements Fault {

        /** With a ValidationException. */
        public Refuse(String text) {
            this("ValidationException", text);
        }
    }

    /**
     * Executed and answered later than usual.
     *
     * @param delay before the execution
     */
    record Slow(Duration delay) implements Fault {}

    /**
     * Executed, but the cluster or steps that it created are missing from every List operation for some time.
     *
     * @param lag how long
     */
    record HideFromListing(Duration lag) implements Fault {}
}
