/**
 * Knows: how steps run on this machine (Spark and Hadoop from the registry, supervised processes, {@code s3://} as folders, logs) and the
 * owner process of a local account.
 *
 * <p>Never: the modules run, drive, emr and dsl.
 */
@NullMarked
package dev.emrys.local;

import org.jspecify.annotations.NullMarked;
