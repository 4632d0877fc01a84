package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.regex.Pattern;

/**
 * A set of jars that steps run on, as a cluster of the release label has it.
 *
 * @param name for messages and for the name of the lock file
 * @param coordinates Maven coordinates whose dependencies are resolved too
 * @param jars Maven coordinates of single jars, resolved without their dependencies
 */
public record Distribution(String name, ImmutableList<String> coordinates, ImmutableList<String> jars) {
    /** The release label whose versions are used where those of a cluster's own label cannot be. */
    public static final String RELEASE = "emr-7.8.0";

    static final String SPARK_VERSION = "3.5.4";

    private static final String SPARK_PREFIX = "spark-";

    /** The Spark of {@link #RELEASE}. */
    public static final Distribution SPARK = spark(SPARK_VERSION);

    /**
     * Hadoop's client, unshaded as {@code hadoop jar} has it on a cluster, because jobs use its libraries too; DistCp;
     * and the MapReduce examples and hadoop-streaming, of the next version, since the registry does not have them in
     * every version.
     */
    public static final Distribution HADOOP = new Distribution(
            "hadoop-3.4.1",
            ImmutableList.of(
                    "org.apache.hadoop:hadoop-client:3.4.1",
                    "org.slf4j:slf4j-reload4j:1.7.36",
                    // Its POM leads to 2.10.2, with which its jackson-databind does not work.
                    "com.fasterxml.jackson.core:jackson-core:2.12.7",
                    "commons-cli:commons-cli:1.5.0"),
            ImmutableList.of(
                    "org.apache.hadoop:hadoop-mapreduce-examples:3.4.2",
                    "org.apache.hadoop:hadoop-streaming:3.4.2",
                    "org.apache.hadoop:hadoop-distcp:3.4.1"));

    /**
     * Pig on Hadoop's client. Its POM's own dependencies are of Hadoop 1; these are the ones that Pig needs beside
     * Hadoop's, Jython because Pig uses the copy of Guava in it.
     */
    public static final Distribution PIG = new Distribution(
            "pig-0.17.0",
            ImmutableList.<String>builder()
                    .addAll(HADOOP.coordinates())
                    .add("org.antlr:antlr-runtime:3.4")
                    .add("org.codehaus.jackson:jackson-mapper-asl:1.9.13")
                    .build(),
            ImmutableList.of(
                    "org.apache.pig:pig:0.17.0",
                    "org.python:jython-standalone:2.7.2",
                    "dk.brics.automaton:automaton:1.11-8",
                    "joda-time:joda-time:2.9.3",
                    "jline:jline:2.11"));

    /**
     * Spark with SQL, Hive support and the spark-sql command line, on Scala 2.12 as in every EMR 6 and 7 release.
     *
     * @param version 3.3.0 or later, which run on Java 17, and before 4
     */
    static Distribution spark(String version) {
        return new Distribution(
                SPARK_PREFIX + version,
                ImmutableList.of(
                        "org.apache.spark:spark-sql_2.12:" + version,
                        "org.apache.spark:spark-hive_2.12:" + version,
                        "org.apache.spark:spark-hive-thriftserver_2.12:" + version),
                ImmutableList.of());
    }

    boolean isSpark() {
        return name.startsWith(SPARK_PREFIX);
    }

    /** The version in its name. */
    String version() {
        return name.substring(name.indexOf('-') + 1);
    }

    private static final Pattern SPARK_PROGRAM =
            Pattern.compile("\\b(?:spark-submit|spark-sql|spark-example|run-example)\\b");
    private static final Pattern HADOOP_PROGRAM =
            Pattern.compile("\\b(?:hadoop|hdfs|mapred|yarn)\\s+[a-z]|\\b(?:hadoop-streaming|s3-dist-cp)\\b");
    private static final Pattern PIG_PROGRAM = Pattern.compile("\\bpig\\s+(?:-|\\S+\\.pig\\b)");

    /**
     * The distributions that a step needs, with {@link #SPARK} for whichever Spark its cluster has. For a shell command
     * those of the programs that its text contains.
     */
    public static ImmutableSet<Distribution> neededBy(LocalStep step) {
        return step.accept(NEEDED);
    }

    private static final LocalStep.Visitor<ImmutableSet<Distribution>> NEEDED = new LocalStep.Visitor<>() {
        @Override
        public ImmutableSet<Distribution> sparkSubmit(LocalStep.SparkSubmit step) {
            return ImmutableSet.of(SPARK);
        }

        @Override
        public ImmutableSet<Distribution> sparkSql(LocalStep.SparkSql step) {
            return ImmutableSet.of(SPARK);
        }

        @Override
        public ImmutableSet<Distribution> hadoopJar(LocalStep.HadoopJar step) {
            return ImmutableSet.of(HADOOP);
        }

        @Override
        public ImmutableSet<Distribution> fileSystemShell(LocalStep.FileSystemShell step) {
            return ImmutableSet.of(HADOOP);
        }

        @Override
        public ImmutableSet<Distribution> hadoopClass(LocalStep.HadoopClass step) {
            return ImmutableSet.of(HADOOP);
        }

        @Override
        public ImmutableSet<Distribution> streaming(LocalStep.Streaming step) {
            return ImmutableSet.of(HADOOP);
        }

        @Override
        public ImmutableSet<Distribution> hive(LocalStep.Hive step) {
            return ImmutableSet.of(SPARK);
        }

        @Override
        public ImmutableSet<Distribution> pig(LocalStep.Pig step) {
            return ImmutableSet.of(PIG);
        }

        @Override
        public ImmutableSet<Distribution> distCp(LocalStep.DistCp step) {
            return ImmutableSet.of(HADOOP);
        }

        @Override
        public ImmutableSet<Distribution> script(LocalStep.Script step) {
            return ImmutableSet.of();
        }

        @Override
        public ImmutableSet<Distribution> shell(LocalStep.Shell step) {
            String text = String.join(" ", step.command());
            ImmutableSet.Builder<Distribution> needed = ImmutableSet.builder();
            if (SPARK_PROGRAM.matcher(text).find() || LocalSupport.callsHive(step)) {
                needed.add(SPARK);
            }
            if (HADOOP_PROGRAM.matcher(text).find() || ClusterPaths.hasHadoopExamples(text)) {
                needed.add(HADOOP);
            }
            if (PIG_PROGRAM.matcher(text).find()) {
                needed.add(PIG);
            }
            return needed.build();
        }

        @Override
        public ImmutableSet<Distribution> noOperation(LocalStep.NoOperation step) {
            return ImmutableSet.of();
        }

        @Override
        public ImmutableSet<Distribution> unsupported(LocalStep.Unsupported step) {
            return ImmutableSet.of();
        }
    };
}
