package dev.emrys.spec;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What EMR runs as a step, in EMR's own shape. {@link Placeholders} are filled in everywhere but in the names of
 * properties.
 *
 * @param jar {@code command-runner.jar}, or the URI of a jar ({@code s3://}, or {@code file:} on the local target)
 * @param mainClass null when the jar's manifest names it
 * @param args each at most 10,280 characters, and together with the others at most {@link #MAX_CHARACTERS}; longer ones
 *     of {@code command-runner.jar} reach the cluster in a script
 * @param properties Java system properties for the step
 */
public record HadoopJarStep(
        String jar, @Nullable String mainClass, ImmutableList<String> args, ImmutableMap<String, String> properties) {

    /** EMR's jar that runs a command on the primary instance. */
    public static final String COMMAND_RUNNER = "command-runner.jar";

    /** EMR's limit for one argument, in characters. */
    public static final int MAX_ARGUMENT = 10_280;

    /**
     * EMR's limit for the jar, the main class, the arguments and the properties together, in characters: API reference,
     * HadoopJarStepConfig.
     */
    public static final int MAX_CHARACTERS = 10_240;

    /** What Linux takes as one argument of a program, in bytes, with the NUL at its end: MAX_ARG_STRLEN, execve(2). */
    private static final int MAX_ARGUMENT_BYTES = 131_072;

    /** What EMR counts for {@link #MAX_CHARACTERS}, with placeholders as they are written. */
    public int characters() {
        int sum = jar.length() + (mainClass == null ? 0 : mainClass.length());
        for (String arg : args) {
            sum += arg.length();
        }
        for (Map.Entry<String, String> property : properties.entrySet()) {
            sum += property.getKey().length() + property.getValue().length();
        }
        return sum;
    }

    HadoopJarStep withTexts(UnaryOperator<String> replace) {
        return new HadoopJarStep(
                replace.apply(jar),
                mainClass == null ? null : replace.apply(mainClass),
                args.stream().map(replace).collect(ImmutableList.toImmutableList()),
                ImmutableMap.copyOf(Maps.transformValues(properties, replace::apply)));
    }

    private void checkLength(String step, SourceLocation location, Diagnostics diagnostics) {
        boolean isCommand = jar.equals(COMMAND_RUNNER);
        for (String arg : args) {
            int bytes = isCommand && arg.length() > MAX_ARGUMENT ? arg.getBytes(StandardCharsets.UTF_8).length : 0;
            if (bytes >= MAX_ARGUMENT_BYTES) {
                diagnostics.add(PipelineCode.ARGUMENT_FOR_LINUX, location, step, bytes, MAX_ARGUMENT_BYTES - 1);
            } else if (!isCommand && arg.length() > MAX_ARGUMENT) {
                diagnostics.add(PipelineCode.ARGUMENT_TOO_LONG, location, step, arg.length(), MAX_ARGUMENT);
                return;
            }
        }
        diagnostics.unless(
                isCommand || characters() <= MAX_CHARACTERS,
                PipelineCode.STEP_TOO_LONG,
                location,
                step,
                characters(),
                MAX_CHARACTERS);
    }

    void check(String step, SourceLocation location, Diagnostics diagnostics) {
        diagnostics.unless(!jar.isBlank(), PipelineCode.STEP_WITHOUT_JAR, location, step);
        if (jar.equals(COMMAND_RUNNER)) {
            diagnostics.unless(!args.isEmpty(), PipelineCode.COMMAND_RUNNER_EMPTY, location, step);
        }
        checkLength(step, location, diagnostics);
        for (String arg : args) {
            diagnostics.unless(arg.indexOf('\0') < 0, PipelineCode.ARGUMENT_NUL, location, step);
        }
    }
}
