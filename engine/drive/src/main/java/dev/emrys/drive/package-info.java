/**
 * Knows: how a run is driven: the only loop. It journals events, then carries out their commands; it keeps the timers,
 * handles control requests, and takes over the runs of processes that stopped or crashed.
 *
 * <p>Never: the SDK, Kotlin, the language, or how an effect is carried out.
 */
@NullMarked
package dev.emrys.drive;

import org.jspecify.annotations.NullMarked;
