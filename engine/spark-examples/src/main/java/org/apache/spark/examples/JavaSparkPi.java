package org.apache.spark.examples;

/**
 * Estimates pi: {@code JavaSparkPi [slices]}, 2 slices by default, and prints one line, {@code Pi is roughly 3.14...}.
 */
public final class JavaSparkPi {
    private JavaSparkPi() {}

    /** Ends the JVM with 1 when the argument is not a number of slices. */
    public static void main(String[] args) {
        int status = PiEstimate.run(args, System.out, System.err);
        if (status != 0) {
            System.exit(status);
        }
    }
}
