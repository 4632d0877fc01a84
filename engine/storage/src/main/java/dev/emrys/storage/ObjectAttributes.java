package dev.emrys.storage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.base.MoreObjects;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What S3 keeps of an object besides its bytes, in an extended attribute of the file.
 *
 * @param etag without quotes
 * @param size of the file, with which and with {@code modified} these are valid
 * @param modified nanoseconds since 1970
 * @param headers such as content-type, by their names in lower case
 * @param metadata without the prefix x-amz-meta-
 * @param checksums by the names of their headers
 */
record ObjectAttributes(
        String etag,
        long size,
        long modified,
        Map<String, String> headers,
        Map<String, String> metadata,
        Map<String, String> checksums) {
    private static final String OBJECT = "emrys.object";
    private static final String FOLDER = "emrys.folder";

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    ObjectAttributes {
        headers = MoreObjects.firstNonNull(headers, Map.of());
        metadata = MoreObjects.firstNonNull(metadata, Map.of());
        checksums = MoreObjects.firstNonNull(checksums, Map.of());
    }

    /** What a request says about an object. */
    record Described(Map<String, String> headers, Map<String, String> metadata) {
        static final Described NOTHING = new Described(new TreeMap<>(), new TreeMap<>());
    }

    /**
     * Keeps the attributes with a file, if its file system can. The file's content and time do not change after this.
     */
    static void write(Path file, String etag, Described described, Map<String, String> checksums) throws IOException {
        BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
        ObjectAttributes kept = new ObjectAttributes(
                etag, now.size(), nanos(now.lastModifiedTime()), described.headers(), described.metadata(), checksums);
        write(file, OBJECT, MAPPER.writeValueAsString(kept));
    }

    /** Empty when there are none, or when the file has changed since. */
    static Optional<ObjectAttributes> read(Path file, BasicFileAttributes now) {
        String json = read(file, OBJECT);
        if (json == null) {
            return Optional.empty();
        }
        try {
            ObjectAttributes kept = MAPPER.readValue(json, ObjectAttributes.class);
            boolean isValid = kept.size() == now.size() && kept.modified() == nanos(now.lastModifiedTime());
            return isValid ? Optional.of(kept) : Optional.empty();
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    /** Makes a folder the object {@code key/}. */
    static void markFolder(Path folder) {
        write(folder, FOLDER, "");
    }

    /** Makes a folder a prefix. */
    static void unmarkFolder(Path folder) {
        UserDefinedFileAttributeView view = Files.getFileAttributeView(folder, UserDefinedFileAttributeView.class);
        try {
            if (view != null) {
                view.delete(FOLDER);
            }
        } catch (IOException e) {
            // It was not marked.
        }
    }

    static boolean isMarkedFolder(Path folder) {
        return read(folder, FOLDER) != null;
    }

    private static void write(Path file, String name, String value) {
        UserDefinedFileAttributeView view = Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
        try {
            if (view != null) {
                view.write(name, ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)));
            }
        } catch (IOException e) {
            // This file system keeps none, or not that many bytes: the object is what its file is.
        }
    }

    private static @Nullable String read(Path file, String name) {
        UserDefinedFileAttributeView view = Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
        try {
            if (view == null) {
                return null;
            }
            ByteBuffer value = ByteBuffer.allocate(view.size(name));
            view.read(name, value);
            return new String(value.array(), 0, value.position(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return null;
        }
    }

    private static long nanos(FileTime time) {
        return time.to(TimeUnit.NANOSECONDS);
    }
}
