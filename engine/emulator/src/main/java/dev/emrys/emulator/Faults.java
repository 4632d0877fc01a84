package dev.emrys.emulator;

import java.util.Optional;

/** Decides which calls go wrong. Asked once per call, before it is executed. Must be thread-safe. */
@FunctionalInterface
public interface Faults {

    /** Nothing ever goes wrong. */
    Faults NONE = operation -> Optional.empty();

    /**
     * What goes wrong with the next call of an operation.
     *
     * @param operation EMR's name of it, for instance {@code RunJobFlow}
     */
    Optional<Fault> next(String operation);
}
