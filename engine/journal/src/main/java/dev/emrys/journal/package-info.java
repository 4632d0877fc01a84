/**
 * Knows: what has happened. It appends events and reads them back, keeps a snapshot of each run, lists runs, says which process drives a
 * run, and carries control
 * requests between processes.
 *
 * <p>Never: the SDK, what events mean for a run, or how a run is driven.
 */
@NullMarked
package dev.emrys.journal;

import org.jspecify.annotations.NullMarked;
