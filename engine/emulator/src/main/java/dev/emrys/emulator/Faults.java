package dev.emrys.emulator;

import java.util.Optional;

/** Injects faults. Asked once per call, before the call is executed. Must be thread-safe. */
@FunctionalInterface
public interface Faults {

    /** No faults. */
    Faults NONE = operation -> Optional.empty();

    /**
     * The fault of the next call of an operation; empty for none.
     *
     * @param operation EMR's name of the operation, for instance {@code RunJobFlow}
     */
    Optional<Fault> next(String operation);
}
