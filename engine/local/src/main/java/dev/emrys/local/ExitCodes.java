package dev.emrys.local;

import com.google.common.collect.ImmutableMap;

/** Exit codes in words. */
final class ExitCodes {
    private static final int FIRST_SIGNAL = 128;

    /** POSIX signals that have the same number on Linux and macOS. */
    private static final ImmutableMap<Integer, String> SIGNALS = ImmutableMap.<Integer, String>builder()
            .put(1, "ended by SIGHUP")
            .put(2, "interrupted (SIGINT)")
            .put(3, "ended by SIGQUIT")
            .put(4, "illegal instruction (SIGILL)")
            .put(5, "ended by SIGTRAP")
            .put(6, "aborted (SIGABRT)")
            .put(8, "arithmetic error (SIGFPE)")
            .put(9, "killed (SIGKILL)")
            .put(11, "segmentation fault (SIGSEGV)")
            .put(13, "broken pipe (SIGPIPE)")
            .put(14, "ended by SIGALRM")
            .put(15, "terminated (SIGTERM)")
            .buildOrThrow();

    private ExitCodes() {}

    /**
     * A sentence such as {@code Exit code 137: killed (SIGKILL).}; a shell adds 128 to the number of the signal that
     * ended a process.
     */
    static String describe(int code) {
        String signal = SIGNALS.get(code - FIRST_SIGNAL);
        return "Exit code " + code + (signal == null ? "" : ": " + signal) + ".";
    }
}
