package dev.emrys.bench;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A case that a fresh JVM measures and prints itself. */
record JvmCase(String name, ImmutableList<Row> rows, ImmutableList<String> java) implements Case {
    /** Those with which the launcher starts a command. */
    static final ImmutableList<String> LAUNCHER = ImmutableList.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    /** Those with which it starts the daemon of schedules. */
    static final ImmutableList<String> DAEMON = ImmutableList.of("-XX:TieredStopAtLevel=1", "-XX:+UseParallelGC");

    /** Those with which it starts the emulator. */
    static final ImmutableList<String> EMULATOR = ImmutableList.of("-XX:+UseSerialGC");

    /** A case of {@link EngineCases}, in a JVM that has the launcher's class-data archive. */
    static JvmCase engine(String name, ImmutableList<String> options, Row... rows) {
        ImmutableList<String> all = ImmutableList.<String>builder()
                .addAll(options)
                .addAll(ClassArchive.options())
                .build();
        return new JvmCase(
                name,
                ImmutableList.copyOf(rows),
                java(System.getProperty("java.class.path"), all, EngineCases.class.getName()));
    }

    static JvmCase peer(String name, String classPath, Row... rows) {
        return new JvmCase(
                name,
                ImmutableList.copyOf(rows),
                java(classPath, ImmutableList.of(), "dev.emrys.bench.peers.PeerCases"));
    }

    static ImmutableList<String> java(String classPath, ImmutableList<String> options, String main) {
        return ImmutableList.<String>builder()
                .add(Path.of(System.getProperty("java.home"), "bin", "java").toString())
                .addAll(options)
                .add("-cp", classPath, main)
                .build();
    }

    @Override
    public ImmutableList<Sample> measure(Path folder) throws IOException, InterruptedException {
        return measure(name, folder, folder);
    }

    /** @param state the folder that the case works in */
    ImmutableList<Sample> measure(String caseName, Path folder, Path state) throws IOException, InterruptedException {
        ImmutableList<String> command = ImmutableList.<String>builder()
                .addAll(java)
                .add(caseName, state.toString())
                .build();
        return ProcessRun.of(command, folder, ImmutableMap.of()).output().stream()
                .map(Sample::parse)
                .flatMap(Optional::stream)
                .collect(ImmutableList.toImmutableList());
    }
}
