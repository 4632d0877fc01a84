/**
 * Knows: what must happen and in which order: tasks with stable ids, their edges, and the errors that only the whole
 * pipeline shows.
 *
 * <p>Never: the SDK, files, network, a clock, Kotlin, or how a task is executed.
 */
@NullMarked
package dev.emrys.graph;

import org.jspecify.annotations.NullMarked;
