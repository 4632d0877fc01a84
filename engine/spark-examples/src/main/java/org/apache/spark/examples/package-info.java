/**
 * Knows: the few examples that a cluster has at {@code /usr/lib/spark/examples/jars}, under the class names that people pass to
 * {@code run-example} and {@code spark-example}. The names and the printed form are Spark's, the programs are our own.
 *
 * <p>Never: anything else of Emrys, a master or a setting of its own: they come from {@code spark-submit}.
 */
@NullMarked
package org.apache.spark.examples;

import org.jspecify.annotations.NullMarked;
