package dev.emrys.emr;

import dev.emrys.drive.Timers;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What this room needs of the world.
 *
 * @param calls runs blocking calls: a bounded pool, whose size is the number of calls under way at once
 * @param secrets finds a secret by its name at the moment a request is sent
 * @param warnings hears, for people, that something outside is not well and is waited for
 */
public record EmrDependencies(
        Executor calls,
        InstantSource clock,
        Timers timers,
        Function<String, Optional<String>> secrets,
        Consumer<String> warnings) {}
