/**
 * Knows: the Hive metastore service of one cluster, and how a program on Spark starts it and proves who it is; it is
 * on the class path of the steps that run on Spark.
 *
 * <p>Never: another module of Emrys, a library that Spark does not have.
 */
@NullMarked
package dev.emrys.metastore;

import org.jspecify.annotations.NullMarked;
