/**
 * Knows: what happens next. Events are folded into the state of a run; the state says which events follow and what must
 * be done.
 *
 * <p>Never: the SDK, input or output, a clock, a random source, threads, loggers. Time arrives inside events.
 */
@NullMarked
package dev.emrys.run;

import org.jspecify.annotations.NullMarked;
