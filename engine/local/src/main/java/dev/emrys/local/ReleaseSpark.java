package dev.emrys.local;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * The Spark that the steps of a release label run on: the label's own where Maven's repositories have it, else that of
 * {@link Distribution#RELEASE}.
 *
 * @param warning what is not as on the label's clusters; empty for nothing
 */
public record ReleaseSpark(Distribution distribution, String warning) {
    private static final String HADOOP_VERSION = Distribution.HADOOP.version();

    private static final String REPLACED_BY = "its steps run on the versions of " + Distribution.RELEASE + " (Spark "
            + Distribution.SPARK_VERSION + ", Hadoop " + HADOOP_VERSION + ").";

    /** The version of Spark. */
    public String version() {
        return distribution.version();
    }

    /**
     * As {@link #of}, but as far as it is known without a network: a version that was never asked for counts as one
     * that the repositories have.
     *
     * @param distributions only asked for where the label has another Spark than {@link Distribution#RELEASE}
     */
    public static ReleaseSpark expected(String label, Supplier<Distributions> distributions) {
        return choose(label, spark -> distributions.get().knownMissing(spark));
    }

    /**
     * Resolves the Spark of a label, the first time over the network.
     *
     * @throws LocalSetupException when it cannot be resolved for another reason than that there is none
     */
    public static ReleaseSpark of(String label, Distributions distributions, Distributions.Progress progress) {
        return choose(label, spark -> distributions.missing(spark, progress));
    }

    private interface Missing {
        /** What the repositories do not have; empty for nothing. */
        Optional<String> of(Distribution spark);
    }

    private static ReleaseSpark choose(String label, Missing missing) {
        Optional<String> version = ReleaseVersions.spark(label);
        if (version.isEmpty()) {
            return new ReleaseSpark(
                    Distribution.SPARK, "The release label " + label + " is not emulated: " + REPLACED_BY);
        }
        Distribution spark = Distribution.spark(version.get());
        if (!spark.equals(Distribution.SPARK)) {
            Optional<String> what = missing.of(spark);
            if (what.isPresent()) {
                return new ReleaseSpark(
                        Distribution.SPARK,
                        "The release label " + label + " has Spark " + version.get()
                                + ", which Maven's repositories do not have here (" + what.get() + "): " + REPLACED_BY);
            }
        }
        String hadoop = ReleaseVersions.hadoop(label).orElse(HADOOP_VERSION);
        return new ReleaseSpark(
                spark,
                hadoop.equals(HADOOP_VERSION)
                        ? ""
                        : "The release label " + label + " has Hadoop " + hadoop + ": its steps run on Spark "
                                + version.get() + ", as there, and programs of Hadoop on " + HADOOP_VERSION + ".");
    }
}
