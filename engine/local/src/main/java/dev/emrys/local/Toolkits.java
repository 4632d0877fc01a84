package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * Finds the jars of a toolkit: once through Maven's resolver, from then on from a lock file that lists each jar and its size. A jar
 * that has gone or changed its size makes it resolve anew. Several processes may ask at once: one resolves, the others wait.
 */
public final class Toolkits {
    private final Path cache;
    private final ToolkitResolver resolver;

    /** @param cache the folder of the lock files */
    public Toolkits(Path cache, ToolkitResolver resolver) {
        this.cache = cache;
        this.resolver = resolver;
    }

    /** Hears what is being fetched, and how much has come. Called from several threads. */
    public interface Progress {
        Progress NONE = (what, files, bytes) -> {};

        void fetched(String what, int files, long bytes);
    }

    /**
     * The jars of a toolkit, in the order of the class path.
     *
     * @throws ToolkitException when they cannot be had
     */
    public ImmutableList<Path> jars(Toolkit toolkit, Progress progress) {
        Path lockFile = lockFile(toolkit);
        Optional<ImmutableList<Path>> locked = read(lockFile);
        if (locked.isPresent()) {
            return locked.get();
        }
        // The kernel's lock is per process: within this one, a monitor lets one thread at a time ask for it.
        synchronized (Toolkits.class) {
            return resolve(toolkit, lockFile, progress);
        }
    }

    private ImmutableList<Path> resolve(Toolkit toolkit, Path lockFile, Progress progress) {
        try {
            Files.createDirectories(cache);
            try (FileChannel channel = FileChannel.open(
                            cache.resolve("resolving.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock held = channel.lock()) {
                Optional<ImmutableList<Path>> meanwhile = held.isValid() ? read(lockFile) : Optional.empty();
                if (meanwhile.isPresent()) {
                    return meanwhile.get();
                }
                ImmutableList<Path> jars = resolver.resolve(toolkit, progress);
                write(lockFile, jars);
                return jars;
            }
        } catch (IOException e) {
            throw new ToolkitException(
                    "The folder " + cache + " cannot be used: " + e.getMessage()
                            + ".\n    Give this user the right to write there, or name another one in EMRYS_CACHE.",
                    e);
        }
    }

    private Path lockFile(Toolkit toolkit) {
        String hash = Hashing.sha256()
                .hashString(toolkit + "\n" + resolver.identity(), StandardCharsets.UTF_8)
                .toString()
                .substring(0, 12);
        return cache.resolve(toolkit.name() + "-" + hash + ".lock");
    }

    private static Optional<ImmutableList<Path>> read(Path lockFile) {
        try {
            ImmutableList.Builder<Path> jars = ImmutableList.builder();
            List<String> lines = Files.readAllLines(lockFile, StandardCharsets.UTF_8);
            for (String line : lines) {
                int space = line.indexOf(' ');
                Path jar = Path.of(line.substring(space + 1));
                if (Files.size(jar) != Long.parseLong(line.substring(0, space))) {
                    return Optional.empty();
                }
                jars.add(jar);
            }
            return lines.isEmpty() ? Optional.empty() : Optional.of(jars.build());
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    private void write(Path lockFile, ImmutableList<Path> jars) throws IOException {
        StringBuilder text = new StringBuilder();
        for (Path jar : jars) {
            text.append(Files.size(jar)).append(' ').append(jar).append('\n');
        }
        Path temporary = cache.resolve(
                lockFile.getFileName() + "." + ProcessHandle.current().pid());
        Files.writeString(temporary, text, StandardCharsets.UTF_8);
        Files.move(temporary, lockFile, StandardCopyOption.ATOMIC_MOVE);
    }
}
