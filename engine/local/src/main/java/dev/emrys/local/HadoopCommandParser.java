package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Parses the commands of Hadoop's programs: {@code hadoop}, {@code hdfs}, {@code mapred} and {@code yarn}. What belongs
 * to a service that this machine does not have (YARN, name nodes) is not supported.
 *
 * @see <a href="https://hadoop.apache.org/docs/r3.4.1/hadoop-project-dist/hadoop-common/CommandsManual.html">Hadoop
 *     Commands Guide</a>
 */
final class HadoopCommandParser {
    private static final Pattern STREAMING_JAR = Pattern.compile("(?:.*/)?hadoop-streaming[^/]*\\.jar");

    /** On a cluster, and the one that releases before 4.0 had on S3. */
    private static final Pattern S3_DIST_CP_JAR = Pattern.compile(
            "/usr/share/aws/emr/s3-dist-cp/lib/s3-dist-cp[^/]*\\.jar|s3://(?:[\\w-]+\\.)?elasticmapreduce/libs/s3distcp/.*\\.jar");

    /** From a command that each of the programs has to its class. */
    private static final ImmutableMap<String, String> CLASSES = ImmutableMap.of(
            "version", "org.apache.hadoop.util.VersionInfo",
            "classpath", "org.apache.hadoop.util.Classpath");

    /** From a command of {@code hadoop} alone to its class. */
    private static final ImmutableMap<String, String> HADOOP_CLASSES = ImmutableMap.of(
            "checknative", "org.apache.hadoop.util.NativeLibraryChecker",
            "conftest", "org.apache.hadoop.util.ConfTest",
            "credential", "org.apache.hadoop.security.alias.CredentialShell");

    private static final ImmutableMap<String, String> SUPPORTED = ImmutableMap.of(
            "hadoop", "jar, fs, distcp, version, classpath, checknative, conftest, credential and names of classes",
            "hdfs", "dfs, version and classpath",
            "mapred", "streaming, distcp, version and classpath",
            "yarn", "jar, version and classpath");

    private final String program;
    private final ImmutableMap<String, String> properties;

    HadoopCommandParser(String program, ImmutableMap<String, String> properties) {
        this.program = program;
        this.properties = properties;
    }

    /** @param args the command and its arguments */
    LocalStep parse(ImmutableList<String> args) {
        String command = args.isEmpty() ? "" : args.get(0);
        ImmutableList<String> rest = args.isEmpty() ? args : args.subList(1, args.size());
        String mainClass = CLASSES.get(command);
        if (mainClass != null) {
            return new LocalStep.HadoopClass(mainClass, rest, properties);
        }
        return switch (program + " " + command) {
            case "hadoop jar", "yarn jar" ->
                rest.isEmpty()
                        ? LocalStepParser.unsupported(
                                program + " jar was given no jar.", "Name one as its first argument.")
                        : jar(rest.get(0), null, rest.subList(1, rest.size()));
            case "hadoop fs", "hadoop dfs", "hdfs dfs" -> new LocalStep.FileSystemShell(rest, properties);
            case "hadoop distcp", "mapred distcp" -> new LocalStep.DistCp("hadoop distcp", rest, properties);
            case "mapred streaming" -> new LocalStep.Streaming(rest, properties);
            default -> other(command, rest);
        };
    }

    private LocalStep other(String command, ImmutableList<String> rest) {
        if (program.equals("hadoop")) {
            String mainClass = HADOOP_CLASSES.get(command);
            if (mainClass != null) {
                return new LocalStep.HadoopClass(mainClass, rest, properties);
            }
            if (command.matches("[\\w$]+(?:\\.[\\w$]+)+")) {
                return new LocalStep.HadoopClass(command, rest, properties);
            }
        }
        return LocalStepParser.unsupported(
                "\"" + (program + " " + command).trim() + "\" does not run on this machine.",
                "Of " + program + " there are " + SUPPORTED.get(program) + ".");
    }

    /** A jar of the author, or one that every cluster has. */
    LocalStep jar(String jar, @Nullable String mainClass, ImmutableList<String> args) {
        if (S3_DIST_CP_JAR.matcher(jar).matches()) {
            return new LocalStep.DistCp("s3-dist-cp", args, properties);
        }
        return STREAMING_JAR.matcher(jar).matches()
                ? new LocalStep.Streaming(args, properties)
                : new LocalStep.HadoopJar(jar, mainClass, args, properties);
    }
}
