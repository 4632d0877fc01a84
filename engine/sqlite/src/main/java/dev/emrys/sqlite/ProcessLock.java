package dev.emrys.sqlite;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An exclusive lock on a {@link LockFile}, held by one process, and by one of its threads at a time, which cannot
 * acquire it twice. It ends with the process. Thread-safe.
 */
public final class ProcessLock implements AutoCloseable {
    /** The files that this JVM has open, by their real paths; guards itself. */
    private static final Set<Path> IN_THIS_JVM = new HashSet<>();

    private final Path path;
    private final LockFile file;
    private final FileLock lock;

    private ProcessLock(Path path, LockFile file, FileLock lock) {
        this.path = path;
        this.file = file;
        this.lock = lock;
    }

    private interface Attempt {
        @Nullable
        FileLock on(FileChannel channel) throws IOException;
    }

    /**
     * Waits until no other process, and no other thread of this one, holds the lock.
     *
     * @param attributes of the file, if it is created
     */
    public static ProcessLock acquire(Path path, FileAttribute<?>... attributes) throws IOException {
        Path real = real(path);
        synchronized (IN_THIS_JVM) {
            while (!IN_THIS_JVM.add(real)) {
                try {
                    IN_THIS_JVM.wait();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new InterruptedIOException("Interrupted while another thread holds " + path);
                }
            }
        }
        return attempt(real, FileChannel::lock, attributes).orElseThrow();
    }

    /**
     * As {@link #acquire}, without waiting.
     *
     * @return empty when another process, or another thread of this one, holds the lock
     */
    public static Optional<ProcessLock> tryAcquire(Path path, FileAttribute<?>... attributes) throws IOException {
        Path real = real(path);
        synchronized (IN_THIS_JVM) {
            if (!IN_THIS_JVM.add(real)) {
                return Optional.empty();
            }
        }
        return attempt(real, FileChannel::tryLock, attributes);
    }

    private static Optional<ProcessLock> attempt(Path path, Attempt attempt, FileAttribute<?>... attributes)
            throws IOException {
        Optional<ProcessLock> acquired = Optional.empty();
        try {
            boolean replaced = true;
            while (acquired.isEmpty() && replaced) {
                LockFile file = LockFile.open(path, attributes);
                try {
                    FileLock lock = attempt.on(file.channel());
                    replaced = lock != null && !file.isCurrent();
                    if (lock != null && !replaced) {
                        acquired = Optional.of(new ProcessLock(path, file, lock));
                    }
                } finally {
                    if (acquired.isEmpty()) {
                        file.channel().close();
                    }
                }
            }
            return acquired;
        } finally {
            if (acquired.isEmpty()) {
                forget(path);
            }
        }
    }

    /** By whatever path its folder is reached, it is the same file. */
    private static Path real(Path path) throws IOException {
        Path absolute = path.toAbsolutePath();
        Path folder = absolute.getParent();
        return folder == null
                ? absolute
                : folder.toRealPath().resolve(absolute.getFileName().toString());
    }

    private static void forget(Path path) {
        synchronized (IN_THIS_JVM) {
            IN_THIS_JVM.remove(path);
            IN_THIS_JVM.notifyAll();
        }
    }

    /** The file that is locked. */
    public FileIdentity identity() {
        return file.identity();
    }

    /** Releases the lock and removes the file, unless it was replaced meanwhile. A second call has no effect. */
    @Override
    public void close() throws IOException {
        if (file.channel().isOpen()) {
            try {
                file.close(lock);
            } finally {
                forget(path);
            }
        }
    }
}
