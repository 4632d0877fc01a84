package org.apache.spark.examples;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import scala.Tuple2;

/**
 * Counts the words of a text, separated by white space: {@code JavaWordCount <file>} prints {@code word: count} lines,
 * sorted by word.
 */
public final class JavaWordCount {
    private JavaWordCount() {}

    /** Ends the JVM with 1 when there is no argument. */
    public static void main(String[] args) {
        int status = run(args, System.out, System.err);
        if (status != 0) {
            System.exit(status);
        }
    }

    static int run(String[] args, PrintStream out, PrintStream err) {
        if (args.length < 1) {
            err.println("Usage: JavaWordCount <file>");
            return 1;
        }
        try (SparkSession spark =
                SparkSession.builder().appName("JavaWordCount").getOrCreate()) {
            JavaPairRDD<String, Long> counts = JavaSparkContext.fromSparkContext(spark.sparkContext())
                    .textFile(args[0])
                    .flatMap(line -> Arrays.asList(line.split("\\s+", -1)).iterator())
                    .filter(word -> !word.isEmpty())
                    .mapToPair(word -> new Tuple2<>(word, 1L))
                    .reduceByKey(Long::sum)
                    .sortByKey();
            List<Tuple2<String, Long>> sorted = counts.collect();
            sorted.forEach(count -> out.println(count._1() + ": " + count._2()));
        }
        return 0;
    }
}
