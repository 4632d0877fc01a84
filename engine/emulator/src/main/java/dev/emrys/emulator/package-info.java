/**
 * Knows: EMR's state machines, limits and wire, behind the SDK's own {@code EmrClient} interface.
 *
 * <p>Never: any other room of Emrys (or it proves nothing), a clock, a random source or a process of its own: they are ports.
 */
@NullMarked
package dev.emrys.emulator;

import org.jspecify.annotations.NullMarked;
