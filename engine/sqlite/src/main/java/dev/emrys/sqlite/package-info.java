/**
 * Knows: a connection to an SQLite file, its transactions, and what to do when one cannot be ended; files of locks, and
 * whether a path still names the file that was opened.
 *
 * <p>Never: which tables and locks there are and what they mean.
 */
@NullMarked
package dev.emrys.sqlite;

import org.jspecify.annotations.NullMarked;
