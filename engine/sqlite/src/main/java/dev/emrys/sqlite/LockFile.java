package dev.emrys.sqlite;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An exclusive lock of this process on a file that is removed when the lock is released. It ends with the process, whose file stays until the
 * next holder removes it. Another process may have opened the file before its removal, and lock it afterwards: so a lock counts only while the
 * path names the file that was opened.
 *
 * <p>A JVM holds a file's lock once: a second attempt throws {@link java.nio.channels.OverlappingFileLockException}.
 */
public final class LockFile implements AutoCloseable {
    private final Path path;
    private final FileChannel channel;
    private final FileIdentity identity;

    private LockFile(Path path, FileChannel channel, FileIdentity identity) {
        this.path = path;
        this.channel = channel;
        this.identity = identity;
    }

    /**
     * Waits until the lock is free.
     *
     * @param attributes of the file when it is created
     */
    public static LockFile acquire(Path path, FileAttribute<?>... attributes) throws IOException {
        return attempt(path, FileChannel::lock, attributes).orElseThrow();
    }

    /** @return empty when another process holds it */
    public static Optional<LockFile> tryAcquire(Path path, FileAttribute<?>... attributes) throws IOException {
        return attempt(path, FileChannel::tryLock, attributes);
    }

    private interface Attempt {
        @Nullable
        FileLock on(FileChannel channel) throws IOException;
    }

    private static Optional<LockFile> attempt(Path path, Attempt attempt, FileAttribute<?>... attributes)
            throws IOException {
        while (true) {
            create(path, attributes);
            @Nullable FileChannel channel = null;
            boolean acquired = false;
            try {
                FileIdentity identity = FileIdentity.of(path);
                channel = FileChannel.open(path, StandardOpenOption.WRITE);
                if (attempt.on(channel) == null) {
                    return Optional.empty();
                }
                if (identity.isCurrent()) {
                    acquired = true;
                    return Optional.of(new LockFile(path, channel, identity));
                }
            } catch (NoSuchFileException e) {
                // Its holder has just removed it.
            } finally {
                if (channel != null && !acquired) {
                    channel.close();
                }
            }
        }
    }

    private static void create(Path path, FileAttribute<?>... attributes) throws IOException {
        try {
            Files.createFile(path, attributes);
        } catch (FileAlreadyExistsException e) {
            // Another process holds the lock, or did and was killed.
        }
    }

    /** The file that is locked. */
    public FileIdentity identity() {
        return identity;
    }

    /** Removes the file, unless it was replaced meanwhile, and releases the lock. */
    @Override
    public void close() throws IOException {
        try (channel) {
            if (identity.isCurrent()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
