/**
 * Knows: what has happened: it appends events, reads them back, says who drives a run, and carries wishes from other processes.
 *
 * <p>Never: the SDK, what events mean for a run, or how a run is driven.
 */
@NullMarked
package dev.emrys.journal;

import org.jspecify.annotations.NullMarked;
