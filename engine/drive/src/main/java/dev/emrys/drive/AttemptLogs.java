package dev.emrys.drive;

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
