package dev.emrys.emr;

import dev.emrys.drive.Timers;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Function;

/**
 * What this module depends on.
 *
 * @param calls runs blocking calls: a bounded pool, whose size is the number of calls in flight at once
 * @param secrets finds a secret by its name at the moment a request is sent
 * @param warnings takes messages for people about failures outside that last and are waited for
 * @param random from 0 to 1, for the jitter of pauses after failures
 * @param sharedBudget what other processes use too; empty when this one may spend the whole quotas of the endpoint
 */
public record EmrDependencies(
        Executor calls,
        InstantSource clock,
        Timers timers,
        Function<String, Optional<String>> secrets,
        Consumer<String> warnings,
        DoubleSupplier random,
        Optional<SharedBudget> sharedBudget) {

    /** For a process that may spend the whole quotas of the endpoint. */
    public EmrDependencies(
            Executor calls,
            InstantSource clock,
            Timers timers,
            Function<String, Optional<String>> secrets,
            Consumer<String> warnings,
            DoubleSupplier random) {
        this(calls, clock, timers, secrets, warnings, random, Optional.empty());
    }
}
