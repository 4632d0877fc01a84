package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The JVM for steps: 17 to 23. On 24 and later Hadoop's UserGroupInformation fails ("getSubject is not supported"), on less than 17
 * EMR 7's jobs do not load.
 */
final class StepJvm {
    private static final int OLDEST = 17;
    private static final int NEWEST = 23;
    private static final Pattern VERSION = Pattern.compile("JAVA_VERSION=\"(?:1\\.)?(\\d+)");

    private StepJvm() {}

    /** @throws LocalSetupException when there is none */
    static Path find() {
        List<Path> homes = new ArrayList<>();
        String wanted = System.getenv("EMRYS_STEP_JAVA_HOME");
        if (wanted != null && !wanted.isEmpty()) {
            homes.add(Path.of(wanted));
        }
        homes.add(Path.of(System.getProperty("java.home", "")));
        String javaHome = System.getenv("JAVA_HOME");
        if (javaHome != null && !javaHome.isEmpty()) {
            homes.add(Path.of(javaHome));
        }
        for (String folder : ImmutableList.of("/usr/lib/jvm", "/Library/Java/JavaVirtualMachines", "/opt/java")) {
            homes.addAll(children(Path.of(folder)));
        }
        for (Path home : homes) {
            for (Path candidate : ImmutableList.of(home, home.resolve("Contents/Home"))) {
                OptionalInt version = version(candidate);
                Path java = candidate.resolve("bin/java");
                if (version.isPresent()
                        && version.getAsInt() >= OLDEST
                        && version.getAsInt() <= NEWEST
                        && Files.isExecutable(java)) {
                    return java;
                }
            }
        }
        throw new LocalSetupException(
                "Steps need a JDK " + OLDEST + " to " + NEWEST
                        + ", and none was found on this machine.\n    Install one (EMR 7 itself uses 17),"
                        + " or name its folder in EMRYS_STEP_JAVA_HOME.",
                null);
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
