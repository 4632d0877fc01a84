package dev.emrys.local;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The absolute paths of an EMR cluster that steps in the documentation of AWS and Airflow contain, and what they are on
 * this machine.
 *
 * @see <a href="https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-spark-submit-step.html">Add a Spark step</a>
 */
final class ClusterPaths {
    static final String SPARK_EXAMPLES_JAR = "/usr/lib/spark/examples/jars/spark-examples.jar";

    static final String HADOOP_EXAMPLES_JAR = "/usr/lib/hadoop-mapreduce/hadoop-mapreduce-examples.jar";

    private static final String SPARK_PYTHON_EXAMPLES = "/usr/lib/spark/examples/src/main/python/";

    private static final Pattern SPARK_EXAMPLES =
            Pattern.compile("/usr/lib/spark/examples/jars/spark-examples[^/]*\\.jar");
    private static final Pattern HADOOP_EXAMPLES =
            Pattern.compile("/usr/lib/hadoop-mapreduce/hadoop-mapreduce-examples[^/]*\\.jar");

    private static final ImmutableSet<String> COMMAND_RUNNERS =
            ImmutableSet.of("command-runner.jar", "/var/lib/aws/emr/step-runner/hadoop-jars/command-runner.jar");

    /** Absolute path to program. */
    private static final ImmutableMap<String, String> PROGRAMS = ImmutableMap.<String, String>builder()
            .put("/usr/bin/spark-submit", "spark-submit")
            .put("/usr/lib/spark/bin/spark-submit", "spark-submit")
            .put("/usr/bin/spark-sql", "spark-sql")
            .put("/usr/lib/spark/bin/spark-sql", "spark-sql")
            .put("/usr/bin/run-example", "run-example")
            .put("/usr/lib/spark/bin/run-example", "run-example")
            .put("/usr/bin/spark-example", "spark-example")
            .put("/usr/bin/hive", "hive")
            .put("/usr/bin/beeline", "beeline")
            .put("/usr/bin/hadoop", "hadoop")
            .put("/usr/lib/hadoop/bin/hadoop", "hadoop")
            .put("/usr/bin/pig", "pig")
            .put("/usr/lib/pig/bin/pig", "pig")
            .put("/usr/bin/mapred", "mapred")
            .put("/usr/lib/hadoop-mapreduce/bin/mapred", "mapred")
            .put("/usr/bin/yarn", "yarn")
            .put("/usr/lib/hadoop-yarn/bin/yarn", "yarn")
            .put("/usr/bin/hadoop-streaming", "hadoop-streaming")
            .put("/usr/bin/s3-dist-cp", "s3-dist-cp")
            .put("/usr/bin/hdfs", "hdfs")
            .put("/usr/lib/hadoop-hdfs/bin/hdfs", "hdfs")
            .buildOrThrow();

    /** The path of a program or of a jar of examples, not as a part of a longer path. */
    private static final Pattern IN_TEXT = Pattern.compile("(?<![\\w./-])(?:("
            + PROGRAMS.keySet().stream().map(Pattern::quote).collect(Collectors.joining("|")) + ")|("
            + SPARK_EXAMPLES.pattern() + ")|(" + HADOOP_EXAMPLES.pattern() + "))(?![\\w./-])");

    private ClusterPaths() {}

    static boolean isCommandRunner(String jar) {
        return COMMAND_RUNNERS.contains(jar);
    }

    /** The program of a known path; any other text unchanged. */
    static String program(String path) {
        return PROGRAMS.getOrDefault(path, path);
    }

    /** The path of one of Spark's Python examples below their folder; empty for any other path. */
    static Optional<String> sparkPythonExample(String path) {
        return path.startsWith(SPARK_PYTHON_EXAMPLES) && !path.contains("..")
                ? Optional.of(path.substring(SPARK_PYTHON_EXAMPLES.length()))
                : Optional.empty();
    }

    static boolean isSparkExamples(String jar) {
        return SPARK_EXAMPLES.matcher(jar).matches();
    }

    static boolean isHadoopExamples(String jar) {
        return HADOOP_EXAMPLES.matcher(jar).matches();
    }

    /** The programs that {@link ShellPrograms} provides. */
    static ImmutableSet<String> programs() {
        return ImmutableSet.copyOf(PROGRAMS.values());
    }

    /**
     * Replaces the known paths in the text of a shell command.
     *
     * @param replacement from a program, from {@link #SPARK_EXAMPLES_JAR}, or from {@link #HADOOP_EXAMPLES_JAR}, to the
     *     text that replaces it
     */
    static String rewrite(String text, UnaryOperator<String> replacement) {
        return IN_TEXT.matcher(text).replaceAll(found -> Matcher.quoteReplacement(replacement.apply(known(found))));
    }

    private static String known(MatchResult found) {
        if (found.group(1) != null) {
            return program(found.group(1));
        }
        return found.group(2) != null ? SPARK_EXAMPLES_JAR : HADOOP_EXAMPLES_JAR;
    }

    /** Whether the text of a shell command has the path of the jar of Hadoop's examples. */
    static boolean hasHadoopExamples(String text) {
        return HADOOP_EXAMPLES.matcher(text).find();
    }

    /**
     * A path as a word of a shell command; the alternative if the path would need quotes, which the place may not
     * allow.
     */
    static String word(Path path, String otherwise) {
        String text = path.toString();
        return text.matches("[\\w./+@%=:,-]+") ? text : otherwise;
    }
}
