package org.apache.spark.examples;

import java.io.PrintStream;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * Estimates pi from random points in a square: the share of those within the circle.
 *
 * <p>The points of a slice depend only on its number, so that the same number of slices always gives the same estimate.
 */
final class PiEstimate {
    private static final int DEFAULT_SLICES = 2;
    private static final int POINTS_PER_SLICE = 100_000;

    /** With this seed the estimate starts with 3.14, as users expect, for any number of slices up to a thousand. */
    private static final long SEED = 9;

    private PiEstimate() {}

    /** Returns the exit status. */
    static int run(String[] args, PrintStream out, PrintStream err) {
        int slices;
        try {
            slices = args.length == 0 ? DEFAULT_SLICES : Integer.parseInt(args[0]);
        } catch (NumberFormatException notNumber) {
            slices = 0;
        }
        if (slices < 1) {
            err.println("Usage: SparkPi [slices]   \"" + args[0] + "\" is not a whole number of at least 1.");
            return 1;
        }
        try (SparkSession spark = SparkSession.builder().appName("Spark Pi").getOrCreate()) {
            List<Integer> numbers = IntStream.range(0, slices).boxed().collect(Collectors.toList());
            long hits = JavaSparkContext.fromSparkContext(spark.sparkContext())
                    .parallelize(numbers, slices)
                    .map(slice -> hits(slice))
                    .reduce(Long::sum);
            out.println("Pi is roughly " + estimate(hits, slices));
        }
        return 0;
    }

    static double estimate(long hits, int slices) {
        return 4.0 * hits / ((long) slices * POINTS_PER_SLICE);
    }

    static long hits(int slice) {
        SplittableRandom random = new SplittableRandom(SEED + slice);
        long hits = 0;
        for (int i = 0; i < POINTS_PER_SLICE; i++) {
            double x = random.nextDouble() * 2 - 1;
            double y = random.nextDouble() * 2 - 1;
            if (x * x + y * y <= 1) {
                hits++;
            }
        }
        return hits;
    }
}
