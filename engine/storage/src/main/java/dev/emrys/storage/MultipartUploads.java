package dev.emrys.storage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.io.BaseEncoding;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.emrys.s3fs.ObjectModes;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Multipart uploads that are not complete: a folder each beside the buckets, with a file for each part whose name has
 * its number and MD5. They outlive this process. Thread-safe.
 */
final class MultipartUploads {
    static final String FOLDER = ".emrys-multipart";

    private static final String DESCRIPTION = "upload.json";
    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");
    private static final Pattern PART = Pattern.compile("([0-9]{5})-([0-9a-f]{32})");
    private static final long SMALLEST_PART = 5L << 20;
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final BucketFolders buckets;
    private final InstantSource clock;

    MultipartUploads(BucketFolders buckets, InstantSource clock) {
        this.buckets = buckets;
        this.clock = clock;
    }

    /**
     * An upload.
     *
     * @param initiated milliseconds since 1970
     */
    record Upload(
            String id,
            String bucket,
            String key,
            long initiated,
            Map<String, String> headers,
            Map<String, String> metadata) {
        ObjectAttributes.Described described() {
            return new ObjectAttributes.Described(headers, metadata);
        }
    }

    /** @param etag without quotes */
    record Part(int number, String etag, Path file) {}

    /** What a client names to complete an upload. */
    record Named(int number, String etag) {}

    /** Fills the file of a part. */
    interface Content {
        /** @return the MD5 in hexadecimal digits */
        String write(OutputStream out) throws IOException, S3Exception;
    }

    Upload create(String bucket, String key, ObjectAttributes.Described described) throws IOException {
        String id = UUID.randomUUID().toString().replace("-", "");
        Upload upload =
                new Upload(id, bucket, key, clock.instant().toEpochMilli(), described.headers(), described.metadata());
        Path folder = folder(id);
        ObjectModes.createFolders(folder);
        Path file = folder.resolve(DESCRIPTION);
        ObjectModes.createFile(file);
        Files.writeString(file, MAPPER.writeValueAsString(upload));
        return upload;
    }

    /** @throws S3Exception when there is no such upload of the object */
    Upload find(String bucket, String key, String id) throws IOException, S3Exception {
        if (ID.matcher(id).matches()) {
            try {
                Upload upload = MAPPER.readValue(Files.readString(folder(id).resolve(DESCRIPTION)), Upload.class);
                if (upload.bucket().equals(bucket) && upload.key().equals(key)) {
                    return upload;
                }
            } catch (NoSuchFileException | JsonProcessingException e) {
                // As one that never was.
            }
        }
        throw S3Exception.noSuchUpload();
    }

    /** The uploads to a bucket, by key and time. */
    ImmutableList<Upload> list(String bucket) throws IOException {
        Path all = buckets.root().resolve(FOLDER);
        if (!Files.isDirectory(all)) {
            return ImmutableList.of();
        }
        ImmutableList.Builder<Upload> found = ImmutableList.builder();
        try (Stream<Path> folders = Files.list(all)) {
            for (Path folder : (Iterable<Path>) folders::iterator) {
                try {
                    Upload upload = MAPPER.readValue(Files.readString(folder.resolve(DESCRIPTION)), Upload.class);
                    if (upload.bucket().equals(bucket)) {
                        found.add(upload);
                    }
                } catch (NoSuchFileException | JsonProcessingException e) {
                    // It is just being created or deleted.
                }
            }
        }
        return ImmutableList.sortedCopyOf(
                Comparator.comparing(Upload::key, ObjectWalk.ORDER)
                        .thenComparing(Upload::initiated)
                        .thenComparing(Upload::id),
                found.build());
    }

    /** Stores a part in place of one with the same number. */
    Part store(Upload upload, int number, Content content) throws IOException, S3Exception {
        Path folder = folder(upload.id());
        Path unfinished = buckets.newUpload();
        try {
            String md5;
            try (OutputStream out = Files.newOutputStream(unfinished)) {
                md5 = content.write(out);
            }
            String name = String.format("%05d-%s", number, md5);
            Files.move(unfinished, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
            try (Stream<Path> others = Files.list(folder)) {
                for (Path other : (Iterable<Path>) others::iterator) {
                    String found = String.valueOf(other.getFileName());
                    if (found.startsWith(name.substring(0, 6)) && !found.equals(name)) {
                        Files.deleteIfExists(other);
                    }
                }
            }
            return new Part(number, md5, folder.resolve(name));
        } catch (NoSuchFileException e) {
            // It was aborted meanwhile.
            throw S3Exception.noSuchUpload();
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    /** By their numbers. */
    ImmutableSortedMap<Integer, Part> parts(Upload upload) throws IOException, S3Exception {
        ImmutableSortedMap.Builder<Integer, Part> parts = ImmutableSortedMap.naturalOrder();
        try (Stream<Path> files = Files.list(folder(upload.id()))) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Matcher name = PART.matcher(String.valueOf(file.getFileName()));
                if (name.matches()) {
                    int number = Integer.parseInt(name.group(1));
                    parts.put(number, new Part(number, name.group(2), file));
                }
            }
            return parts.buildOrThrow();
        } catch (NoSuchFileException e) {
            throw S3Exception.noSuchUpload();
        }
    }

    /**
     * Makes the named parts the object, and forgets the upload.
     *
     * @return the ETag of the object, without quotes
     */
    String complete(Upload upload, List<Named> named, BucketFolders.Condition condition)
            throws IOException, S3Exception {
        ImmutableList<Part> parts = verified(parts(upload), named);
        ChecksumAlgorithm.Running md5 = ChecksumAlgorithm.md5();
        Path whole = buckets.newUpload();
        try {
            try (FileChannel out = FileChannel.open(whole, StandardOpenOption.WRITE)) {
                for (Part part : parts) {
                    byte[] digest = BaseEncoding.base16().lowerCase().decode(part.etag());
                    md5.update(digest, 0, digest.length);
                    append(part.file(), out);
                }
            } catch (NoSuchFileException e) {
                throw S3Exception.noSuchUpload();
            }
            String etag = BaseEncoding.base16().lowerCase().encode(md5.digest()) + "-" + parts.size();
            ObjectAttributes.write(whole, etag, upload.described(), Map.of());
            buckets.publish(whole, upload.bucket(), upload.key(), condition);
            abort(upload);
            return etag;
        } finally {
            Files.deleteIfExists(whole);
        }
    }

    void abort(Upload upload) throws IOException {
        delete(folder(upload.id()));
    }

    /** Deletes the uploads that were begun long ago. */
    void deleteAbandoned() throws IOException {
        Path all = buckets.root().resolve(FOLDER);
        if (!Files.isDirectory(all)) {
            return;
        }
        Instant before = clock.instant().minus(BucketFolders.ABANDONED);
        try (Stream<Path> folders = Files.list(all)) {
            for (Path folder : (Iterable<Path>) folders::iterator) {
                if (Files.getLastModifiedTime(folder).toInstant().isBefore(before)) {
                    delete(folder);
                }
            }
        }
    }

    private static void append(Path part, FileChannel out) throws IOException {
        try (FileChannel in = FileChannel.open(part)) {
            long size = in.size();
            for (long copied = 0; copied < size; ) {
                copied += in.transferTo(copied, size - copied, out);
            }
        }
    }

    private static ImmutableList<Part> verified(ImmutableSortedMap<Integer, Part> stored, List<Named> named)
            throws IOException, S3Exception {
        if (named.isEmpty()) {
            throw S3Exception.malformedXml();
        }
        ImmutableList.Builder<Part> parts = ImmutableList.builder();
        int last = 0;
        for (Named one : named) {
            if (one.number() <= last) {
                throw S3Exception.badRequest(
                        "InvalidPartOrder",
                        "The list of parts was not in ascending order. Parts must be ordered by part number.");
            }
            last = one.number();
        }
        for (Named one : named) {
            Part part = stored.get(one.number());
            if (part == null || !part.etag().equals(one.etag())) {
                throw S3Exception.badRequest(
                        "InvalidPart",
                        "One or more of the specified parts could not be found.  The part may not have been uploaded, or"
                                + " the specified entity tag may not match the part's entity tag.");
            }
            if (one.number() < last && Files.size(part.file()) < SMALLEST_PART) {
                throw S3Exception.badRequest(
                        "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size");
            }
            parts.add(part);
        }
        return parts.build();
    }

    private static void delete(Path folder) throws IOException {
        try {
            MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
        } catch (NoSuchFileException e) {
            // Another request was faster.
        }
    }

    private Path folder(String id) {
        return buckets.root().resolve(FOLDER).resolve(id);
    }
}
