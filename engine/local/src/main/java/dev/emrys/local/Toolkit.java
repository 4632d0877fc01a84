package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.Locale;

/**
 * A set of jars that steps run on, as a cluster of the release label has it.
 *
 * @param name for people and for the lock file
 * @param coordinates Maven coordinates of what is asked for; the rest is resolved from these
 * @param exclusions {@code group:artifact} of what must not come along
 */
public record Toolkit(String name, ImmutableList<String> coordinates, ImmutableList<String> exclusions) {
    /** The one release label whose software is complete here. */
    public static final String RELEASE = "emr-7.8.0";

    /** Spark 3.5.4 with SQL, Hive support and the spark-sql command line, on Scala 2.12 as every EMR 7. */
    public static final Toolkit SPARK = new Toolkit(
            "spark-3.5.4",
            ImmutableList.of(
                    "org.apache.spark:spark-sql_2.12:3.5.4",
                    "org.apache.spark:spark-hive_2.12:3.5.4",
                    "org.apache.spark:spark-hive-thriftserver_2.12:3.5.4"),
            ImmutableList.of());

    /** Hadoop's own client, unshaded as {@code hadoop jar} gives it on a cluster: jobs use its libraries too. */
    public static final Toolkit HADOOP = new Toolkit(
            "hadoop-3.4.1",
            ImmutableList.of(
                    "org.apache.hadoop:hadoop-client:3.4.1",
                    "org.slf4j:slf4j-reload4j:1.7.36",
                    "commons-cli:commons-cli:1.5.0"),
            ImmutableList.of());

    /** The toolkits that a step needs, seen from its jar and arguments as EMR is given them. */
    public static ImmutableSet<Toolkit> neededBy(String jar, ImmutableList<String> args) {
        if (jar.endsWith("/script-runner.jar")) {
            return ImmutableSet.of();
        }
        if (!jar.equals("command-runner.jar")) {
            return ImmutableSet.of(HADOOP);
        }
        return switch (args.isEmpty() ? "" : args.get(0)) {
            case "spark-submit", "spark-sql", "spark-example", "run-example" -> ImmutableSet.of(SPARK);
            case "hadoop", "hdfs" -> ImmutableSet.of(HADOOP);
            default -> ImmutableSet.of();
        };
    }

    /** What a person should hear when another release label is asked for; empty for the one that is complete here. */
    public static String noteFor(String releaseLabel) {
        return releaseLabel.toLowerCase(Locale.ROOT).equals(RELEASE)
                ? ""
                : "The release label " + releaseLabel + " is not emulated: its steps run on what " + RELEASE
                        + " has (Spark 3.5.4, Hadoop 3.4.1).";
    }
}
