/**
 * Knows: a connection to an SQLite file, its transactions, and what to do when one cannot be ended.
 *
 * <p>Never: which tables there are and what they mean.
 */
@NullMarked
package dev.emrys.sqlite;

import org.jspecify.annotations.NullMarked;
