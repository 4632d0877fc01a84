package dev.emrys.view;

import java.time.Instant;

/**
 * The process that drives a run.
 *
 * @param pid its process id; 0 when it is not known
 * @param host where it runs
 * @param since when it began to drive the run
 */
public record RunDriver(long pid, String host, Instant since) {}
