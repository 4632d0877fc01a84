package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;

/**
 * What is really started for a step.
 *
 * @param command the program and its arguments
 * @param environment added to the clean environment of steps
 * @param notes for the controller log: what was rewritten, left out or taken instead
 */
record LocalCommand(
        ImmutableList<String> command, ImmutableMap<String, String> environment, ImmutableList<String> notes) {

    /** The step asks for what is not run here. The message says what and what to do instead. */
    static final class NotRunHereException extends Exception {
        NotRunHereException(String message) {
            super(message);
        }
    }
}
