package dev.emrys.jobs;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.row_number;

import java.io.PrintStream;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.storage.StorageLevel;

/**
 * Turns one day's raw events ({@link RawEvents}) into parquet, partitioned by the events' day in UTC.
 *
 * <p>{@code spark-submit --class dev.emrys.jobs.DailyEtl emrys-jobs.jar --input s3://…/raw/2026-04-25/ --output
 * s3://…/events/
 * --day 2026-04-25 [--max-malformed-percent 10]}. It prints {@code read N, malformed M, written K}: lines that are not
 * blank, lines left out, and events after duplicates. The exit status is 1, and nothing is written, when there is no
 * input or more than the allowed part of it is malformed.
 *
 * <p>Of events with one id the latest counts. A batch holds a few events of the days beside its own, so a partition is
 * shared by batches: those that the batch touches are read, merged by id and replaced, and no other is touched. Hence a
 * retry changes nothing, and an event that came with another day's batch is not lost. An event that is removed from the
 * raw events stays in the parquet until its partition is deleted. Two batches at the same time into one output may lose
 * each other's events: run them one after the other.
 */
public final class DailyEtl {
    static final String USAGE = "DailyEtl --input FOLDER --output FOLDER --day YYYY-MM-DD [--max-malformed-percent 10]";

    private static final String MAX_MALFORMED = "--max-malformed-percent";

    private DailyEtl() {}

    /** @throws Exception what Spark throws: its stack trace belongs in the log of the step */
    public static void main(String[] args) throws Exception {
        int status;
        try (SparkSession spark = SparkSession.builder().appName("Daily ETL").getOrCreate()) {
            status = run(spark, System.out, System.err, args);
        }
        if (status != 0) {
            System.exit(status);
        }
    }

    static int run(SparkSession spark, PrintStream out, PrintStream err, String... args) throws Exception {
        return Refusal.status(() -> curate(spark, out, args), err);
    }

    private static void curate(SparkSession spark, PrintStream out, String... args) throws Exception {
        List<String> options = List.of("--input", "--output", "--day", MAX_MALFORMED);
        Arguments arguments = Arguments.parse(USAGE, options, List.of(), args).withWords(0);
        Path input = arguments.path(arguments.required("--input"));
        Path output = arguments.path(arguments.required("--output"));
        RawEvents raw = new RawEvents(day(arguments.required("--day")));
        int maxPercent = arguments.number(MAX_MALFORMED, 10, 100);

        JavaRDD<String> lines = lines(spark, input).persist(StorageLevel.MEMORY_AND_DISK());
        try {
            JavaRDD<Row> events = lines.flatMap(line -> raw.parse(line));
            long read = lines.count();
            long malformed = read - events.count();
            refuseToGoOn(input, read, malformed, maxPercent);
            // Not cached: a cached result keeps the 200 partitions that Spark would otherwise coalesce.
            Dataset<Row> batch = latest(spark.createDataFrame(events, RawEvents.SCHEMA));
            List<Row> counts = batch.groupBy("day").count().orderBy("day").collectAsList();
            List<String> days = counts.stream().map(day -> day.getString(0)).toList();
            long written = counts.stream().mapToLong(day -> day.getLong(1)).sum();
            merge(batch, days, output);
            out.println("read " + read + ", malformed " + malformed + ", written " + written);
            out.println("days in " + output + ": " + String.join(", ", days));
        } finally {
            lines.unpersist();
        }
    }

    private static LocalDate day(String value) throws Refusal {
        try {
            return LocalDate.parse(value);
        } catch (DateTimeException notDay) {
            throw new Refusal("--day is \"" + value + "\": a day such as 2026-04-25 is needed.");
        }
    }

    private static JavaRDD<String> lines(SparkSession spark, Path input) throws Exception {
        FileSystem fs = input.getFileSystem(spark.sparkContext().hadoopConfiguration());
        FileStatus[] found = fs.globStatus(input);
        if (found == null || found.length == 0) {
            throw new Refusal("There is no input at " + input + ". Have the raw events of the day arrived?");
        }
        return spark.read().textFile(input.toString()).javaRDD().filter(line -> !line.isBlank());
    }

    private static void refuseToGoOn(Path input, long read, long malformed, int maxPercent) throws Refusal {
        if (read == 0) {
            throw new Refusal("There is no event in " + input + ". Have the raw events of the day arrived?");
        }
        if (malformed * 100 > read * maxPercent) {
            throw new Refusal(
                    malformed + " of " + read + " lines in " + input + " are malformed, more than " + maxPercent
                            + " %: nothing was written. Look at the source, or allow more with " + MAX_MALFORMED + ".");
        }
    }

    /** Of each id the latest; of several at the same moment always the same one, whatever the order of the files. */
    private static Dataset<Row> latest(Dataset<Row> events) {
        List<Column> order = new ArrayList<>();
        order.add(col("ts").desc());
        for (String field : List.of("user", "type", "amount", "country")) {
            order.add(col(field).desc_nulls_last());
        }
        return events.withColumn(
                        "rank", row_number().over(Window.partitionBy("id").orderBy(order.toArray(Column[]::new))))
                .where("rank = 1")
                .drop("rank");
    }

    /** Spark writes new partitions and swaps them at the end, so the merge may read what it replaces. */
    private static void merge(Dataset<Row> batch, List<String> days, Path output) throws Exception {
        SparkSession spark = batch.sparkSession();
        FileSystem fs = output.getFileSystem(spark.sparkContext().hadoopConfiguration());
        List<String> existing = new ArrayList<>();
        for (String day : days) {
            Path partition = new Path(output, "day=" + day);
            if (fs.exists(partition)) {
                existing.add(partition.toString());
            }
        }
        Dataset<Row> merged = batch;
        if (!existing.isEmpty()) {
            Dataset<Row> present = spark.read()
                    .schema(RawEvents.SCHEMA)
                    .option("basePath", output.toString())
                    .parquet(existing.toArray(String[]::new));
            merged = latest(batch.unionByName(present));
        }
        merged.repartition(col("day"))
                .sortWithinPartitions("day", "id")
                .write()
                .mode(SaveMode.Overwrite)
                .option("partitionOverwriteMode", "dynamic")
                .partitionBy("day")
                .parquet(output.toString());
    }
}
