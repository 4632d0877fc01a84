/**
 * Knows: EMR's state machines, limits and wire, behind the SDK's own {@code EmrClient} interface.
 *
 * <p>What may be secret in a request is kept no longer than {@link dev.emrys.emulator.EmulatorStore} says.
 *
 * <p>Never: another module of Emrys (the emulator must be independent of the engine it tests), nor a clock, a random
 * source or a process of its own: these are ports.
 */
@NullMarked
package dev.emrys.emulator;

import org.jspecify.annotations.NullMarked;
