/**
 * Knows: the jobs that the example pipelines run on their clusters, with what a cluster has: Spark and Hadoop.
 *
 * <p>Never: Emrys itself, or a library that a cluster does not bring.
 */
@NullMarked
package dev.emrys.jobs;

import org.jspecify.annotations.NullMarked;
