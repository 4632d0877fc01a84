package dev.emrys.storage;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.util.concurrent.Striped;
import dev.emrys.s3fs.ObjectModes;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.locks.Lock;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Buckets and objects as folders and files. Thread-safe, also beside other processes that write in the folders. */
final class BucketFolders {
    /** Of the file system of the steps too. */
    private static final String UPLOADS = ".emrys-uploads";

    /** How long unfinished objects are kept. */
    static final Duration ABANDONED = Duration.ofDays(7);

    /** The names of the file system of the steps, with those of old buckets. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{2,254}");

    /** The names that a new bucket may have. */
    private static final Pattern NEW_NAME = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");

    private static final int LONGEST_KEY = 1024;
    private static final int LONGEST_PART = 255;
    private static final int TRIES = 10;

    private final Path root;
    private final InstantSource clock;
    private final Striped<Lock> locks = Striped.lock(64);

    BucketFolders(Path root, InstantSource clock) {
        this.root = root;
        this.clock = clock;
    }

    /** What must be true of the object that a new one replaces. */
    interface Condition {
        /** @param existing null when there is none */
        void check(@Nullable StoredObject existing) throws S3Exception;
    }

    /** An object that can be read although it is replaced or deleted meanwhile. */
    record Opened(StoredObject object, SeekableByteChannel content) {}

    ImmutableList<Path> buckets() throws IOException {
        try (Stream<Path> all = Files.list(root)) {
            return all.filter(path ->
                            NAME.matcher(String.valueOf(path.getFileName())).matches())
                    .filter(Files::isDirectory)
                    .sorted()
                    .collect(ImmutableList.toImmutableList());
        } catch (NoSuchFileException e) {
            return ImmutableList.of();
        }
    }

    boolean exists(String bucket) {
        return NAME.matcher(bucket).matches() && Files.isDirectory(root.resolve(bucket));
    }

    /** @throws S3Exception when there is no such bucket */
    Path bucket(String name) throws S3Exception {
        if (!exists(name)) {
            throw NAME.matcher(name).matches() ? S3Exception.noSuchBucket() : invalidName();
        }
        return root.resolve(name);
    }

    void createBucket(String name) throws IOException, S3Exception {
        if (!NEW_NAME.matcher(name).matches() || name.contains("..")) {
            throw invalidName();
        }
        ObjectModes.createFolders(root.resolve(name));
    }

    /** As {@link #createBucket}, with the names of old buckets and without an error for one that exists. */
    void ensureBucket(String name) throws IOException, S3Exception {
        if (!exists(name)) {
            if (!NAME.matcher(name).matches()) {
                throw invalidName();
            }
            ObjectModes.createFolders(root.resolve(name));
        }
    }

    void deleteBucket(String name) throws IOException, S3Exception {
        Path folder = bucket(name);
        if (ObjectWalk.hasObject(folder) || !isDeleted(folder)) {
            throw S3Exception.conflict("BucketNotEmpty", "The bucket you tried to delete is not empty");
        }
    }

    /** Null when there is no such object, also because the key cannot be a file. */
    @Nullable
    StoredObject find(String bucket, String key) throws IOException, S3Exception {
        Path folder = bucket(bucket);
        return isPossible(key) ? find(key, folder.resolve(key)) : null;
    }

    /** @throws S3Exception when there is none */
    Opened open(String bucket, String key) throws IOException, S3Exception {
        Path folder = bucket(bucket);
        Path file = isPossible(key) ? folder.resolve(key) : null;
        for (int i = 0; file != null && i < TRIES; i++) {
            StoredObject before = find(key, file);
            if (before == null) {
                break;
            }
            if (key.endsWith("/")) {
                return new Opened(before, new EmptyChannel());
            }
            SeekableByteChannel content;
            try {
                content = Files.newByteChannel(file);
            } catch (NoSuchFileException e) {
                continue;
            }
            if (content.size() == before.size() && before.equals(find(key, file))) {
                return new Opened(before, content);
            }
            content.close();
        }
        throw S3Exception.noSuchKey();
    }

    private static @Nullable StoredObject find(String key, Path file) throws IOException {
        BasicFileAttributes now = ExistingFiles.attributes(file);
        if (now == null) {
            return null;
        }
        if (key.endsWith("/")) {
            return now.isDirectory() && ObjectAttributes.isMarkedFolder(file) ? StoredObject.folder(key, now) : null;
        }
        return now.isRegularFile() ? StoredObject.file(key, file, now) : null;
    }

    /** A new file for an unfinished object. */
    Path newUpload() throws IOException {
        Path folder = root.resolve(UPLOADS);
        ObjectModes.createFolders(folder);
        Path upload = folder.resolve(UUID.randomUUID().toString());
        ObjectModes.createFile(upload);
        return upload;
    }

    /**
     * Makes a finished file the object.
     *
     * @throws S3Exception when the condition says so, or when no file can have the name
     */
    void publish(Path upload, String bucket, String key, Condition condition) throws IOException, S3Exception {
        requirePossible(key);
        Path file = bucket(bucket).resolve(key);
        Lock lock = locks.get(file);
        lock.lock();
        try {
            condition.check(find(key, file));
            if (Files.isDirectory(file) && (ObjectWalk.hasObject(file) || !isDeleted(file))) {
                throw impossible(key + "/ is a prefix of other objects");
            }
            createParents(key, file);
            Files.move(upload, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            lock.unlock();
        }
    }

    /** Creates the object of a key that ends with a slash. */
    void createFolder(String bucket, String key, Condition condition) throws IOException, S3Exception {
        requirePossible(key);
        Path folder = bucket(bucket).resolve(key);
        condition.check(find(key, folder));
        createParents(key, folder.resolve("child"));
        ObjectAttributes.markFolder(folder);
    }

    /** No effect if there is none. */
    void delete(String bucket, String key) throws IOException, S3Exception {
        Path folder = bucket(bucket);
        if (!isPossible(key)) {
            return;
        }
        Path file = folder.resolve(key);
        if (key.endsWith("/")) {
            ObjectAttributes.unmarkFolder(file);
        } else if (find(key, file) != null) {
            Files.deleteIfExists(file);
        }
    }

    /** Deletes the files of writers that ended long ago. */
    void deleteAbandoned() throws IOException {
        Path folder = root.resolve(UPLOADS);
        if (!Files.isDirectory(folder)) {
            return;
        }
        Instant before = clock.instant().minus(ABANDONED);
        try (Stream<Path> all = Files.list(folder)) {
            for (Path upload : (Iterable<Path>) all::iterator) {
                BasicFileAttributes now = ExistingFiles.attributes(upload);
                if (now != null && now.lastModifiedTime().toInstant().isBefore(before)) {
                    Files.deleteIfExists(upload);
                }
            }
        }
    }

    /** The folder for what is beside the buckets. */
    Path root() {
        return root;
    }

    private static void createParents(String key, Path file) throws IOException, S3Exception {
        try {
            ObjectModes.createFolders(Objects.requireNonNull(file.getParent()));
        } catch (FileAlreadyExistsException e) {
            throw impossible("a part of " + key + " is an object");
        } catch (FileSystemException e) {
            if (ExistingFiles.isBelowFile(file)) {
                throw impossible("a part of " + key + " is an object");
            }
            throw e;
        }
    }

    /** Deletes a folder in which are only folders. False if it has something else. */
    private static boolean isDeleted(Path folder) throws IOException {
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
                        throws IOException {
                    if (failure != null) {
                        throw failure;
                    }
                    Files.deleteIfExists(visited);
                    return FileVisitResult.CONTINUE;
                }
            });
            Files.deleteIfExists(folder);
            return true;
        } catch (DirectoryNotEmptyException e) {
            return false;
        }
    }

    /** @throws S3Exception saying why no file can have the name */
    static void requirePossible(String key) throws S3Exception {
        if (key.getBytes(StandardCharsets.UTF_8).length > LONGEST_KEY) {
            throw S3Exception.badRequest("KeyTooLongError", "Your key is too long");
        }
        List<String> parts = Splitter.on('/').splitToList(key);
        int count = key.endsWith("/") ? parts.size() - 1 : parts.size();
        for (int i = 0; i < count; i++) {
            String part = parts.get(i);
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                throw impossible("a part of it is \"" + part + "\"");
            }
            if (part.getBytes(StandardCharsets.UTF_8).length > LONGEST_PART) {
                throw S3Exception.badRequest(
                        "KeyTooLongError",
                        "The key cannot be stored on this machine: a part of it is longer than " + LONGEST_PART
                                + " bytes.");
            }
        }
        try {
            var unused = Path.of(key);
        } catch (InvalidPathException e) {
            throw impossible(e.getReason());
        }
    }

    private static boolean isPossible(String key) {
        try {
            requirePossible(key);
            return true;
        } catch (S3Exception e) {
            return false;
        }
    }

    private static S3Exception impossible(String why) {
        return S3Exception.invalidRequest("The key cannot be stored on this machine, where it is a file: " + why + ".");
    }

    private static S3Exception invalidName() {
        return S3Exception.badRequest("InvalidBucketName", "The specified bucket is not valid.");
    }
}
