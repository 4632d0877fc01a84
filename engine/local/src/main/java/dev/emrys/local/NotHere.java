package dev.emrys.local;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What EMR does and this machine does not: known from a step's or a cluster's text, and from what programs are here, so that it can
 * be said before anything is started.
 */
public final class NotHere {
    private static final ImmutableSet<String> COMMANDS = ImmutableSet.of(
            "hive-script",
            "hive",
            "beeline",
            "pig-script",
            "pig",
            "s3-dist-cp",
            "hadoop-streaming",
            "flink",
            "flink-yarn-session",
            "presto-cli",
            "trino-cli",
            "hbase",
            "sqoop",
            "oozie",
            "pyspark",
            "spark-shell",
            "sparkR");

    /** What runs here without being a program of this machine. */
    private static final ImmutableSet<String> EMULATED = ImmutableSet.of(
            "spark-submit",
            "spark-sql",
            "spark-example",
            "run-example",
            "hadoop",
            "hdfs",
            "script-runner.jar",
            "state-pusher-script");

    /** Programs that a primary instance has, where they stand as a command's name. */
    private static final Pattern OF_A_CLUSTER = Pattern.compile("(?m)(?:^|[;&|(`]|\\bthen|\\bdo)\\s*"
            + "(hadoop|hdfs|yarn|mapred|spark-submit|spark-sql|spark-shell|pyspark|hive|beeline|aws)(?=\\s|$)");

    private static final ImmutableSet<String> APPLICATIONS = ImmutableSet.of("hadoop", "spark", "hive");

    private NotHere() {}

    /**
     * Why a step is not run.
     *
     * @param what for people, a sentence
     * @param fix what to do instead
     */
    public record Reason(String what, String fix) {
        @Override
        public String toString() {
            return what + " " + fix;
        }
    }

    /** Why a step cannot be run on this machine, seen from its jar and arguments as EMR is given them; empty when it can be. */
    public static Optional<Reason> step(String jar, ImmutableList<String> args) {
        if (jar.endsWith("/script-runner.jar")) {
            return script(args);
        }
        if (!jar.equals("command-runner.jar")) {
            return Optional.empty();
        }
        if (args.isEmpty()) {
            return because("command-runner.jar was given no command.", "Name one, such as spark-submit.");
        }
        String name = args.get(0);
        ImmutableList<String> rest = args.subList(1, args.size());
        return switch (name) {
            case "spark-submit" -> sparkSubmit(rest);
            case "spark-example", "run-example" ->
                SparkArguments.parse(rest, false).rest.isEmpty()
                        ? because(name + " was given no class.", "Name one, such as SparkPi.")
                        : Optional.empty();
            case "hadoop" -> hadoop(rest);
            case "hdfs" ->
                !rest.isEmpty() && rest.get(0).equals("dfs")
                        ? Optional.empty()
                        : because("Of hdfs's commands \"dfs\" is run here.", "Use that one.");
            case "script-runner.jar" -> script(rest);
            default ->
                COMMANDS.contains(name)
                        ? because(
                                "\"" + name + "\" is not emulated.",
                                "Emulated are spark-submit, spark-sql, spark-example, hadoop jar, hadoop fs, bash and"
                                        + " script-runner.jar.")
                        : Optional.empty();
        };
    }

    private static boolean isOnPath(String name) {
        String path = System.getenv("PATH");
        return path != null
                && Splitter.on(File.pathSeparatorChar)
                        .omitEmptyStrings()
                        .splitToStream(path)
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
    }

    /**
     * What a step calls that is not here; for people, the rest of a sentence, or empty when there is nothing. It is no reason to refuse the
     * step: what its cluster exports, or a step before it, may bring the program.
     */
    public static Optional<String> program(String jar, ImmutableList<String> args) {
        if (!jar.equals("command-runner.jar") || args.isEmpty() || EMULATED.contains(args.get(0))) {
            return Optional.empty();
        }
        String name = args.get(0);
        if (args.size() > 2 && name.endsWith("sh") && args.get(1).startsWith("-")) {
            return shell(String.join("\n", args.subList(2, args.size())));
        }
        boolean named = !name.isBlank() && !name.contains("/") && !name.contains("$");
        return named && !isOnPath(name) ? Optional.of(missing(name)) : Optional.empty();
    }

    private static Optional<String> shell(String text) {
        Matcher calls = OF_A_CLUSTER.matcher(text);
        while (calls.find()) {
            String name = calls.group(1);
            if (name.equals("aws")) {
                return Optional.of("calls aws, which reaches no account from a step on this machine.");
            }
            if (!isOnPath(name)) {
                return Optional.of(missing(name));
            }
        }
        return Optional.empty();
    }

    private static String missing(String name) {
        return "calls " + name + ", which is not on this machine's PATH: such a step sees only what is installed here.";
    }

    private static Optional<Reason> hadoop(ImmutableList<String> args) {
        String command = args.isEmpty() ? "" : args.get(0);
        if (command.equals("jar")) {
            return args.size() > 1
                    ? Optional.empty()
                    : because("hadoop jar was given no jar.", "Name one as its first argument.");
        }
        return command.equals("fs")
                ? Optional.empty()
                : because("Of hadoop's commands \"jar\" and \"fs\" are run here.", "Use one of these.");
    }

    private static Optional<Reason> script(ImmutableList<String> args) {
        return args.isEmpty()
                ? because("script-runner.jar was given no script.", "Name one as its first argument.")
                : Optional.empty();
    }

    private static Optional<Reason> sparkSubmit(ImmutableList<String> args) {
        SparkArguments parsed = SparkArguments.parse(args, false);
        if (parsed.rest.isEmpty()) {
            return because("spark-submit was given no application.", "Name a jar after the options.");
        }
        String application = parsed.rest.get(0);
        String lower = application.toLowerCase(Locale.ROOT);
        return lower.endsWith(".py") || lower.endsWith(".r")
                ? because(
                        "The application " + application + " is not a jar: PySpark and SparkR are not emulated.",
                        "Submit a jar with a main class.")
                : Optional.empty();
    }

    private static Optional<Reason> because(String what, String fix) {
        return Optional.of(new Reason(what, fix));
    }

    /**
     * What a cluster of this machine accepts and does not do; one text each, empty when nothing.
     *
     * @param applications as EMR is asked to install them
     * @param classifications of the configurations
     * @param bootstrap whether there are bootstrap actions
     */
    public static ImmutableList<String> cluster(
            ImmutableList<String> applications, ImmutableList<String> classifications, boolean bootstrap) {
        ImmutableList.Builder<String> texts = ImmutableList.builder();
        for (String application : applications) {
            if (!APPLICATIONS.contains(application.toLowerCase(Locale.ROOT))) {
                texts.add("The application " + application
                        + " is accepted and not installed: a step that needs it must find it on this machine.");
            }
        }
        for (String classification : classifications) {
            if (!classification.equals("spark-defaults")
                    && !classification.endsWith("-site")
                    && !classification.endsWith("-env")) {
                texts.add("The configuration " + classification + " is accepted and has no effect on this machine.");
            }
        }
        if (bootstrap) {
            texts.add("Bootstrap actions are accepted and not run on this machine.");
        }
        return texts.build();
    }
}
