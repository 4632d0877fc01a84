package dev.emrys.journal;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * One kernel file lock per run: it ends with the process that holds it, so no lease can expire in a laptop's sleep, and a resume
 * after a crash waits for nothing.
 *
 * <p>POSIX drops a process's lock on a file when the process closes <em>any</em> channel on it. So within this JVM a map says
 * which are held, and the file of a lock that it holds is never opened again: who holds it stands in a file beside it.
 */
final class RunLocks {
    private static final Map<Path, FileChannel> HELD_BY_THIS_JVM = new HashMap<>();

    private static final int TRIES = 8;
    private static final long BETWEEN_TRIES_NANOS = 15_000_000;

    private final Path folder;

    RunLocks(Path folder) {
        this.folder = folder;
    }

    Optional<Journal.Ownership> own(String run) {
        synchronized (HELD_BY_THIS_JVM) {
            try {
                Files.createDirectories(folder);
                Path file = folder.toRealPath().resolve(run + ".lock");
                if (HELD_BY_THIS_JVM.containsKey(file)) {
                    return Optional.empty();
                }
                FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                if (!lock(channel)) {
                    channel.close();
                    return Optional.empty();
                }
                HELD_BY_THIS_JVM.put(file, channel);
                try {
                    writeHolder(run);
                } catch (IOException e) {
                    release(file, channel);
                    throw e;
                }
                return Optional.of(() -> release(file, channel));
            } catch (IOException e) {
                throw new JournalException(
                        "The lock of run " + run + " cannot be taken in " + folder + ": " + e.getMessage()
                                + ".\n    Check that the state folder is on a local disk and may be written.",
                        e);
            }
        }
    }

    /** Whoever looks who holds the lock takes it for a moment to see: that must not turn a driver away. */
    private static boolean lock(FileChannel channel) throws IOException {
        for (int tries = 0; tries < TRIES; tries++) {
            if (channel.tryLock() != null) {
                return true;
            }
            LockSupport.parkNanos(BETWEEN_TRIES_NANOS);
        }
        return false;
    }

    private static void release(Path file, FileChannel channel) {
        synchronized (HELD_BY_THIS_JVM) {
            // Only the channel that holds it: whoever closes twice must not free the next holder.
            if (HELD_BY_THIS_JVM.remove(file, channel)) {
                try {
                    channel.close();
                } catch (IOException e) {
                    throw new JournalException("The lock " + file + " cannot be released: " + e.getMessage(), e);
                }
            }
        }
    }

    /** Who holds the lock, if anybody does. */
    Optional<Journal.Holder> holder(String run) {
        return held(run) ? readHolder(run) : Optional.empty();
    }

    private boolean held(String run) {
        synchronized (HELD_BY_THIS_JVM) {
            Path file = folder.resolve(run + ".lock");
            if (!Files.exists(file)) {
                return false;
            }
            try {
                file = file.toRealPath();
                if (HELD_BY_THIS_JVM.containsKey(file)) {
                    return true;
                }
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    return channel.tryLock() == null;
                }
            } catch (IOException e) {
                throw new JournalException(
                        "Who drives run " + run + " cannot be seen: " + file + ": " + e.getMessage(), e);
            }
        }
    }

    private void writeHolder(String run) throws IOException {
        String text = ProcessHandle.current().pid() + "\n" + host() + "\n" + Instant.now() + "\n";
        Path temporary =
                folder.resolve(run + ".holder." + ProcessHandle.current().pid());
        Files.writeString(temporary, text, StandardCharsets.UTF_8);
        Files.move(temporary, folder.resolve(run + ".holder"), StandardCopyOption.ATOMIC_MOVE);
    }

    private Optional<Journal.Holder> readHolder(String run) {
        try {
            List<String> lines = Files.readAllLines(folder.resolve(run + ".holder"), StandardCharsets.UTF_8);
            return Optional.of(
                    new Journal.Holder(Long.parseLong(lines.get(0)), lines.get(1), Instant.parse(lines.get(2))));
        } catch (IOException | RuntimeException e) {
            // It is held, but by whom is not written yet: say so rather than nothing.
            return Optional.of(new Journal.Holder(0, "?", Instant.EPOCH));
        }
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
