package dev.emrys.sqlite;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.security.SecureRandom;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An open file for kernel locks, which exists only while processes use it: the last one to close it removes it. A
 * process that is killed leaves it, and the next one that uses it removes it.
 *
 * <p>A process may open the file, and lock it after another process has removed it: that lock does not exclude a
 * process that creates the file again. So a lock counts only if {@link #isCurrent} is true while it is held. Java does
 * not tell the inode number of an open file, and the one of the path is not enough, because a file system gives the
 * number of a removed file to the next one. So the file contains a random number, and its modification time is the same
 * number in microseconds. If the number that is read through the channel is equal to the modification time of the path,
 * the path names the open file. From then on its inode number is compared, which no other file can have while this one
 * is open.
 *
 * <p>The file gets its name by a hard link, when it has its number and its time; a process that is killed before leaves
 * a file with the number after that name. It is removed under an exclusive lock on the whole file. It stays
 * <ul>
 *   <li>if it is empty: an older Emrys created it, and may lock it without comparing it with the path;
 *   <li>if another program changed its modification time;
 *   <li>on a file system that has no hard links, or does not keep microseconds: the file is created empty there.
 * </ul>
 *
 * <p>POSIX drops all locks of a process on a file when the process closes any channel on it: see fcntl(2), "Advisory
 * record locking". So a process has one open channel for a file at a time, which is for the caller to ensure. Not
 * thread-safe.
 */
public final class LockFile implements AutoCloseable {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Times before 2038: some file systems have 32 bits for the seconds. */
    private static final long NUMBERS = TimeUnit.SECONDS.toMicros(Integer.MAX_VALUE);

    /** Longer than each number. */
    private static final int MAX_BYTES = 32;

    private final Path path;
    private final FileChannel channel;
    private final FileIdentity identity;
    private final boolean removable;

    private LockFile(Path path, FileChannel channel, FileIdentity identity, boolean removable) {
        this.path = path;
        this.channel = channel;
        this.identity = identity;
        this.removable = removable;
    }

    /**
     * Opens the file, and creates it when it is missing. Locks nothing.
     *
     * @param attributes of a file that is created
     */
    public static LockFile open(Path path, FileAttribute<?>... attributes) throws IOException {
        OptionalLong before = OptionalLong.empty();
        while (true) {
            FileChannel channel;
            try {
                channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
            } catch (NoSuchFileException e) {
                create(path, attributes);
                continue;
            }
            boolean opened = false;
            try {
                OptionalLong number = number(channel);
                BasicFileAttributes named = Files.readAttributes(path, BasicFileAttributes.class);
                boolean isNamed = number.isPresent() && time(number.getAsLong()).equals(named.lastModifiedTime());
                // The second time, this file was at the path in between too, because a removed file gets no name again:
                // its time was changed.
                if (isNamed || number.isEmpty() || number.equals(before)) {
                    opened = true;
                    return new LockFile(path, channel, FileIdentity.of(path, named), isNamed);
                }
                before = number;
            } catch (NoSuchFileException e) {
                // Another process has just removed it.
            } finally {
                if (!opened) {
                    channel.close();
                }
            }
        }
    }

    /** Empty for a file without a number. */
    private static OptionalLong number(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(MAX_BYTES);
        int length = Math.max(0, channel.read(bytes, 0));
        try {
            return OptionalLong.of(Long.parseLong(new String(bytes.array(), 0, length, StandardCharsets.US_ASCII)));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    private static FileTime time(long number) {
        return FileTime.from(number, TimeUnit.MICROSECONDS);
    }

    private static void create(Path path, FileAttribute<?>... attributes) throws IOException {
        long number = RANDOM.nextLong(NUMBERS);
        Path temporary = path.resolveSibling(path.getFileName() + "." + number);
        try {
            try (var channel = Files.newByteChannel(
                    temporary, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
                channel.write(ByteBuffer.wrap(Long.toString(number).getBytes(StandardCharsets.US_ASCII)));
            }
            Files.setLastModifiedTime(temporary, time(number));
            if (Files.getLastModifiedTime(temporary).equals(time(number))) {
                Files.createLink(path, temporary);
                return;
            }
        } catch (FileAlreadyExistsException e) {
            // Another process was faster, or the path is a symbolic link to a file that is missing.
            if (!Files.isSymbolicLink(path)) {
                return;
            }
        } catch (UnsupportedOperationException | IOException e) {
            // No hard links, or a full disk, which may have room for an empty file.
        } finally {
            delete(temporary);
        }
        FileChannel.open(path, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), attributes)
                .close();
    }

    /** For locks. Closing it closes this file without removing it. */
    public FileChannel channel() {
        return channel;
    }

    /** The open file. */
    public FileIdentity identity() {
        return identity;
    }

    /** Whether the path still names the open file. */
    public boolean isCurrent() {
        return identity.isCurrent();
    }

    /**
     * Removes the file unless another process has a lock in it, and closes it. To be called when this process has no
     * lock in it.
     */
    @Override
    public void close() throws IOException {
        close(null);
    }

    /** @param whole the lock on the whole file, if this process has it */
    void close(@Nullable FileLock whole) throws IOException {
        try (channel) {
            if (removable && (whole != null || channel.tryLock() != null) && isCurrent()) {
                delete(path);
            }
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // This user may not write in the folder, for instance: the file stays, which does no harm.
        }
    }
}
