/**
 * Knows: how a Spark step records that it ran.
 *
 * <p>Never: Emrys itself.
 */
@NullMarked
package dev.emrys.acceptance;

import org.jspecify.annotations.NullMarked;
