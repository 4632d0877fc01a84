package dev.emrys.local;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.emrys.sqlite.ProcessLock;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The class-data archive of Spark's class path, from which a JVM maps classes in place of reading, parsing and
 * verifying them. Made once for a JDK and a class path, about 190 MB, by a process of its own that runs no code of an
 * author, and kept in the cache folder, readable for this user only.
 *
 * <p>A JVM refuses an archive of another JDK or class path, but one that is incomplete ends it with a fatal error. So
 * an archive gets its name when it is complete, and is used only while its checksum is right. Thread-safe, also between
 * processes.
 *
 * @see <a href="https://docs.oracle.com/en/java/javase/17/vm/class-data-sharing.html">Class Data Sharing</a>
 */
final class ClassArchive {
    private static final Logger LOG = LoggerFactory.getLogger(ClassArchive.class);

    /** Changes with what {@code StartUpTraining} does. */
    private static final String VERSION = "1";

    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final String CHECKSUM = ".sum";

    /** For other JDKs and versions of Emrys. */
    private static final int KEPT = 3;

    private final Path cache;
    private final Path file;
    private final String user;

    /**
     * @param cache the folder for it; other users may have theirs there
     * @param jvm the JVM that shall use it
     * @param name of the distribution, with its version
     * @param jars the first part of the class path, without folders
     */
    ClassArchive(Path cache, StepJvm jvm, String name, List<Path> jars) throws IOException {
        this.cache = cache;
        this.user = name + "-" + System.getProperty("user.name", "").replaceAll("[^A-Za-z0-9_]", "_") + "-";
        this.file = cache.resolve(user + key(jvm, jars) + ".jsa");
    }

    /** A JVM compares the same of each jar. */
    private static String key(StepJvm jvm, List<Path> jars) throws IOException {
        Hasher hasher = Hashing.sha256().newHasher();
        Path home = jvm.java().toRealPath().resolveSibling("..").normalize();
        hasher.putString(VERSION + "\n" + home + "\n", StandardCharsets.UTF_8);
        for (Path part : ImmutableList.of(home.resolve("release"), home.resolve("lib/modules"))) {
            put(hasher, part);
        }
        for (Path jar : jars) {
            put(hasher, jar);
        }
        return hasher.hash().toString().substring(0, 12);
    }

    private static void put(Hasher hasher, Path part) throws IOException {
        hasher.putString(
                part + " " + Files.size(part) + " " + Files.getLastModifiedTime(part) + "\n", StandardCharsets.UTF_8);
    }

    /** The archive, if there is one that is complete and belongs to this user. */
    Optional<Path> find() {
        try {
            boolean usable = Files.isReadable(file)
                    && PrivateFiles.check("file", file)
                    && Files.readString(checksumFile(file)).equals(checksum(file));
            return usable ? Optional.of(file) : Optional.empty();
        } catch (IOException | UntrustedFileException e) {
            return Optional.empty();
        }
    }

    private static Path checksumFile(Path archive) {
        return archive.resolveSibling(archive.getFileName() + CHECKSUM);
    }

    private static String checksum(Path archive) throws IOException {
        return Files.size(archive) + " " + MoreFiles.asByteSource(archive).hash(Hashing.crc32c()) + "\n";
    }

    /** A program that loads the classes which small jobs use, in a JVM that writes them when it ends. */
    interface Training {
        /**
         * The command.
         *
         * @param flags for the JVM
         * @param folder for its files, deleted afterwards
         */
        List<String> command(List<String> flags, Path folder);
    }

    /**
     * Makes the archive unless there is one, or another process makes one. It takes about a minute of processor time,
     * with the lowest priority.
     *
     * @throws InterruptedException when this thread is interrupted; then the process is ended and nothing is left
     */
    void make(Training training) throws IOException, InterruptedException {
        Files.createDirectories(cache);
        Optional<ProcessLock> lock = ProcessLock.tryAcquire(cache.resolve(user + "archive.lock"));
        if (lock.isEmpty()) {
            return;
        }
        try {
            deleteFolders();
            if (find().isEmpty()) {
                Path folder = cache.resolve(
                        user + "archive-" + ProcessHandle.current().pid());
                PrivateFiles.createFolder("folder", folder);
                try {
                    make(training, folder);
                } finally {
                    delete(folder);
                }
            }
        } finally {
            lock.get().close();
        }
    }

    private void make(Training training, Path folder) throws IOException, InterruptedException {
        Path made = folder.resolve("classes.jsa");
        ImmutableList<String> command = ImmutableList.<String>builder()
                .add("nice", "-n", "19")
                .addAll(training.command(ImmutableList.of("-XX:ArchiveClassesAtExit=" + made), folder))
                .build();
        File output = folder.resolve("output").toFile();
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output);
        Map<String, String> environment = builder.environment();
        String path = environment.getOrDefault("PATH", "/usr/bin:/bin");
        environment.clear();
        environment.putAll(
                Map.of("PATH", path, "HOME", folder.toString(), "LC_ALL", "C.UTF-8", "SPARK_LOCAL_IP", "127.0.0.1"));
        Process process = builder.start();
        try {
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new IOException("not ended after " + LIMIT.toMinutes() + " minutes");
            }
        } finally {
            process.destroyForcibly();
        }
        if (process.exitValue() != 0 || !Files.isRegularFile(made)) {
            throw new IOException("exit code " + process.exitValue() + ": " + lastLines(output.toPath()));
        }
        PrivateFiles.narrow(made);
        Path sum = folder.resolve("sum");
        PrivateFiles.write(sum, checksum(made));
        Files.move(sum, checksumFile(file), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Files.move(made, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        deleteOld();
    }

    private static String lastLines(Path output) throws IOException {
        List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
        return Joiner.on('\n').join(lines.subList(Math.max(0, lines.size() - 5), lines.size()));
    }

    /** What a process left that was killed. Called with the lock: no other process makes an archive now. */
    private void deleteFolders() throws IOException {
        for (Path folder : named("archive-\\d+")) {
            delete(folder);
        }
    }

    private void deleteOld() throws IOException {
        List<Path> archives = named("[0-9a-f]{12}\\.jsa").stream()
                .sorted(Comparator.comparing((Path archive) -> archive.toFile().lastModified())
                        .reversed())
                .toList();
        for (Path old : archives.subList(Math.min(KEPT, archives.size()), archives.size())) {
            Files.deleteIfExists(old);
            Files.deleteIfExists(checksumFile(old));
        }
    }

    private List<Path> named(String pattern) throws IOException {
        try (Stream<Path> all = Files.list(cache)) {
            return all.filter(path -> {
                        String name = String.valueOf(path.getFileName());
                        return name.startsWith(user)
                                && name.substring(user.length()).matches(pattern);
                    })
                    .toList();
        }
    }

    private static void delete(Path folder) {
        try {
            MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
        } catch (IOException e) {
            LOG.debug("The folder {} is deleted later.", folder, e);
        }
    }
}
