/**
 * Knows: how to leave a trace that a Spark step ran, for whoever counts.
 *
 * <p>Never: Emrys itself.
 */
@NullMarked
package dev.emrys.acceptance;

import org.jspecify.annotations.NullMarked;
