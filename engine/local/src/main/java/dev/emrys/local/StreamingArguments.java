package dev.emrys.local;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.List;

/**
 * What the arguments of hadoop-streaming name: the files that it copies, and the programs that it starts.
 *
 * @see <a href="https://hadoop.apache.org/docs/r3.4.1/hadoop-streaming/HadoopStreaming.html">Hadoop Streaming</a>
 */
final class StreamingArguments {
    private static final Splitter COMMAS = Splitter.on(',').trimResults().omitEmptyStrings();
    private static final Splitter SPACES = Splitter.onPattern("\\s+").omitEmptyStrings();

    private static final ImmutableSet<String> FILES =
            ImmutableSet.of("-files", "--files", "-libjars", "--libjars", "-archives", "--archives", "-file");
    private static final ImmutableSet<String> PROGRAMS = ImmutableSet.of("-mapper", "-reducer", "-combiner");

    /** Words of hadoop-streaming itself. */
    private static final ImmutableSet<String> BUILT_IN = ImmutableSet.of("aggregate", "NONE");

    private StreamingArguments() {}

    /** The files, which may have a name after '#'. */
    static ImmutableList<String> files(List<String> args) {
        return values(args, FILES).stream().flatMap(COMMAS::splitToStream).collect(ImmutableList.toImmutableList());
    }

    /**
     * The programs of mapper, reducer and combiner that must be on the PATH. Not among them: a path, a Java class, and
     * a file that is copied with the step, which is in the working folder of the program.
     */
    static ImmutableList<String> programs(List<String> args) {
        return values(args, PROGRAMS).stream()
                .flatMap(command -> SPACES.splitToStream(command).limit(1))
                .filter(program -> program.matches("[\\w+-]+") && !BUILT_IN.contains(program))
                .filter(program -> files(args).stream()
                        .noneMatch(file -> file.endsWith("/" + program) || file.endsWith("#" + program)))
                .collect(ImmutableList.toImmutableList());
    }

    private static ImmutableList<String> values(List<String> args, ImmutableSet<String> options) {
        ImmutableList.Builder<String> values = ImmutableList.builder();
        for (int at = 0; at + 1 < args.size(); at++) {
            if (options.contains(args.get(at))) {
                values.add(args.get(at + 1));
            }
        }
        return values.build();
    }
}
