/**
 * Knows: which fires of the schedules are due, what becomes of each, and when its run starts; it records every decision
 * before it acts on it. For schedules that wait for something it knows what is new, by the ports {@link
 * dev.emrys.scheduler.ArrivalSource} and the run catalog.
 *
 * <p>Never: how a script is read or a run is driven: that is behind the port {@link dev.emrys.scheduler.FireRunner}.
 */
@NullMarked
package dev.emrys.scheduler;

import org.jspecify.annotations.NullMarked;
