package dev.emrys.bench;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The class-data archive of the JVMs that measure the engine. The launcher has one for each command, so without it they
 * would load classes that a user's process maps. Made by a process that does a little of all that is measured.
 */
final class ClassArchive {
    /** The archive's file, a system property. */
    private static final String FILE = "emrys.bench.archive";

    private ClassArchive() {}

    /** Makes it: {@link #options} has it from then on. */
    static void make(Path work) throws IOException, InterruptedException {
        Path file = work.resolve("classes.jsa");
        Path folder = Files.createDirectory(work.resolve("training"));
        ImmutableList<String> command = ImmutableList.<String>builder()
                .addAll(JvmCase.java(
                        System.getProperty("java.class.path"),
                        ImmutableList.<String>builder()
                                .addAll(JvmCase.LAUNCHER)
                                .add("-XX:ArchiveClassesAtExit=" + file)
                                .build(),
                        EngineCases.class.getName()))
                .add("training", folder.toString())
                .build();
        var unused = ProcessRun.of(command, folder, ImmutableMap.of());
        System.setProperty(FILE, file.toString());
    }

    /** The options of a JVM that uses it; none where it was not made. */
    static ImmutableList<String> options() {
        String file = System.getProperty(FILE);
        return file == null
                ? ImmutableList.of()
                : ImmutableList.of("-XX:SharedArchiveFile=" + file, "-D" + FILE + "=" + file);
    }
}
