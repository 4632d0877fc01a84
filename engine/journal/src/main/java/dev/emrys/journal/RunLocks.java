package dev.emrys.journal;

import com.google.common.hash.Hashing;
import dev.emrys.sqlite.LockFile;
import java.io.IOException;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Kernel locks on single bytes of one file, a byte for each run. A lock ends with the process that holds it, so no
 * lease expires while a machine is suspended, and a resume after a crash need not wait. Thread-safe.
 *
 * <p>A driver locks its byte exclusively. A query of the holder locks it shared, so that several processes that query
 * do not mistake each other for a driver.
 *
 * <p>POSIX drops all locks of a process on a file when the process closes <em>any</em> channel on it (see fcntl(2),
 * "Advisory record locking"). So this JVM has one channel for each file, which stays open while a lock is held.
 *
 * <p>The last process that closes the file removes it; see {@link LockFile}.
 */
final class RunLocks implements AutoCloseable {
    private static final FileAttribute<?>[] OWNER_ONLY =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                    ? new FileAttribute<?>[] {
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                    }
                    : new FileAttribute<?>[0];

    private static final int ATTEMPTS = 8;
    private static final long PAUSE_NANOS = 15_000_000;

    /** The byte of a run is one of the 2^62 before it. */
    private static final long NO_RUN = 1L << 62;

    /** By its real path; guards itself and everything in it. */
    private static final Map<Path, OpenFile> OPEN_IN_THIS_JVM = new HashMap<>();

    /** The file at a path. If it is replaced while this JVM has locks in it, it stays open beside the new one. */
    private static final class OpenFile {
        final Path path;
        final Map<Long, FileLock> held = new HashMap<>();
        final List<LockFile> replaced = new ArrayList<>();
        LockFile file;
        int users;

        OpenFile(Path path) throws IOException {
            this.path = path;
            this.file = LockFile.open(path, OWNER_ONLY);
        }

        /** The file that the path names now, unless another process removes it at this moment. */
        LockFile current() throws IOException {
            if (!file.isCurrent()) {
                LockFile before = file;
                file = LockFile.open(path, OWNER_ONLY);
                replaced.add(before);
                if (held.isEmpty()) {
                    closeReplaced();
                }
            }
            return file;
        }

        private void closeReplaced() throws IOException {
            for (LockFile before : replaced) {
                before.close();
            }
            replaced.clear();
        }

        void closeIfUnused() throws IOException {
            if (users == 0 && held.isEmpty()) {
                OPEN_IN_THIS_JVM.remove(path, this);
                file.close();
                closeReplaced();
            }
        }
    }

    private final Path file;
    private @Nullable OpenFile open;
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
                OpenFile locks = open();
                long position = position(run);
                while (!locks.held.containsKey(position)) {
                    LockFile current = locks.current();
                    FileLock lock = current.channel().tryLock(position, 1, false);
                    if (lock == null) {
                        return Optional.empty();
                    }
                    if (current.isCurrent()) {
                        locks.held.put(position, lock);
                        return Optional.of(() -> release(locks, position, lock));
                    }
                    lock.release();
                }
                return Optional.empty();
            } catch (IOException e) {
                throw new JournalException(
                        "The lock of run " + run + " cannot be acquired in " + file + ": " + e.getMessage()
                                + ".\n    Check that the state folder is on a local disk and that this user may write there.",
                        e);
            }
        }
    }

    private static void release(OpenFile locks, long position, FileLock lock) {
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
        for (int attempt = 1; ; attempt++) {
            Optional<Boolean> held = isHeldOnce(run);
            if (held.isPresent() || attempt == ATTEMPTS) {
                return held.orElse(true);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /** @return empty while another process has locked the whole file to remove it, which takes microseconds */
    private Optional<Boolean> isHeldOnce(String run) {
        synchronized (OPEN_IN_THIS_JVM) {
            try {
                long position = position(run);
                if (open != null && open.held.containsKey(position)) {
                    return Optional.of(true);
                }
                if (!Files.exists(file)) {
                    return Optional.of(false);
                }
                OpenFile locks = open();
                if (locks.held.containsKey(position)) {
                    return Optional.of(true);
                }
                LockFile current = locks.current();
                // While this process has it, no other process can lock the whole file.
                try (FileLock noRun = current.channel().tryLock(NO_RUN, 1, true)) {
                    if (noRun == null) {
                        return Optional.empty();
                    }
                    try (FileLock shared = current.channel().tryLock(position, 1, true)) {
                        return shared == null
                                ? Optional.of(true)
                                : current.isCurrent() ? Optional.of(false) : Optional.empty();
                    }
                }
            } catch (IOException e) {
                throw new JournalException(
                        "It cannot be determined who drives run " + run + ": " + file + ": " + e.getMessage(), e);
            }
        }
    }

    /** By whatever path the file is reached, it is the same entry. */
    private OpenFile open() throws IOException {
        if (open == null) {
            if (closed) {
                throw new JournalException("The journal is closed.", null);
            }
            Path folder = file.toAbsolutePath().getParent();
            Path real = folder == null
                    ? file
                    : folder.toRealPath().resolve(file.getFileName().toString());
            OpenFile found = OPEN_IN_THIS_JVM.get(real);
            if (found == null) {
                found = new OpenFile(real);
                OPEN_IN_THIS_JVM.put(real, found);
            }
            found.users++;
            open = found;
        }
        return open;
    }

    /** One of 2^62 bytes. A lock may be behind the end of the file. */
    private static long position(String run) {
        return Hashing.sha256().hashString(run, StandardCharsets.UTF_8).asLong() & (Long.MAX_VALUE >> 1);
    }

    /** Locks that are held stay held. */
    @Override
    public void close() {
        synchronized (OPEN_IN_THIS_JVM) {
            closed = true;
            if (open != null) {
                OpenFile locks = open;
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
