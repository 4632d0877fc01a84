package dev.emrys.jobs;

import static org.apache.spark.sql.functions.col;

import java.io.PrintStream;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.NullWritable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.lib.output.FileOutputFormat;
import org.apache.hadoop.mapreduce.lib.output.TextOutputFormat;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import scala.Tuple2;

/**
 * Counts words with Spark's own aggregation and sort. {@link WordCounts} defines a word and the result, which is
 * one or more files that, in the order of their names, have exactly the bytes that {@link WordCountMapReduce} writes.
 *
 * <p>{@code spark-submit --class dev.emrys.jobs.WordCountSpark emrys-jobs.jar <input> <output> [--overwrite]}; the
 * input as in {@link WordInputFormat}. The exit status is 1 when the output exists or there is no input.
 */
public final class WordCountSpark {
    static final String USAGE = "WordCountSpark <input> <output> [--overwrite]";

    private WordCountSpark() {}

    /** @throws Exception what Spark throws: its stack trace belongs in the log of the step */
    public static void main(String[] args) throws Exception {
        int status;
        try (SparkSession spark = SparkSession.builder().appName("Word count").getOrCreate()) {
            status = run(spark, System.err, args);
        }
        if (status != 0) {
            System.exit(status);
        }
    }

    static int run(SparkSession spark, PrintStream err, String... args) throws Exception {
        return Refusal.status(() -> count(spark, args), err);
    }

    private static void count(SparkSession spark, String... args) throws Exception {
        Arguments arguments = Arguments.parse(USAGE, List.of(), List.of(Arguments.OVERWRITE), args)
                .withWords(2);
        Path output = arguments.path(1);
        Configuration conf = spark.sparkContext().hadoopConfiguration();
        Job reading = Job.getInstance(conf);
        WordInputFormat.read(reading, arguments.path(0), output);
        try (OutputFolder folder = OutputFolder.claim(output, arguments.overwrite(), conf)) {
            Path ordered = folder.work("ordered");
            write(counts(spark, words(spark, reading.getConfiguration())), ordered, conf);
            folder.publish(ordered);
        }
    }

    /** As bytes: a string would replace bytes that are not UTF-8. */
    private static JavaRDD<byte[]> words(SparkSession spark, Configuration reading) {
        return JavaSparkContext.fromSparkContext(spark.sparkContext())
                .newAPIHadoopRDD(reading, WordInputFormat.class, Text.class, NullWritable.class)
                .map(word -> word._1().copyBytes());
    }

    /** Spark orders binary columns by unsigned bytes. */
    private static Dataset<Row> counts(SparkSession spark, JavaRDD<byte[]> words) {
        return spark.createDataset(words.rdd(), Encoders.BINARY())
                .toDF("word")
                .groupBy("word")
                .count()
                .orderBy(col("count").desc(), col("word").asc());
    }

    private static void write(Dataset<Row> counts, Path ordered, Configuration conf) throws Exception {
        Job writing = Job.getInstance(conf);
        writing.getConfiguration().set(TextOutputFormat.SEPARATOR, "\t");
        FileOutputFormat.setCompressOutput(writing, false);
        counts.toJavaRDD()
                .mapToPair(row -> new Tuple2<>(new Text((byte[]) row.get(0)), new LongWritable(row.getLong(1))))
                .saveAsNewAPIHadoopFile(
                        ordered.toString(),
                        Text.class,
                        LongWritable.class,
                        TextOutputFormat.class,
                        writing.getConfiguration());
    }
}
