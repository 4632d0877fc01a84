/**
 * Knows: the options of EMR's s3-dist-cp, and how they copy files between Hadoop's file systems; it is on the class
 * path of the steps that run it.
 *
 * <p>Never: another module of Emrys, a library that Hadoop's client does not have, Java above 8, the network.
 */
@NullMarked
package dev.emrys.s3distcp;

import org.jspecify.annotations.NullMarked;
