/**
 * Knows: what must happen and in which order: tasks with stable ids, their edges, and the mistakes that only the whole shows.
 *
 * <p>Never: the SDK, files, network, a clock, Kotlin, or how a task is done.
 */
@NullMarked
package dev.emrys.graph;

import org.jspecify.annotations.NullMarked;
