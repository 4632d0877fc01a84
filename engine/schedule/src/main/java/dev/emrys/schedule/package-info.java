/**
 * Knows: the arithmetic of schedules: cron expressions, intervals and what schedules wait for, their fires in a zone
 * around clock changes, limits, jitter, and the decisions about missed and overlapping fires.
 *
 * <p>Never: files, threads, a clock, or how a pipeline is run. Every type is immutable and may be shared between
 * threads.
 */
@NullMarked
package dev.emrys.schedule;

import org.jspecify.annotations.NullMarked;
