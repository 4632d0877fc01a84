package dev.emrys.emulator;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Faults planned in advance: a queue per operation, one entry per call. Thread-safe. */
public final class PlannedFaults implements Faults {

    private final Map<String, Deque<Optional<Fault>>> planned = new LinkedHashMap<>();

    /** Adds faults for the next calls of {@code operation} that have no plan yet, one per call in this order. */
    public synchronized PlannedFaults plan(String operation, Fault... faults) {
        for (Fault fault : faults) {
            queue(operation).add(Optional.of(fault));
        }
        return this;
    }

    /** Plans that the next {@code calls} calls of {@code operation} that have no plan yet succeed. */
    public synchronized PlannedFaults planSuccess(String operation, int calls) {
        for (int i = 0; i < calls; i++) {
            queue(operation).add(Optional.empty());
        }
        return this;
    }

    /** How many planned faults have not occurred yet. */
    public synchronized int remaining() {
        return planned.values().stream()
                .mapToInt(queue ->
                        (int) queue.stream().filter(Optional::isPresent).count())
                .sum();
    }

    @Override
    public synchronized Optional<Fault> next(String operation) {
        Deque<Optional<Fault>> queue = queue(operation);
        return queue.isEmpty() ? Optional.empty() : queue.remove();
    }

    private Deque<Optional<Fault>> queue(String operation) {
        return planned.computeIfAbsent(operation, unused -> new ArrayDeque<>());
    }
}
