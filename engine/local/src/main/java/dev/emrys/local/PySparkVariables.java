package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.emrys.emulator.StepLaunch;
import java.io.File;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The environment of the driver of a Python program, and the Python that its author names, in Spark's order: the
 * settings {@code spark.pyspark.driver.python} and {@code spark.pyspark.python} of the step, then of the cluster, then
 * the exports {@code PYSPARK_DRIVER_PYTHON} and {@code PYSPARK_PYTHON} of the cluster. Immutable.
 *
 * @see <a href="https://spark.apache.org/docs/3.5.4/configuration.html#runtime-environment">Spark Configuration</a>
 */
final class PySparkVariables {
    static final String PATH = "PYTHONPATH";
    private static final String DRIVER_SETTING = "spark.pyspark.driver.python";
    private static final String SETTING = "spark.pyspark.python";
    private static final String YARN_SETTING = "spark.yarn.appMasterEnv.PYSPARK_PYTHON";
    private static final String DRIVER_VARIABLE = "PYSPARK_DRIVER_PYTHON";

    /** Spark 3.5 supports Python up to this minor version. */
    private static final int LAST_SUPPORTED = 11;

    private final SparkArguments arguments;
    private final ImmutableList<StepLaunch.Classification> configurations;
    private final ImmutableMap<String, String> exports;
    private final String inheritedPath;

    /** @param inheritedPath the PYTHONPATH of this process; may be empty */
    PySparkVariables(
            SparkArguments arguments,
            ImmutableList<StepLaunch.Classification> configurations,
            ImmutableMap<String, String> exports,
            String inheritedPath) {
        this.arguments = arguments;
        this.configurations = configurations;
        this.exports = exports;
        this.inheritedPath = inheritedPath;
    }

    /** The driver's Python; null if the author names none. */
    @Nullable
    String program() {
        Map<String, String> settings = settings();
        return Stream.of(
                        settings.getOrDefault(DRIVER_SETTING, ""),
                        settings.getOrDefault(SETTING, ""),
                        exports.getOrDefault(DRIVER_VARIABLE, ""),
                        exports.getOrDefault(PySpark.PYTHON_VARIABLE, ""))
                .filter(program -> !program.isBlank())
                .findFirst()
                .orElse(null);
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        configurations.stream()
                .filter(one -> one.name().equals("spark-defaults"))
                .forEach(one -> settings.putAll(one.properties()));
        for (SparkArguments.Option option : arguments.options()) {
            String value = option.value();
            if (value != null
                    && (option.name().equals("--conf") || option.name().equals("-c"))) {
                int equals = value.indexOf('=');
                if (equals > 0) {
                    settings.put(value.substring(0, equals), value.substring(equals + 1));
                }
            }
        }
        return settings;
    }

    /** A sentence if the author names a Python for YARN, such as one of an archive, which does not exist here. */
    Optional<String> warning(PySpark.Python python) {
        return settings().containsKey(YARN_SETTING) && program() == null
                ? Optional.of(YARN_SETTING + " has no effect on this machine: the program runs with " + python.program()
                        + ". If it needs packages that this one does not have, name another one in " + SETTING + ".")
                : Optional.empty();
    }

    /**
     * What is added to the exports. The author's PYSPARK_PYTHON stays, because it may be another one than the driver's.
     */
    ImmutableMap<String, String> variables(PySpark.Python python) {
        ImmutableMap.Builder<String, String> variables = ImmutableMap.builder();
        String own = exports.getOrDefault(PATH, inheritedPath);
        // The home folder of a step is the cluster's: Python itself finds what a bootstrap action has installed there,
        // and not the user's packages.
        variables.put(
                PATH,
                Stream.concat(python.path().stream().map(Path::toString), Stream.of(own, python.userPackages()))
                        .filter(entry -> !entry.isEmpty())
                        .collect(Collectors.joining(File.pathSeparator)));
        if (exports.getOrDefault(PySpark.PYTHON_VARIABLE, "").isBlank()) {
            variables.put(PySpark.PYTHON_VARIABLE, python.program());
        }
        return variables.buildOrThrow();
    }

    /** A line for the step's log. */
    String note(PySpark.Python python) {
        String note = "Python " + python.version() + " (" + python.program() + "), pyspark " + python.pyspark()
                + (python.path().isEmpty()
                        ? " of this Python."
                        : " of " + python.path().get(0) + ".");
        return Integer.parseInt(python.version().split("\\.", -1)[1]) > LAST_SUPPORTED
                ? note + " Spark 3.5 supports Python 3.8 to 3." + LAST_SUPPORTED + "."
                : note;
    }
}
