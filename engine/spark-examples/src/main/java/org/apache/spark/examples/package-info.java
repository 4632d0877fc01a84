/**
 * Knows: some examples that a cluster has at {@code /usr/lib/spark/examples/jars}, under the class names that people
 * pass to {@code run-example} and {@code spark-example}. The names and the output format are Spark's; the programs are
 * Emrys's.
 *
 * <p>Never: another module of Emrys, or a master and settings, which come from {@code spark-submit}.
 */
@NullMarked
package org.apache.spark.examples;

import org.jspecify.annotations.NullMarked;
