package dev.emrys.spec;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What EMR runs as a step, in EMR's own shape. {@link Placeholders} are filled in everywhere but in the names of
 * properties.
 *
 * @param jar {@code command-runner.jar}, or the URI of a jar ({@code s3://}, or {@code file:} on the local target)
 * @param mainClass null when the jar's manifest names it
 * @param args each at most 10,280 characters
 * @param properties Java system properties for the step
 */
public record HadoopJarStep(
        String jar, @Nullable String mainClass, ImmutableList<String> args, ImmutableMap<String, String> properties) {

    /** EMR's jar that runs a command on the primary instance. */
    public static final String COMMAND_RUNNER = "command-runner.jar";

    /** EMR's limit for one argument, in characters. */
    public static final int MAX_ARGUMENT = 10_280;

    HadoopJarStep withTexts(UnaryOperator<String> replace) {
        return new HadoopJarStep(
                replace.apply(jar),
                mainClass == null ? null : replace.apply(mainClass),
                args.stream().map(replace).collect(ImmutableList.toImmutableList()),
                ImmutableMap.copyOf(Maps.transformValues(properties, replace::apply)));
    }

    void check(String step, SourceLocation location, Diagnostics diagnostics) {
        diagnostics.unless(!jar.isBlank(), PipelineCode.STEP_WITHOUT_JAR, location, step);
        if (jar.equals(COMMAND_RUNNER)) {
            diagnostics.unless(!args.isEmpty(), PipelineCode.COMMAND_RUNNER_EMPTY, location, step);
        }
        for (String arg : args) {
            if (arg.length() > MAX_ARGUMENT) {
                diagnostics.add(PipelineCode.ARGUMENT_TOO_LONG, location, step, arg.length(), MAX_ARGUMENT);
            }
            diagnostics.unless(arg.indexOf('\0') < 0, PipelineCode.ARGUMENT_NUL, location, step);
        }
    }
}
