/**
 * Knows: Hadoop's FileSystem API and how {@code s3://bucket/key} and {@code hdfs:///path} lie in folders; it stands on
 * the class path of the steps.
 *
 * <p>Never: anything else of Emrys, a library that Hadoop's client does not bring, Java above 8, the network.
 */
@NullMarked
package dev.emrys.s3fs;

import org.jspecify.annotations.NullMarked;
