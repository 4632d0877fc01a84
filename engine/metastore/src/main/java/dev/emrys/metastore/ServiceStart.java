package dev.emrys.metastore;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Starts the metastore service of a cluster if it does not live, in a session of its own: the end of the step that
 * starts it must not end it. Of several processes that want to start it one does, and the others wait. A failure is
 * remembered for a minute: Hive's client asks several times, and so do the next steps of the cluster. Thread-safe.
 */
final class ServiceStart {
    /** It takes 3 seconds on an idle machine. */
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    /** How long a failure is the answer, while the port and the command stay the same. */
    static final Duration MEMORY = Duration.ofMinutes(1);

    private static final long POLL_MILLIS = 20;
    private static final int LINES_OF_LOG = 20;

    /**
     * What the service keeps of the environment of the step. The two of Emrys are how the end of the cluster finds it;
     * a variable with a secret of the author must not live on in it.
     */
    private static final Set<String> VARIABLES =
            Set.of("EMRYS_S3_ROOT", "EMRYS_CLUSTER_ID", "HOME", "PATH", "LANG", "LC_ALL", "TZ");

    private static final Object IN_THIS_PROCESS = new Object();

    private final ServiceFolder folder;
    private final String warehouse;
    private final InstantSource clock;

    /** @param warehouse in which a new metastore creates the database {@code default} */
    ServiceStart(ServiceFolder folder, String warehouse) {
        this(folder, warehouse, InstantSource.system());
    }

    ServiceStart(ServiceFolder folder, String warehouse, InstantSource clock) {
        this.folder = folder;
        this.warehouse = warehouse;
        this.clock = clock;
    }

    /**
     * Returns when the service accepts connections.
     *
     * @throws IOException with the reason when it does not, at once if it did not a minute ago either
     */
    void ensure() throws IOException {
        // The file lock excludes other processes; a second use of it in this one would be an exception.
        synchronized (IN_THIS_PROCESS) {
            if (!folder.isServing()) {
                start();
            }
        }
    }

    /** On a full disk it is not remembered; why the start failed counts more. */
    private void remember(IOException failure) {
        try {
            folder.storeFailure(clock.millis(), String.valueOf(failure.getMessage()));
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private void start() throws IOException {
        try (FileChannel channel = folder.open(folder.startLock())) {
            FileLock unused = channel.lock();
            folder.createSecret();
            boolean lives = folder.isAlive();
            if (!lives) {
                failAsBefore();
            }
            try {
                awaitReady(lives ? null : spawn());
                folder.forgetFailure();
            } catch (IOException e) {
                if (!lives) {
                    remember(e);
                }
                throw e;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while the metastore service started.", e);
        }
    }

    private void failAsBefore() throws IOException {
        ServiceFolder.Failure failure = folder.failure();
        if (failure != null) {
            long millis = clock.millis() - failure.millis();
            if (millis >= 0 && millis < MEMORY.toMillis()) {
                throw new IOException("It was tried " + millis / 1000 + " seconds ago, and is tried again "
                        + MEMORY.toSeconds() + " seconds after that. " + failure.message());
            }
        }
    }

    /** @param started null if another process started it */
    private void awaitReady(@Nullable Process started) throws IOException, InterruptedException {
        long end = System.nanoTime() + TIMEOUT.toNanos();
        while (!Files.exists(folder.ready())) {
            if (started != null && !started.isAlive()) {
                throw new IOException("It ended with exit code " + started.exitValue() + ":\n" + lastLines());
            }
            if (started == null && !folder.isAlive()) {
                throw new IOException("It ended:\n" + lastLines());
            }
            if (System.nanoTime() > end) {
                if (started != null) {
                    started.destroyForcibly();
                }
                throw new IOException("It did not answer within " + TIMEOUT.toSeconds() + " seconds:\n" + lastLines());
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    private Process spawn() throws IOException {
        Files.deleteIfExists(folder.ready());
        folder.open(folder.log(), StandardOpenOption.TRUNCATE_EXISTING).close();
        List<String> line = new ArrayList<>();
        if (Stream.of("/usr/bin/setsid", "/bin/setsid").anyMatch(path -> Files.isExecutable(Path.of(path)))) {
            line.add("setsid");
        } else {
            // macOS has no setsid; an ignored signal stays ignored after exec.
            line.addAll(List.of("sh", "-c", "trap '' INT HUP; exec \"$@\"", "sh"));
        }
        line.addAll(folder.command());
        line.add(folder.path().toString());
        line.add(warehouse);
        ProcessBuilder builder = new ProcessBuilder(line)
                .directory(folder.path().toFile())
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.log().toFile()))
                .redirectErrorStream(true);
        builder.environment().keySet().retainAll(VARIABLES);
        return builder.start();
    }

    private String lastLines() throws IOException {
        if (!Files.exists(folder.log())) {
            return "It wrote no log.";
        }
        List<String> lines = Files.readAllLines(folder.log(), StandardCharsets.ISO_8859_1);
        String last =
                lines.stream().skip(Math.max(0, lines.size() - LINES_OF_LOG)).collect(Collectors.joining("\n"));
        return last + "\nThe whole log: " + folder.log();
    }
}
