package dev.emrys.s3fs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.io.WritableComparator;
import org.jspecify.annotations.Nullable;

/** One bucket as a folder: maps keys to files and operates on them. Uses files only, not Hadoop's paths. */
final class Bucket {
    /** Beside the buckets, with a name that no bucket can have: unfinished objects are in no listing. */
    static final String UPLOADS = ".emrys-uploads";

    /** How long the file of a killed writer is kept, like a lifecycle rule for incomplete uploads in S3. */
    static final Duration ABANDONED = Duration.ofDays(7);

    private static final Comparator<String> UTF8_ORDER = (left, right) -> {
        byte[] a = left.getBytes(StandardCharsets.UTF_8);
        byte[] b = right.getBytes(StandardCharsets.UTF_8);
        return WritableComparator.compareBytes(a, 0, a.length, b, 0, b.length);
    };

    private final String name;
    private final Path folder;
    private final Path uploads;
    private final @Nullable Path mounted;
    private final AtomicBoolean cleaned = new AtomicBoolean();

    Bucket(String name, Path root) {
        this(name, root, null);
    }

    /** @param mounted a folder outside, whose files have their own absolute paths as keys */
    Bucket(String name, Path root, @Nullable Path mounted) {
        this.name = name;
        this.folder = root.resolve(name);
        this.uploads = root.resolve(UPLOADS);
        this.mounted = mounted;
    }

    String name() {
        return name;
    }

    boolean exists() {
        return Files.isDirectory(folder);
    }

    boolean isRoot(Path file) {
        return file.equals(folder);
    }

    /**
     * The file of a key (a leading slash does not count).
     *
     * @throws IllegalArgumentException when the key is outside the bucket or is not a file name on this machine
     */
    Path file(String key) {
        Path file = folder;
        try {
            for (String part : key.split("/", -1)) {
                if (part.equals("..") || part.equals(".")) {
                    throw new IllegalArgumentException("a key with \"" + part + "\" in it would leave its bucket");
                }
                file = file.resolve(part);
            }
        } catch (InvalidPathException impossible) {
            throw new IllegalArgumentException(
                    impossible.getReason() + " (file names here are in " + System.getProperty("sun.jnu.encoding")
                            + "; LC_ALL=C.UTF-8 gives UTF-8)",
                    impossible);
        }
        if (mounted != null && folder.getFileSystem().getPath("/", key).startsWith(mounted)) {
            return folder.getFileSystem().getPath("/", key);
        }
        if (!file.normalize().startsWith(folder)) {
            throw new IllegalArgumentException("the key would leave its bucket");
        }
        return file;
    }

    /** Null when there is nothing, or something that is neither file nor folder. */
    @Nullable
    BasicFileAttributes find(Path file) throws IOException {
        try {
            BasicFileAttributes existing = Files.readAttributes(file, BasicFileAttributes.class);
            return existing.isDirectory() || existing.isRegularFile() ? existing : null;
        } catch (NoSuchFileException gone) {
            return null;
        } catch (FileSystemException unreadable) {
            // "a/b" does not exist where "a" is a file, but the file system reports another error.
            if (!canContain(file)) {
                return null;
            }
            throw unreadable;
        }
    }

    /** In the order of the names' UTF-8 bytes. */
    Map<String, BasicFileAttributes> list(Path prefix) throws IOException {
        Map<String, BasicFileAttributes> children = new TreeMap<>(UTF8_ORDER);
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(prefix)) {
            for (Path entry : entries) {
                BasicFileAttributes existing = find(entry);
                if (existing != null) {
                    children.put(String.valueOf(entry.getFileName()), existing);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException changed) {
            throw new IOException("The folder changed while it was listed: " + changed.getMessage(), changed);
        }
        return children;
    }

    /** Whether the file can exist: false when one of its parents is an object. */
    boolean canContain(Path file) {
        Path parent = file.getParent();
        while (parent != null && parent.startsWith(folder) && !Files.exists(parent)) {
            parent = parent.getParent();
        }
        return parent == null || !parent.startsWith(folder) || Files.isDirectory(parent);
    }

    /** A new file for an unfinished object. */
    Path newUpload() throws IOException {
        ObjectModes.createFolders(uploads);
        if (cleaned.compareAndSet(false, true)) {
            deleteAbandoned(Instant.now().minus(ABANDONED));
        }
        Path upload = uploads.resolve(UUID.randomUUID().toString());
        ObjectModes.createFile(upload);
        return upload;
    }

    /** Moves atomically, creates the parents, and replaces an existing file. */
    void move(Path source, Path target) throws IOException {
        try {
            ObjectModes.createFolders(
                    Objects.requireNonNull(target.toAbsolutePath().getParent()));
            Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException object) {
            throw new ParentNotDirectoryException("A part of the path is an object: " + object.getMessage());
        } catch (AtomicMoveNotSupportedException split) {
            throw new IOException(
                    "The bucket \"" + name
                            + "\" is on another disk than the folder of the buckets, so that objects cannot be "
                            + "created atomically. Keep it on the disk of " + uploads + ".",
                    split);
        }
    }

    /** Deletes recursively. A file that another process deletes at the same time is no error. */
    void delete(Path file) throws IOException {
        if (!Files.exists(file, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(file, new SimpleFileVisitor<Path>() {
            @Override
            public FileVisitResult visitFile(Path object, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(object);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path object, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path prefix, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.deleteIfExists(prefix);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private void deleteAbandoned(Instant before) throws IOException {
        for (Map.Entry<String, BasicFileAttributes> upload : list(uploads).entrySet()) {
            if (upload.getValue().lastModifiedTime().toInstant().isBefore(before)) {
                Files.deleteIfExists(uploads.resolve(upload.getKey()));
            }
        }
    }
}
