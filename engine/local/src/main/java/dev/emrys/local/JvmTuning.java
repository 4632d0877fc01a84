package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * The options by which the JVM of a step starts fast. Most of the time of a small step passes with loading and
 * compiling code that runs once; a large one needs the optimizing compiler. The numbers are in engine/bench/results.md.
 */
final class JvmTuning {
    /** From about twice this much input on, a word count takes longer with C1 alone than with both compilers. */
    static final long SMALL_BYTES = 32L << 20;

    private static final ImmutableList<String> SMALL = ImmutableList.of("-XX:TieredStopAtLevel=1");

    /** C2 compiles what runs 20 times as often as by default: not the start's code, but each loop over much data. */
    private static final ImmutableList<String> ANY = ImmutableList.of(
            "-XX:Tier4InvocationThreshold=100000",
            "-XX:Tier4MinInvocationThreshold=20000",
            "-XX:Tier4CompileThreshold=300000",
            "-XX:Tier4BackEdgeThreshold=2000000");

    /** The JVM does not start with two collectors. */
    private static final Pattern COLLECTOR = Pattern.compile("-XX:\\+Use\\w+GC");

    private JvmTuning() {}

    /**
     * The options for a driver of Spark; they come before the author's.
     *
     * @param input the size of what the step reads; empty if it is not known
     * @param authors the author's own options
     * @param archive a class-data archive of the JVM's class path
     */
    static ImmutableList<String> ofSpark(OptionalLong input, List<String> authors, Optional<Path> archive) {
        boolean small = input.isPresent() && input.getAsLong() <= SMALL_BYTES;
        ImmutableList.Builder<String> flags = ImmutableList.<String>builder().addAll(small ? SMALL : ANY);
        if (authors.stream().noneMatch(flag -> COLLECTOR.matcher(flag).matches())) {
            flags.add(small ? "-XX:+UseSerialGC" : "-XX:+UseParallelGC");
        }
        // Without the last one, a JVM that refuses the archive writes so into the output of the step.
        archive.ifPresent(file -> flags.add("-XX:SharedArchiveFile=" + file, "-Xlog:cds*=off"));
        return flags.add("-Xshare:auto").build();
    }

    /** For small data on a small machine, C1 and the serial collector halve the start-up time. */
    static ImmutableList<String> ofHadoop() {
        return ImmutableList.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto");
    }
}
