package org.apache.spark.examples;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.mapreduce.lib.output.TextOutputFormat;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import scala.Tuple2;

/**
 * Uses a little of what small jobs use, so that the JVM which it runs in has loaded those classes of Spark:
 * {@code StartUpTraining <folder>}. It ends when its standard input does, so that it does not outlive the process that
 * started it, however that one ends. Its files are in the folder. Emrys starts it to make the class-data archive of
 * Spark's class path.
 */
public final class StartUpTraining {
    private static final String SQL_SHELL = "org.apache.spark.sql.hive.thriftserver.SparkSQLCLIDriver";

    private StartUpTraining() {}

    /** @throws Exception what Spark throws */
    public static void main(String[] args) throws Exception {
        endWithInput();
        Path folder = Path.of(args[0]);
        try (SparkSession spark =
                SparkSession.builder().appName("StartUpTraining").getOrCreate()) {
            Path text = Files.writeString(
                    folder.resolve("text.txt"), "one two three\nthree two three\n".repeat(200), StandardCharsets.UTF_8);
            words(spark, text, folder);
            tables(spark, folder);
        }
        Path script = folder.resolve("script.sql");
        Files.writeString(script, """
                CREATE TABLE t (a INT, b STRING) USING parquet;
                INSERT INTO t VALUES (1, 'x'), (2, 'y');
                CREATE TABLE c AS SELECT b, count(*) AS n FROM t GROUP BY b;
                SELECT t.a, c.n FROM t JOIN c ON t.b = c.b ORDER BY t.a;
                """, StandardCharsets.UTF_8);
        // It ends the JVM.
        Class.forName(SQL_SHELL).getMethod("main", String[].class).invoke(null, (Object)
                new String[] {"-f", script.toUri().toString()});
    }

    private static void endWithInput() {
        Thread watch = new Thread(
                () -> {
                    try {
                        System.in.transferTo(OutputStream.nullOutputStream());
                    } catch (IOException e) {
                        System.err.println("The standard input cannot be read: " + e);
                    }
                    Runtime.getRuntime().halt(1);
                },
                "end-with-input");
        watch.setDaemon(true);
        watch.start();
    }

    private static void words(SparkSession spark, Path text, Path folder) {
        JavaPairRDD<String, Long> counts = JavaSparkContext.fromSparkContext(spark.sparkContext())
                .textFile(text.toUri().toString())
                .flatMap(line -> Arrays.asList(line.split(" ", -1)).iterator())
                .mapToPair(word -> new Tuple2<>(word, 1L))
                .reduceByKey(Long::sum)
                .sortByKey();
        List<Tuple2<String, Long>> sorted = counts.collect();
        counts.mapToPair(each -> new Tuple2<>(new Text(each._1()), new LongWritable(each._2())))
                .saveAsNewAPIHadoopFile(
                        output(folder, "hadoop"), Text.class, LongWritable.class, TextOutputFormat.class);
        counts.saveAsTextFile(output(folder, "text"));
        System.out.println(sorted);
    }

    private static void tables(SparkSession spark, Path folder) {
        List<String> lines = List.of("{\"a\":1,\"b\":\"x\",\"d\":\"2024-01-01\"}", "{\"a\":2,\"b\":\"y\"}");
        Dataset<Row> read = spark.read().json(spark.createDataset(lines, Encoders.STRING()));
        Dataset<Row> table = read.withColumn("day", col("d").cast("date")).withColumn("n", lit(1));
        table.write().partitionBy("b").parquet(output(folder, "parquet"));
        table.write().option("header", true).csv(output(folder, "csv"));
        table.write().json(output(folder, "json"));
        Dataset<Row> parquet = spark.read().parquet(output(folder, "parquet"));
        Dataset<Row> csv =
                spark.read().option("header", true).option("inferSchema", true).csv(output(folder, "csv"));
        parquet.join(csv, "a")
                .groupBy(parquet.col("b"))
                .agg(sum(csv.col("n")).as("sum"), count(lit(1)).as("count"))
                .orderBy(col("sum").desc())
                .show();
        spark.read().json(output(folder, "json")).createOrReplaceTempView("lines");
        spark.sql("SELECT b, row_number() OVER (PARTITION BY b ORDER BY a) AS r FROM lines WHERE a > 0")
                .toJavaRDD()
                .collect();
        spark.createDataset(List.of("x".getBytes(StandardCharsets.UTF_8)), Encoders.BINARY())
                .toDF("word")
                .groupBy("word")
                .count()
                .orderBy(col("count").desc(), col("word").asc())
                .collectAsList();
    }

    private static String output(Path folder, String name) {
        return folder.resolve(name).toUri().toString();
    }
}
