/**
 * Knows: runs as people and programs see them: snapshots as plain records, and a feed of changes, both read from the
 * journal.
 *
 * <p>Never: how a run is driven, how EMR is called, how anything is displayed.
 */
@NullMarked
package dev.emrys.view;

import org.jspecify.annotations.NullMarked;
