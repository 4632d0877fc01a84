/**
 * Knows: how the modules are wired together into an engine that a command line, an embedding program or a test can
 * start.
 *
 * <p>Never: the language, a terminal, exit codes.
 */
@NullMarked
package dev.emrys.runtime;

import org.jspecify.annotations.NullMarked;
