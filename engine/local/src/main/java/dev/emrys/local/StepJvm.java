package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The JVM for steps: of version 17 to 23 if there is one, else a later one, on which Hadoop needs {@link SubjectPatch}.
 * On less than 17 EMR 7's jobs do not load.
 *
 * @param java the program
 * @param version the feature version, such as 17
 */
record StepJvm(Path java, int version) {
    private static final int OLDEST = 17;

    /** The first version without Subject.getSubject and without the flag that allows a security manager (JEP 486). */
    private static final int WITHOUT_GET_SUBJECT = 24;

    private static final Pattern VERSION = Pattern.compile("JAVA_VERSION=\"(?:1\\.)?(\\d+)");

    /**
     * The JVM of EMRYS_STEP_JAVA_HOME if it is set and usable, else one of this machine.
     *
     * @throws LocalSetupException when there is none
     */
    static StepJvm find() {
        List<Path> homes = new ArrayList<>();
        homes.add(Path.of(System.getProperty("java.home", "")));
        String javaHome = System.getenv("JAVA_HOME");
        if (javaHome != null && !javaHome.isEmpty()) {
            homes.add(Path.of(javaHome));
        }
        for (String folder : ImmutableList.of("/usr/lib/jvm", "/Library/Java/JavaVirtualMachines", "/opt/java")) {
            homes.addAll(children(Path.of(folder)));
        }
        String wanted = System.getenv("EMRYS_STEP_JAVA_HOME");
        return choose(
                        wanted == null || wanted.isEmpty() ? ImmutableList.of() : ImmutableList.of(Path.of(wanted)),
                        homes)
                .orElseThrow(() -> new LocalSetupException(
                        "Steps need a JDK " + OLDEST
                                + " or later, and none was found on this machine.\n    Install one (EMR 7 itself uses 17),"
                                + " or name its folder in EMRYS_STEP_JAVA_HOME.",
                        null));
    }

    /**
     * The first usable one of the first list; else the first of the second list that needs no patch; else the first
     * usable one of it.
     */
    static Optional<StepJvm> choose(List<Path> wanted, List<Path> homes) {
        List<StepJvm> found = usable(homes);
        return Stream.of(
                        usable(wanted).stream(), found.stream().filter(jvm -> !jvm.needsSubjectPatch()), found.stream())
                .flatMap(jvms -> jvms)
                .findFirst();
    }

    /** Whether Hadoop before 3.5 fails on it ("getSubject is not supported"). */
    boolean needsSubjectPatch() {
        return version >= WITHOUT_GET_SUBJECT;
    }

    private static List<StepJvm> usable(List<Path> homes) {
        List<StepJvm> usable = new ArrayList<>();
        for (Path home : homes) {
            for (Path candidate : ImmutableList.of(home, home.resolve("Contents/Home"))) {
                OptionalInt version = version(candidate);
                Path java = candidate.resolve("bin/java");
                if (version.isPresent() && version.getAsInt() >= OLDEST && Files.isExecutable(java)) {
                    usable.add(new StepJvm(java, version.getAsInt()));
                }
            }
        }
        return usable;
    }

    private static List<Path> children(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static OptionalInt version(Path home) {
        try {
            Matcher matcher = VERSION.matcher(Files.readString(home.resolve("release"), StandardCharsets.UTF_8));
            return matcher.find() ? OptionalInt.of(Integer.parseInt(matcher.group(1))) : OptionalInt.empty();
        } catch (IOException e) {
            return OptionalInt.empty();
        }
    }
}
