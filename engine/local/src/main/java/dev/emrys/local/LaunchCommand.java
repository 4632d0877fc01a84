package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;

/**
 * The command that is started for a step.
 *
 * @param command the program and its arguments
 * @param jvm whether the program is java, with its options before its main class and without files of arguments
 * @param environment added to the environment of steps
 * @param warnings for the controller log: what was rewritten, ignored or replaced
 * @param notes for the controller log: what the step runs on, where that is not obvious
 */
record LaunchCommand(
        ImmutableList<String> command,
        boolean jvm,
        ImmutableMap<String, String> environment,
        ImmutableList<String> warnings,
        ImmutableList<String> notes) {

    /** This machine does not run the step. The message says why and what to do instead. */
    static final class UnsupportedStepException extends Exception {
        UnsupportedStepException(String message) {
            super(message);
        }
    }
}
