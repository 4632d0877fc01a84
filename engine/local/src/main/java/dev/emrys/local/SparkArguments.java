package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of spark-submit or spark-sql, parsed as Spark 3.5 parses them.
 *
 * @param options Spark's own options
 * @param application what is no option of Spark: the application and its arguments, or spark-sql's own options
 */
public record SparkArguments(ImmutableList<Option> options, ImmutableList<String> application) {
    /** SparkSubmitOptionParser's options without a value. */
    private static final ImmutableSet<String> SWITCHES =
            ImmutableSet.of("--supervise", "--usage-error", "--verbose", "-v", "--version", "--help", "-h");

    /** With one of these Spark prints a text and needs no application. */
    private static final ImmutableSet<String> INFORMATION = ImmutableSet.of("--version", "--help", "-h");

    /** SparkSubmitOptionParser's options with a value. Other arguments belong to the application. */
    private static final ImmutableSet<String> OPTIONS = ImmutableSet.of(
            "--archives",
            "--class",
            "--conf",
            "-c",
            "--deploy-mode",
            "--driver-class-path",
            "--driver-cores",
            "--driver-java-options",
            "--driver-library-path",
            "--driver-memory",
            "--exclude-packages",
            "--executor-cores",
            "--executor-memory",
            "--files",
            "--jars",
            "--keytab",
            "--kill",
            "--master",
            "--name",
            "--num-executors",
            "--packages",
            "--principal",
            "--properties-file",
            "--proxy-user",
            "--py-files",
            "--queue",
            "--remote",
            "--repositories",
            "--status",
            "--total-executor-cores");

    /**
     * One option.
     *
     * @param value absent for an option that takes none
     */
    public record Option(String name, @Nullable String value) {}

    /** Arguments of spark-submit: its options stand before the application. */
    static SparkArguments ofSparkSubmit(List<String> args) {
        return parse(args, false);
    }

    /** Arguments of spark-sql: Spark's options may stand anywhere among its own. */
    static SparkArguments ofSparkSql(List<String> args) {
        return parse(args, true);
    }

    private static SparkArguments parse(List<String> args, boolean mixed) {
        ImmutableList.Builder<Option> options = ImmutableList.builder();
        ImmutableList.Builder<String> application = ImmutableList.builder();
        Iterator<String> remaining = args.iterator();
        while (remaining.hasNext()) {
            String arg = remaining.next();
            String name = arg.startsWith("--") && arg.contains("=") ? arg.substring(0, arg.indexOf('=')) : arg;
            if (OPTIONS.contains(name)) {
                String value = name.length() < arg.length()
                        ? arg.substring(name.length() + 1)
                        : remaining.hasNext() ? remaining.next() : "";
                options.add(new Option(name, value));
            } else if (SWITCHES.contains(arg)) {
                options.add(new Option(arg, null));
            } else {
                application.add(arg);
                if (!mixed) {
                    application.addAll(remaining);
                }
            }
        }
        return new SparkArguments(options.build(), application.build());
    }

    /** Whether Spark only prints its version or usage. */
    boolean isInformation() {
        return options.stream().anyMatch(option -> INFORMATION.contains(option.name()));
    }
}
