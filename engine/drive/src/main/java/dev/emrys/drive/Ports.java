package dev.emrys.drive;

import dev.emrys.journal.Journal;
import dev.emrys.journal.Lease;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * What a driver depends on. Each can be replaced, so that the whole engine runs under a seed.
 *
 * @param lease of the run that is driven
 * @param executor runs the driver's actions; no two actions of one driver overlap
 * @param snapshots how often the run's state is stored
 * @param warnings receives messages for the user about what does not keep the run from going on; called on any thread
 */
public record Ports(
        Journal journal,
        Lease lease,
        Effects effects,
        InstantSource clock,
        Timers timers,
        Executor executor,
        SnapshotPolicy snapshots,
        Consumer<String> warnings) {}
