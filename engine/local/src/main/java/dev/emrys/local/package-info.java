/**
 * Knows: how steps really run on this machine: Spark and Hadoop from the registry, supervised processes, {@code s3://} as folders,
 * logs, and the owner process that keeps a local account alive.
 *
 * <p>Never: runs, drivers, how the engine calls EMR, or the language.
 */
@NullMarked
package dev.emrys.local;

import org.jspecify.annotations.NullMarked;
