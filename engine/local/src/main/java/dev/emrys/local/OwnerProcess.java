package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Finds the owner process of an account, and starts it, detached from the terminal and from this process, when it is not there.
 * Several processes may do so at once: the lock lets one of those that they start live. Thread-safe.
 */
public final class OwnerProcess {
    private static final Duration START_WITHIN = Duration.ofSeconds(60);
    private static final long LOOK_EVERY_MILLIS = 40;
    private static final long BETWEEN_SPAWNS_MILLIS = 1_000;

    private final Account account;
    private final ImmutableList<String> command;

    /** @param command starts the owner process of the account: it ends in a call of {@link Owner#run} */
    public OwnerProcess(Account account, ImmutableList<String> command) {
        this.account = account;
        this.command = command;
    }

    /**
     * Where the owner listens. Blocks while it starts.
     *
     * @throws ToolkitException when it cannot be started
     */
    public synchronized OwnerAddress address() {
        Optional<OwnerAddress> there = OwnerAddress.read(account.ownerFile()).filter(OwnerAddress::answers);
        if (there.isPresent()) {
            return there.get();
        }
        try {
            account.create();
            return await();
        } catch (IOException e) {
            throw new ToolkitException(
                    "The local account " + account.folder() + " cannot be used: " + e.getMessage()
                            + ".\n    Give this user the right to write there, or name another state folder with --state.",
                    e);
        }
    }

    private Process spawn() throws IOException {
        List<String> line = new ArrayList<>();
        if (Stream.of("/usr/bin/setsid", "/bin/setsid").anyMatch(path -> Files.isExecutable(Path.of(path)))) {
            line.add("setsid");
        } else {
            // No setsid (macOS): at least a Ctrl-C of the terminal is ignored, and stays ignored over exec.
            line.addAll(List.of("sh", "-c", "trap '' INT HUP; exec \"$@\"", "sh"));
        }
        line.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(line)
                .directory(account.folder().toFile())
                .redirectInput(new java.io.File("/dev/null"))
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(account.ownerLog().toFile()))
                .redirectErrorStream(true);
        return builder.start();
    }

    private OwnerAddress await() throws IOException {
        Process process = spawn();
        Instant deadline = Instant.now().plus(START_WITHIN);
        while (Instant.now().isBefore(deadline)) {
            Optional<OwnerAddress> there =
                    OwnerAddress.read(account.ownerFile()).filter(OwnerAddress::answers);
            if (there.isPresent()) {
                return there.get();
            }
            if (!process.isAlive() && process.exitValue() == 0) {
                // Another one owns the account and is about to answer, or was about to leave: then it is our turn.
                pause(BETWEEN_SPAWNS_MILLIS);
                process = spawn();
            } else if (!process.isAlive()) {
                throw new ToolkitException(
                        "The emulator of the local account ended with exit code " + process.exitValue() + ":\n"
                                + lastWords() + "\n    The whole log: " + account.ownerLog(),
                        null);
            }
            pause(LOOK_EVERY_MILLIS);
        }
        throw new ToolkitException(
                "The emulator of the local account did not answer within " + START_WITHIN.toSeconds()
                        + " seconds.\n    Its log: " + account.ownerLog(),
                null);
    }

    private static void pause(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ToolkitException("Interrupted while the emulator of the local account started.", e);
        }
    }

    private String lastWords() throws IOException {
        List<String> lines = Files.readAllLines(account.ownerLog(), StandardCharsets.UTF_8);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
    }
}
