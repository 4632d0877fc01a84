package dev.emrys.journal;

import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Kernel locks on single bytes of one file, a byte for each run. A lock ends with the process that holds it, so no lease expires
 * while a machine is suspended, and a resume after a crash need not wait. Thread-safe.
 *
 * <p>A driver locks its byte exclusively. A query of the holder locks it shared, so that several processes that query do not mistake
 * each other for a driver.
 *
 * <p>POSIX drops all locks of a process on a file when the process closes <em>any</em> channel on it (see fcntl(2), "Advisory record
 * locking"). So this JVM has one channel for each file, which stays open while a lock is held.
 */
final class RunLocks implements AutoCloseable {
    private static final int ATTEMPTS = 8;
    private static final long PAUSE_NANOS = 15_000_000;

    /** By its real path; guards itself and everything in it. */
    private static final Map<Path, LockFile> OPEN_IN_THIS_JVM = new HashMap<>();

    private static final class LockFile {
        final Path path;
        final FileChannel channel;
        final Map<Long, FileLock> held = new HashMap<>();
        int users;

        LockFile(Path path, FileChannel channel) {
            this.path = path;
            this.channel = channel;
        }

        void closeIfUnused() throws IOException {
            if (users == 0 && held.isEmpty()) {
                OPEN_IN_THIS_JVM.remove(path, this);
                channel.close();
            }
        }
    }

    private final Path file;
    private @Nullable LockFile open;
    private boolean closed;

    RunLocks(Path file) {
        this.file = file;
    }

    /** A lock that is held until it is released. */
    interface Held {
        /** A second call has no effect. */
        void release();
    }

    /** @return empty when another driver holds the lock */
    Optional<Held> tryLock(String run) {
        for (int attempt = 1; ; attempt++) {
            Optional<Held> held = tryLockOnce(run);
            if (held.isPresent() || attempt == ATTEMPTS || heldByThisJvm(run)) {
                return held;
            }
            // Another process may hold its shared lock for a query, which takes microseconds.
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private Optional<Held> tryLockOnce(String run) {
        synchronized (OPEN_IN_THIS_JVM) {
            try {
                LockFile locks = open();
                long position = position(run);
                if (locks.held.containsKey(position)) {
                    return Optional.empty();
                }
                FileLock lock = locks.channel.tryLock(position, 1, false);
                if (lock == null) {
                    return Optional.empty();
                }
                locks.held.put(position, lock);
                return Optional.of(() -> release(locks, position, lock));
            } catch (IOException e) {
                throw new JournalException(
                        "The lock of run " + run + " cannot be acquired in " + file + ": " + e.getMessage()
                                + ".\n    Check that the state folder is on a local disk and that this user may write there.",
                        e);
            }
        }
    }

    private static void release(LockFile locks, long position, FileLock lock) {
        synchronized (OPEN_IN_THIS_JVM) {
            // Only this lock: a second release must not release the lock of the next holder.
            if (locks.held.remove(position, lock)) {
                try {
                    lock.release();
                    locks.closeIfUnused();
                } catch (IOException e) {
                    throw new JournalException("A lock in " + locks.path + " cannot be released: " + e.getMessage(), e);
                }
            }
        }
    }

    private boolean heldByThisJvm(String run) {
        synchronized (OPEN_IN_THIS_JVM) {
            return open != null && open.held.containsKey(position(run));
        }
    }

    /** Whether a driver, in whatever process, holds the lock. */
    boolean isHeld(String run) {
        synchronized (OPEN_IN_THIS_JVM) {
            try {
                if (open == null && !Files.exists(file)) {
                    return false;
                }
                LockFile locks = open();
                long position = position(run);
                if (locks.held.containsKey(position)) {
                    return true;
                }
                try (FileLock shared = locks.channel.tryLock(position, 1, true)) {
                    return shared == null;
                }
            } catch (IOException e) {
                throw new JournalException(
                        "It cannot be determined who drives run " + run + ": " + file + ": " + e.getMessage(), e);
            }
        }
    }

    /** By whatever path the file is reached, it is the same entry. */
    private LockFile open() throws IOException {
        if (open == null) {
            if (closed) {
                throw new JournalException("The journal is closed.", null);
            }
            Path folder = file.toAbsolutePath().getParent();
            Path real = folder == null
                    ? file
                    : folder.toRealPath().resolve(file.getFileName().toString());
            LockFile found = OPEN_IN_THIS_JVM.get(real);
            if (found == null) {
                found = new LockFile(
                        real,
                        FileChannel.open(
                                real, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
                OPEN_IN_THIS_JVM.put(real, found);
            }
            found.users++;
            open = found;
        }
        return open;
    }

    /** One of 2^62 bytes. The file stays empty: a lock may be behind its end. */
    private static long position(String run) {
        return Hashing.sha256().hashString(run, StandardCharsets.UTF_8).asLong() & (Long.MAX_VALUE >> 1);
    }

    /** Locks that are held stay held. */
    @Override
    public void close() {
        synchronized (OPEN_IN_THIS_JVM) {
            closed = true;
            if (open != null) {
                LockFile locks = open;
                open = null;
                locks.users--;
                try {
                    locks.closeIfUnused();
                } catch (IOException e) {
                    throw new JournalException("The lock file " + file + " cannot be closed: " + e.getMessage(), e);
                }
            }
        }
    }
}
