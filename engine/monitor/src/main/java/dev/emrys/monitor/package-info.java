/**
 * Knows: how the state of a long-running process is read from outside over HTTP: health, readiness and metrics.
 *
 * <p>Never: what the process does: it supplies its checks and figures.
 */
@NullMarked
package dev.emrys.monitor;

import org.jspecify.annotations.NullMarked;
