/**
 * Knows: what instances of EMR cost an hour by a table of prices with a date, and what a cluster and a run cost by it.
 *
 * <p>Never: which clusters there are, how AWS is called, how anything is displayed. Every figure is an estimate.
 */
@NullMarked
package dev.emrys.cost;

import org.jspecify.annotations.NullMarked;
