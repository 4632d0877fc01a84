/**
 * Knows: how to make a run happen: the only loop. It journals first, then acts; it keeps the timers, passes on cancellations, and
 * takes runs over from whoever died.
 *
 * <p>Never: the SDK, Kotlin, the language, or how an effect is brought about.
 */
@NullMarked
package dev.emrys.drive;

import org.jspecify.annotations.NullMarked;
