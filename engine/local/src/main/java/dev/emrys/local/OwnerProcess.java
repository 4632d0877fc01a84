package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
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
 * Finds the owner process of an account, and starts it if it does not run, detached from the terminal and from this
 * process. Several processes may do so at once: the account's lock lets one owner process continue. Thread-safe.
 */
public final class OwnerProcess {
    /** What the owner process reads of the variables that {@link StepEnvironment} keeps from a step. */
    private static final ImmutableSet<String> OWNER_VARIABLES = ImmutableSet.of("EMRYS_CACHE", "EMRYS_STEP_JAVA_HOME");

    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final long POLL_MILLIS = 40;
    private static final long RESPAWN_MILLIS = 1_000;

    private final Account account;
    private final ImmutableList<String> command;

    /** @param command starts a process that calls {@link Owner#run} for the account */
    public OwnerProcess(Account account, ImmutableList<String> command) {
        this.account = account;
        this.command = command;
    }

    public Account account() {
        return account;
    }

    /**
     * The address of the owner process. Blocks while it starts, at most 60 seconds.
     *
     * @throws UntrustedFileException when the account belongs to another user, or other users may write it
     * @throws LocalSetupException when it cannot be started
     */
    public synchronized OwnerAddress address() {
        account.check();
        Optional<OwnerAddress> found = OwnerAddress.read(account.ownerFile()).filter(OwnerAddress::answers);
        if (found.isPresent()) {
            return found.get();
        }
        try {
            account.create();
            return awaitAddress();
        } catch (IOException e) {
            throw new LocalSetupException(
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
            // macOS has no setsid: ignore the Ctrl-C of the terminal; an ignored signal stays ignored after exec.
            line.addAll(List.of("sh", "-c", "trap '' INT HUP; exec \"$@\"", "sh"));
        }
        line.addAll(command);
        PrivateFiles.createFile("file", account.ownerLog());
        ProcessBuilder builder = new ProcessBuilder(line)
                .directory(account.folder().toFile())
                .redirectInput(new java.io.File("/dev/null"))
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(account.ownerLog().toFile()))
                .redirectErrorStream(true);
        // A step can read the environment of each process of this user, and so of the process that starts it.
        builder.environment()
                .keySet()
                .removeIf(name -> StepEnvironment.isAccountVariable(name) && !OWNER_VARIABLES.contains(name));
        return builder.start();
    }

    private OwnerAddress awaitAddress() throws IOException {
        Process process = spawn();
        Instant deadline = Instant.now().plus(START_TIMEOUT);
        while (Instant.now().isBefore(deadline)) {
            Optional<OwnerAddress> found =
                    OwnerAddress.read(account.ownerFile()).filter(OwnerAddress::answers);
            if (found.isPresent()) {
                return found.get();
            }
            if (!process.isAlive() && process.exitValue() == 0) {
                // Another process owns the account: it will answer soon, or it is ending, and a new process can take
                // the lock.
                pause(RESPAWN_MILLIS);
                process = spawn();
            } else if (!process.isAlive()) {
                throw new LocalSetupException(
                        "The emulator of the local account ended with exit code " + process.exitValue() + ":\n"
                                + lastLines() + "\n    The whole log: " + account.ownerLog(),
                        null);
            }
            pause(POLL_MILLIS);
        }
        throw new LocalSetupException(
                "The emulator of the local account did not answer within " + START_TIMEOUT.toSeconds()
                        + " seconds.\n    Its log: " + account.ownerLog(),
                null);
    }

    private static void pause(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalSetupException("Interrupted while the emulator of the local account started.", e);
        }
    }

    private String lastLines() throws IOException {
        List<String> lines = Files.readAllLines(account.ownerLog(), StandardCharsets.UTF_8);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
    }
}
