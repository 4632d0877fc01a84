package dev.emrys.storage;

import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * An object as it was when it was looked up.
 *
 * @param etag without quotes
 */
record StoredObject(
        String key,
        long size,
        Instant modified,
        String etag,
        ObjectAttributes.Described described,
        Map<String, String> checksums) {

    /** The MD5 of no bytes. */
    private static final String EMPTY_MD5 = "d41d8cd98f00b204e9800998ecf8427e";

    static StoredObject file(String key, Path file, BasicFileAttributes now) {
        Optional<ObjectAttributes> kept = ObjectAttributes.read(file, now);
        return new StoredObject(
                key,
                now.size(),
                now.lastModifiedTime().toInstant(),
                kept.map(ObjectAttributes::etag).orElseGet(() -> etag(now)),
                kept.map(attributes -> new ObjectAttributes.Described(attributes.headers(), attributes.metadata()))
                        .orElse(ObjectAttributes.Described.NOTHING),
                kept.map(ObjectAttributes::checksums).orElse(Map.of()));
    }

    static StoredObject folder(String key, BasicFileAttributes now) {
        return new StoredObject(
                key, 0, now.lastModifiedTime().toInstant(), EMPTY_MD5, ObjectAttributes.Described.NOTHING, Map.of());
    }

    /** In the form of a multipart upload, which tells clients that it is not the MD5 of the content. */
    private static String etag(BasicFileAttributes now) {
        String identity = now.size() + " " + now.lastModifiedTime() + " " + now.fileKey();
        return Hashing.sha256()
                        .hashString(identity, StandardCharsets.UTF_8)
                        .toString()
                        .substring(0, 32)
                + "-1";
    }
}
