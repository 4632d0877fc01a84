package dev.emrys.drive;

import dev.emrys.journal.Journal;
import dev.emrys.journal.Lease;
import java.time.InstantSource;
import java.util.concurrent.Executor;

/**
 * What a driver needs of the world. Each can be replaced, so that the whole engine runs under a seed.
 *
 * @param lease of the run that is driven
 * @param executor runs the loop's turns; the driver sees to it that no two of its turns overlap
 */
public record Ports(
        Journal journal, Lease lease, Effects effects, InstantSource clock, Timers timers, Executor executor) {}
