package dev.emrys.drive;

import com.google.common.collect.ImmutableList;
import dev.emrys.spec.Diagnostic;
import java.time.Duration;
import java.util.Optional;

/**
 * The logs of one attempt of a task. Thread-safe. Methods block, and throw an unchecked exception when the target
 * cannot be read.
 */
public interface AttemptLogs {
    /**
     * One log, as far as it is written.
     *
     * @param name one of {@link Target#logNames}
     * @return empty when there is none, or none yet
     */
    Optional<Log> find(String name);

    /** Whether the attempt has ended, so that nothing more is written. */
    boolean isComplete();

    /**
     * Why what the attempt writes is not here at once, for people, as one sentence. Then {@link #isComplete} may become
     * true long after the end of the attempt. By default empty: it is here at once.
     */
    default Optional<String> delay() {
        return Optional.empty();
    }

    /** How long a reader that follows the logs waits before it looks again. By default 250 ms. */
    default Duration pollInterval() {
        return Duration.ofMillis(250);
    }

    /**
     * Why there is nothing to read, when {@link #find} finds none of these.
     *
     * @param names of {@link Target#logNames}
     * @return by default empty: not known
     */
    default Optional<Diagnostic> absence(ImmutableList<String> names) {
        return Optional.empty();
    }

    /** A log, which may grow. */
    interface Log {
        /** For people: a path or a URI. */
        String location();

        /** In bytes, at the moment. */
        long size();

        /**
         * A part of its content.
         *
         * @param offset of the first byte
         * @param limit the most bytes to give
         * @return empty when nothing is written at the offset yet
         */
        byte[] read(long offset, int limit);
    }
}
