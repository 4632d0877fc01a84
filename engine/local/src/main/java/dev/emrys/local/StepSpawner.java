package dev.emrys.local;

import com.google.common.collect.ImmutableMap;
import dev.emrys.emulator.StepLaunch;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Starts the process of a step under the script supervisor.sh, in a session of its own. Thread-safe. */
final class StepSpawner {
    static final String STEP_VARIABLE = "EMRYS_STEP_ID";
    static final String CLUSTER_VARIABLE = "EMRYS_CLUSTER_ID";

    private static final Pattern VARIABLE =
            Pattern.compile("\\$(?:\\{([A-Za-z_][A-Za-z0-9_]*)}|([A-Za-z_][A-Za-z0-9_]*))");

    private final Account account;
    private final Path script;
    private final boolean hasSetsid;

    /** Installs the script in the account's folder. */
    StepSpawner(Account account) throws IOException {
        this.account = account;
        this.script = install(account);
        this.hasSetsid =
                Stream.of("/usr/bin/setsid", "/bin/setsid").anyMatch(path -> Files.isExecutable(Path.of(path)));
    }

    private static Path install(Account account) throws IOException {
        Path script = account.bin().resolve("supervisor.sh");
        Path temporary =
                account.bin().resolve("supervisor.sh." + ProcessHandle.current().pid());
        try (InputStream in = StepSpawner.class.getResourceAsStream("supervisor.sh")) {
            if (in == null) {
                throw new IllegalStateException("supervisor.sh is missing from the jar");
            }
            Files.copy(in, temporary, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.move(temporary, script, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return script;
    }

    /** Starts the supervisor of a step, whose folder exists. */
    void spawn(StepLaunch launch, LaunchCommand command) throws IOException {
        Path folder = account.step(launch.clusterId(), launch.stepId());
        List<String> line = new ArrayList<>();
        if (hasSetsid) {
            line.add("setsid");
        }
        line.addAll(List.of("sh", script.toString(), folder.toString()));
        ImmutableMap<String, String> base = environment(launch, folder);
        // The program env sets the exports, so that they apply to the step but not to its supervisor.
        line.add("env");
        command.environment().forEach((name, value) -> line.add(name + "=" + expand(value, base)));
        line.addAll(command.command());
        ProcessBuilder builder = new ProcessBuilder(line)
                .directory(folder.toFile())
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("supervisor.log").toFile()))
                .redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.putAll(base);
        builder.start();
    }

    private ImmutableMap<String, String> environment(StepLaunch launch, Path folder) {
        Map<String, String> environment = StepEnvironment.of(
                System.getenv(), account.cluster(launch.clusterId()).resolve("home"), account.s3());
        String programs = ShellPrograms.folder(folder).toString();
        environment.merge("PATH", programs, (path, added) -> added + File.pathSeparator + path);
        environment.put(STEP_VARIABLE, launch.stepId());
        environment.put(CLUSTER_VARIABLE, launch.clusterId());
        return ImmutableMap.copyOf(environment);
    }

    /** Replaces {@code $NAME} and <code>${NAME}</code>, as the shell of a cluster does. */
    private static String expand(String value, Map<String, String> environment) {
        return VARIABLE.matcher(value)
                .replaceAll(found -> Matcher.quoteReplacement(
                        environment.getOrDefault(found.group(1) == null ? found.group(2) : found.group(1), "")));
    }
}
