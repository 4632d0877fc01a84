package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import dev.emrys.sqlite.ProcessLock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Finds the jars of a distribution: the first time through Maven's resolver, then from a lock file that lists each jar
 * and its size. If a jar is missing or has another size, the distribution is resolved again. Thread-safe, also between
 * processes: one resolves, the others wait.
 */
public final class Distributions {
    /** After which time a repository is asked again for what it did not have. */
    private static final Duration ASK_AGAIN = Duration.ofDays(1);

    private final Path cache;
    private final DistributionResolver resolver;

    /** @param cache the folder of the lock files */
    public Distributions(Path cache, DistributionResolver resolver) {
        this.cache = cache;
        this.resolver = resolver;
    }

    /** The folder of the lock files. */
    Path cacheFolder() {
        return cache;
    }

    /** Receives the progress of downloads. Called from several threads. */
    public interface Progress {
        Progress NONE = (what, files, bytes) -> {};

        /** @param what the name of the distribution; {@code files} and {@code bytes}: downloaded so far */
        void fetched(String what, int files, long bytes);
    }

    /**
     * The jars of a distribution, in the order of the class path.
     *
     * @throws LocalSetupException when they cannot be resolved
     */
    public ImmutableList<Path> jars(Distribution distribution, Progress progress) {
        Path lockFile = lockFile(distribution);
        Optional<ImmutableList<Path>> locked = read(lockFile);
        if (locked.isPresent()) {
            return locked.get();
        }
        return resolve(distribution, lockFile, progress);
    }

    /**
     * What Maven's repositories do not have of a distribution; empty when it is resolved. A repository that did not have
     * it is not asked again for a day.
     *
     * @throws LocalSetupException when it cannot be resolved for another reason
     */
    Optional<String> missing(Distribution distribution, Progress progress) {
        Optional<String> known = knownMissing(distribution);
        if (known.isPresent()) {
            return known;
        }
        try {
            var unused = jars(distribution, progress);
            return Optional.empty();
        } catch (MissingArtifactsException e) {
            try {
                replace(missingFile(distribution), e.artifact() + "\n");
            } catch (IOException cannotWrite) {
                throw unusable(cannotWrite);
            }
            return Optional.of(e.artifact());
        }
    }

    /** What {@link #missing} has found within the last day. */
    Optional<String> knownMissing(Distribution distribution) {
        Path file = missingFile(distribution);
        try {
            Instant asked = Files.getLastModifiedTime(file).toInstant();
            return Files.isRegularFile(lockFile(distribution))
                            || asked.isBefore(Instant.now().minus(ASK_AGAIN))
                    ? Optional.empty()
                    : Optional.of(Files.readString(file, StandardCharsets.UTF_8).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private Path missingFile(Distribution distribution) {
        return lockFile(distribution).resolveSibling(lockFile(distribution).getFileName() + ".missing");
    }

    private ImmutableList<Path> resolve(Distribution distribution, Path lockFile, Progress progress) {
        try {
            Files.createDirectories(cache);
            ProcessLock held = ProcessLock.acquire(cache.resolve("resolving.lock"));
            try {
                Optional<ImmutableList<Path>> resolved = read(lockFile);
                if (resolved.isPresent()) {
                    return resolved.get();
                }
                ImmutableList<Path> jars = resolver.resolve(distribution, progress);
                write(lockFile, jars);
                return jars;
            } finally {
                held.close();
            }
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    private LocalSetupException unusable(IOException e) {
        return new LocalSetupException(
                "The folder " + cache + " cannot be used: " + e.getMessage()
                        + ".\n    Give this user the right to write there, or name another one in EMRYS_CACHE.",
                e);
    }

    private Path lockFile(Distribution distribution) {
        String hash = Hashing.sha256()
                .hashString(distribution + "\n" + resolver.identity(), StandardCharsets.UTF_8)
                .toString()
                .substring(0, 12);
        return cache.resolve(distribution.name() + "-" + hash + ".lock");
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
        replace(lockFile, text);
    }

    private void replace(Path file, CharSequence text) throws IOException {
        Path temporary =
                cache.resolve(file.getFileName() + "." + ProcessHandle.current().pid());
        Files.writeString(temporary, text, StandardCharsets.UTF_8);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
