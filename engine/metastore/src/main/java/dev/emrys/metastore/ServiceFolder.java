package dev.emrys.metastore;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The folder of a cluster's metastore service, of mode 0700. {@code port} and {@code command} are written by the
 * module local before a program on Spark starts. The service holds {@code service.lock} as long as it lives; {@code
 * ready}, with the id of its process, exists when it answers, and {@code failed} when it could not be started. Files
 * have mode 0600. Thread-safe.
 *
 * @param path absolute
 */
record ServiceFolder(Path path) {
    private static final int SECRET_BYTES = 32;

    /** One check at a time in this JVM: a lock of another thread cannot be told from one of another process. */
    private static final Object CHECK = new Object();

    Path ready() {
        return path.resolve("ready");
    }

    Path log() {
        return path.resolve("service.log");
    }

    Path startLock() {
        return path.resolve("start.lock");
    }

    private Path secretFile() {
        return path.resolve("secret");
    }

    private Path serviceLock() {
        return path.resolve("service.lock");
    }

    /** The address of the service as {@code hive.metastore.uris} has it. */
    String uri() throws IOException {
        return "thrift://127.0.0.1:" + port();
    }

    int port() throws IOException {
        return Integer.parseInt(
                Files.readString(path.resolve("port"), StandardCharsets.UTF_8).strip());
    }

    /** The words of the command that starts the service, without its arguments. */
    List<String> command() throws IOException {
        return List.of(Files.readString(path.resolve("command"), StandardCharsets.UTF_8)
                .split("\0"));
    }

    /** What a client and the service must both know. */
    String secret() throws IOException {
        return Files.readString(secretFile(), StandardCharsets.UTF_8);
    }

    /** The secret is deleted when the cluster has ended: then the service ends, and is not started again. */
    boolean hasSecret() {
        return Files.exists(secretFile());
    }

    /** Only while {@link #startLock} is held. */
    void createSecret() throws IOException {
        if (!hasSecret()) {
            byte[] secret = new byte[SECRET_BYTES];
            new SecureRandom().nextBytes(secret);
            move(HexFormat.of().formatHex(secret), secretFile());
        }
    }

    private void move(String text, Path file) throws IOException {
        Path temporary = Files.createTempFile(path, "new", ".tmp", attributes());
        Files.writeString(temporary, text, StandardCharsets.UTF_8);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Opens a file for writing, and creates it with mode 0600 if it does not exist. */
    FileChannel open(Path file, OpenOption... more) throws IOException {
        Set<OpenOption> options = new java.util.LinkedHashSet<>(List.of(more));
        options.add(StandardOpenOption.CREATE);
        options.add(StandardOpenOption.WRITE);
        return FileChannel.open(file, options, attributes());
    }

    /**
     * That the service could not be started.
     *
     * @param millis when, since the epoch
     * @param message why
     */
    record Failure(long millis, String message) {}

    /** The last failure with the present port and command; null if there is none. Another port may be free. */
    @Nullable
    Failure failure() throws IOException {
        try {
            String[] lines =
                    Files.readString(failureFile(), StandardCharsets.UTF_8).split("\n", 3);
            return lines.length == 3 && lines[1].equals(start())
                    ? new Failure(Long.parseLong(lines[0]), lines[2])
                    : null;
        } catch (NoSuchFileException | NumberFormatException e) {
            return null;
        }
    }

    /** Only while {@link #startLock} is held, as {@link #forgetFailure}. */
    void storeFailure(long millis, String message) throws IOException {
        move(millis + "\n" + start() + "\n" + message, failureFile());
    }

    void forgetFailure() throws IOException {
        Files.deleteIfExists(failureFile());
    }

    private Path failureFile() {
        return path.resolve("failed");
    }

    private String start() throws IOException {
        return port() + " " + command().hashCode();
    }

    /** Says that this process accepts connections, and its id. */
    void writeReady() throws IOException {
        move(Long.toString(ProcessHandle.current().pid()), ready());
    }

    /** Whether a service lives that accepts connections. */
    boolean isServing() throws IOException {
        return isAlive() && Files.exists(ready());
    }

    /** Whether a service lives, even if it does not accept connections yet. */
    boolean isAlive() throws IOException {
        synchronized (CHECK) {
            // A shared lock: two checks at once must not take each other for the service.
            try (FileChannel channel = open(serviceLock(), StandardOpenOption.READ);
                    FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true)) {
                return lock == null;
            } catch (OverlappingFileLockException e) {
                // Of this class in another class loader, which checks at this moment.
                return true;
            }
        }
    }

    /**
     * Takes the lock of the service until this process ends; null while another process has it. The file must never be
     * opened again here.
     */
    @Nullable
    FileLock tryServe() throws IOException {
        FileChannel channel = open(serviceLock());
        FileLock lock = channel.tryLock();
        if (lock == null) {
            channel.close();
        }
        return lock;
    }

    private FileAttribute<?>[] attributes() {
        return Files.getFileAttributeView(path, PosixFileAttributeView.class) == null
                ? new FileAttribute<?>[0]
                : new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                };
    }
}
