package dev.emrys.local;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import java.util.List;

/** The files that a step is made of, seen from its jar and arguments as EMR is given them. */
public final class StepCode {
    private static final Splitter COMMAS = Splitter.on(',').trimResults().omitEmptyStrings();

    /** Spark takes patterns here (SparkSubmit resolves them by Hadoop's FileSystem.globStatus). They name no file. */
    private static final CharMatcher GLOB = CharMatcher.anyOf("*?[]{}");

    private StepCode() {}

    /** The jar or script, and the jars and files that Spark is told to bring along, as they are written. */
    public static ImmutableList<String> of(String jar, ImmutableList<String> args) {
        if (jar.endsWith("/script-runner.jar")) {
            return first(args);
        }
        if (!jar.equals("command-runner.jar")) {
            return ImmutableList.of(jar);
        }
        ImmutableList<String> rest = args.isEmpty() ? args : args.subList(1, args.size());
        return switch (args.isEmpty() ? "" : args.get(0)) {
            case "spark-submit" -> {
                SparkArguments parsed = SparkArguments.parse(rest, false);
                yield ImmutableList.<String>builder()
                        .addAll(first(parsed.rest))
                        .addAll(broughtAlong(parsed))
                        .build();
            }
            case "spark-sql" -> {
                SparkArguments parsed = SparkArguments.parse(rest, true);
                int file = parsed.rest.indexOf("-f");
                yield ImmutableList.<String>builder()
                        .addAll(
                                file >= 0 && file + 1 < parsed.rest.size()
                                        ? List.of(parsed.rest.get(file + 1))
                                        : List.of())
                        .addAll(broughtAlong(parsed))
                        .build();
            }
            case "hadoop" ->
                rest.size() > 1 && rest.get(0).equals("jar") ? first(rest.subList(1, rest.size())) : ImmutableList.of();
            case "script-runner.jar" -> first(rest);
            default -> ImmutableList.of();
        };
    }

    private static ImmutableList<String> first(List<String> args) {
        return args.isEmpty() ? ImmutableList.of() : ImmutableList.of(args.get(0));
    }

    private static ImmutableList<String> broughtAlong(SparkArguments parsed) {
        ImmutableList.Builder<String> files = ImmutableList.builder();
        for (int i = 0; i + 1 < parsed.options.size(); i++) {
            switch (parsed.options.get(i)) {
                // Of archives and files a name may follow after '#'.
                case "--jars", "--py-files", "--files", "--archives" ->
                    COMMAS.splitToStream(parsed.options.get(i + 1))
                            .map(file -> file.replaceAll("#[^/]*$", ""))
                            .filter(file -> !GLOB.matchesAnyOf(file))
                            .forEach(files::add);
                default -> {}
            }
        }
        return files.build();
    }
}
