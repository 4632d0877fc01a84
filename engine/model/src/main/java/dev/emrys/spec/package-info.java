/**
 * Knows: what the author asked for, as values that check themselves, the catalogue of diagnostics, and their versioned
 * JSON form.
 *
 * <p>Never: the SDK, files, network, a clock, Kotlin, or the graph made from these values.
 */
@NullMarked
package dev.emrys.spec;

import org.jspecify.annotations.NullMarked;
