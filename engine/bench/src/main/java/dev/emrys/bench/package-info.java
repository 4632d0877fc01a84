/**
 * Knows: how fast the engine is, as one table: each case in a process of its own, in turn with other products, beside
 * what a durable write costs in the same minute.
 *
 * <p>Never: part of the product, of the default build or of its tests.
 */
@NullMarked
package dev.emrys.bench;

import org.jspecify.annotations.NullMarked;
