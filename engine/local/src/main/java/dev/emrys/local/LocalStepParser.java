package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.jspecify.annotations.Nullable;

/** Parses a step's jar and arguments, as the EMR Release Guide describes them, into a {@link LocalStep}. */
final class LocalStepParser {
    private static final String SCRIPT_RUNNER = "script-runner.jar";

    /** Programs of a cluster that this machine does not have. */
    private static final ImmutableSet<String> UNSUPPORTED = ImmutableSet.of(
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

    private final ImmutableMap<String, String> properties;

    LocalStepParser(ImmutableMap<String, String> properties) {
        this.properties = properties;
    }

    LocalStep parse(String jar, @Nullable String mainClass, ImmutableList<String> args) {
        if (jar.endsWith("/" + SCRIPT_RUNNER)) {
            return script(args);
        }
        if (!ClusterPaths.isCommandRunner(jar)) {
            return new HadoopCommandParser("hadoop", properties).jar(jar, mainClass, args);
        }
        if (args.isEmpty()) {
            return unsupported("command-runner.jar was given no command.", "Name one, such as spark-submit.");
        }
        return command(ClusterPaths.program(args.get(0)), args.subList(1, args.size()), args);
    }

    /** @param args the arguments after the program; {@code command}: all of them, as the author wrote them */
    private LocalStep command(String program, ImmutableList<String> args, ImmutableList<String> command) {
        return switch (program) {
            case "spark-submit" -> sparkSubmit(args);
            case "spark-sql" -> new LocalStep.SparkSql(SparkArguments.ofSparkSql(args), properties);
            case "spark-example", "run-example" -> runExample(program, args);
            case "hadoop", "hdfs", "mapred", "yarn" -> new HadoopCommandParser(program, properties).parse(args);
            case "hadoop-streaming" -> new LocalStep.Streaming(args, properties);
            case "hive-script", "hive", "beeline" -> HiveArguments.parse(program, args, properties);
            case "pig-script", "pig" -> pig(program, PigArguments.of(program, args));
            case "s3-dist-cp" -> new LocalStep.DistCp(program, args, properties);
            case SCRIPT_RUNNER -> script(args);
            case "state-pusher-script" -> new LocalStep.NoOperation(program);
            default ->
                UNSUPPORTED.contains(program)
                        ? new LocalStep.Unsupported(LocalSupport.notEmulated(program))
                        : new LocalStep.Shell(command);
        };
    }

    private LocalStep sparkSubmit(ImmutableList<String> args) {
        SparkArguments arguments = SparkArguments.ofSparkSubmit(args);
        return arguments.application().isEmpty() && !arguments.isInformation()
                ? unsupported("spark-submit was given no application.", "Name a jar after the options.")
                : new LocalStep.SparkSubmit(arguments, properties);
    }

    /** The same as spark-submit with the class of the example and the jar of the examples. */
    private LocalStep runExample(String program, ImmutableList<String> args) {
        SparkArguments arguments = SparkArguments.ofSparkSubmit(args);
        if (arguments.application().isEmpty()) {
            return unsupported(program + " was given no class.", "Name one, such as SparkPi.");
        }
        String name = arguments.application().get(0);
        return new LocalStep.SparkSubmit(
                new SparkArguments(
                        ImmutableList.<SparkArguments.Option>builder()
                                .add(new SparkArguments.Option(
                                        "--class", name.contains(".") ? name : "org.apache.spark.examples." + name))
                                .addAll(arguments.options())
                                .build(),
                        ImmutableList.<String>builder()
                                .add(ClusterPaths.SPARK_EXAMPLES_JAR)
                                .addAll(arguments
                                        .application()
                                        .subList(1, arguments.application().size()))
                                .build()),
                properties);
    }

    private LocalStep pig(String program, PigArguments arguments) {
        return arguments.isInteractive()
                ? unsupported(program + " was given no script.", "Name one with -f.")
                : new LocalStep.Pig(program, arguments, properties);
    }

    private static LocalStep script(ImmutableList<String> args) {
        return args.isEmpty()
                ? unsupported("script-runner.jar was given no script.", "Name one as its first argument.")
                : new LocalStep.Script(args.get(0), args.subList(1, args.size()));
    }

    static LocalStep unsupported(String what, String fix) {
        return new LocalStep.Unsupported(new LocalSupport.Reason(what, fix));
    }
}
