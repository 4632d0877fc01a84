/**
 * Knows: Hadoop's FileSystem API and how {@code s3://bucket/key} and {@code hdfs:///path} map to folders; it is on
 * the class path of the steps.
 *
 * <p>Never: another module of Emrys, a library that Hadoop's client does not have, Java above 8, the network.
 */
@NullMarked
package dev.emrys.s3fs;

import org.jspecify.annotations.NullMarked;
