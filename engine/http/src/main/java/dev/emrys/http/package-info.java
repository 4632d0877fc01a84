/**
 * Knows: limits of connections that Jetty does not have, for the HTTP servers of other modules.
 *
 * <p>Never: another module of Emrys, and what a server answers.
 */
@NullMarked
package dev.emrys.http;

import org.jspecify.annotations.NullMarked;
