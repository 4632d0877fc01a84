package dev.emrys.local;

import com.google.common.collect.ImmutableMap;
import dev.emrys.emulator.StepLaunch;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Starts the process of a step under the script supervisor.sh, in a session of its own. One supervisor is started in
 * advance. Thread-safe.
 */
final class StepSpawner implements AutoCloseable {
    static final String STEP_VARIABLE = "EMRYS_STEP_ID";
    static final String CLUSTER_VARIABLE = "EMRYS_CLUSTER_ID";

    private static final Pattern VARIABLE =
            Pattern.compile("\\$(?:\\{([A-Za-z_][A-Za-z0-9_]*)}|([A-Za-z_][A-Za-z0-9_]*))");

    private final Account account;
    private final ImmutableMap<String, String> storage;
    private final Path script;
    private final boolean hasSetsid;
    private final String boot;

    /**
     * The variables of every step of the account, and of the supervisors. The step's id, by which its processes are
     * found and killed, is not among them: the supervisor must survive that.
     */
    private final ImmutableMap<String, String> common;

    private @Nullable Process waiting;
    private boolean closed;

    /**
     * Installs the script in the account's folder.
     *
     * @param storage the variables by which a step reaches S3
     */
    StepSpawner(Account account, ImmutableMap<String, String> storage) throws IOException {
        this.account = account;
        this.storage = storage;
        this.script = install(account);
        this.common = ImmutableMap.copyOf(StepEnvironment.of(System.getenv(), account.folder(), account.s3(), storage));
        this.boot = StepProcess.boot().orElse("-");
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
            Files.deleteIfExists(temporary);
            try (OutputStream out = PrivateFiles.write(temporary)) {
                in.transferTo(out);
            }
        }
        Files.move(temporary, script, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return script;
    }

    /**
     * Makes a supervisor run a step, whose folder exists. The supervisor ends when the step has ended and its exit
     * status is written. {@link #prepare} should follow.
     */
    synchronized Process spawn(StepLaunch launch, LaunchCommand command) throws IOException {
        Path folder = account.step(launch.clusterId(), launch.stepId());
        HiddenArguments hidden = HiddenArguments.of(command);
        Path file = LaunchFiles.write(folder, text(launch, command, hidden), hidden.input());
        String line = account.folder().relativize(file) + "\n";
        Process prepared = waiting;
        waiting = null;
        if (prepared != null && isSent(prepared, line)) {
            return prepared;
        }
        Process started = start();
        send(started, line);
        return started;
    }

    /** Starts the supervisor of the next step, unless one is waiting. */
    synchronized void prepare() throws IOException {
        if (!closed && (waiting == null || !waiting.isAlive())) {
            waiting = start();
        }
    }

    /** Ends the supervisor that waits for a step. */
    @Override
    public synchronized void close() {
        closed = true;
        if (waiting != null) {
            waiting.destroy();
            waiting = null;
        }
    }

    /** False if the supervisor was killed. */
    private static boolean isSent(Process supervisor, String line) {
        try {
            send(supervisor, line);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void send(Process supervisor, String line) throws IOException {
        try (OutputStream out = supervisor.getOutputStream()) {
            out.write(line.getBytes(StandardCharsets.UTF_8));
        }
    }

    private Process start() throws IOException {
        List<String> line = new ArrayList<>();
        if (hasSetsid) {
            line.add("setsid");
        }
        line.addAll(List.of("sh", script.toString(), boot));
        ProcessBuilder builder = new ProcessBuilder(line)
                .directory(account.folder().toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.putAll(common);
        return builder.start();
    }

    /**
     * The function for the supervisor's shell that becomes the step: sets the variables that are not common to all
     * steps, and replaces its process. In the function, so that they apply to the step but not to its supervisor.
     */
    private String text(StepLaunch launch, LaunchCommand command, HiddenArguments hidden) {
        ImmutableMap<String, String> environment = environment(launch);
        StringBuilder text = new StringBuilder("step() {\n");
        environment.forEach((name, value) -> {
            if (!value.equals(common.get(name))) {
                export(text, name, value);
            }
        });
        command.environment().forEach((name, value) -> export(text, name, expand(value, environment)));
        text.append("exec");
        hidden.command().forEach(word -> text.append(' ').append(ShellWord.quoted(word)));
        return text.append("\n}\n").toString();
    }

    private static void export(StringBuilder text, String name, String value) {
        text.append("export ")
                .append(name)
                .append('=')
                .append(ShellWord.quoted(value))
                .append('\n');
    }

    private ImmutableMap<String, String> environment(StepLaunch launch) {
        Path cluster = account.cluster(launch.clusterId());
        Path home = cluster.resolve("home");
        Map<String, String> environment = StepEnvironment.of(System.getenv(), home, account.s3(), storage);
        // The last two are on the PATH of a user of Amazon Linux: bootstrap actions install programs there.
        String programs = Stream.of(ShellPrograms.folder(cluster), home.resolve(".local/bin"), home.resolve("bin"))
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
        environment.merge("PATH", programs, (path, added) -> added + File.pathSeparator + path);
        environment.put(
                "TMPDIR",
                Leftovers.temporaryFolder(account.step(launch.clusterId(), launch.stepId()))
                        .toString());
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
