package dev.emrys.schedule;

import com.google.common.collect.ImmutableList;

/**
 * What to do with the fires since the last one that was handled.
 *
 * @param start the fires to start now, in order
 * @param missed the fires that are not started, by reason, the oldest first
 */
public record CatchUpPlan(ImmutableList<Fire> start, ImmutableList<MissedFires> missed) {}
