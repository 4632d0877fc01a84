/**
 * Knows: how the rooms are wired together: what a command line, an embedding program and a test start.
 *
 * <p>Never: the language, a terminal, exit codes.
 */
@NullMarked
package dev.emrys.runtime;

import org.jspecify.annotations.NullMarked;
