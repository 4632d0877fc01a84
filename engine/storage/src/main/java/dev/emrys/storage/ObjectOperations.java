package dev.emrys.storage;

import com.google.common.base.Ascii;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpDateTime;
import org.eclipse.jetty.http.HttpField;
import org.jspecify.annotations.Nullable;

/** What S3 does with one object. Thread-safe. */
final class ObjectOperations {
    private static final String META = "x-amz-meta-";
    private static final String TYPE = "content-type";
    private static final String ENCODING = "content-encoding";
    private static final int MAX_METADATA_BYTES = 2 * 1024;

    private static final ImmutableSet<String> KEPT =
            ImmutableSet.of(TYPE, ENCODING, "cache-control", "content-disposition", "content-language", "expires");

    /** Headers without which a request would have another effect than the client wants. */
    private static final ImmutableList<String> NOT_EMULATED = ImmutableList.of(
            "x-amz-server-side-encryption-customer-algorithm",
            "x-amz-copy-source-server-side-encryption-customer-algorithm",
            "x-amz-tagging",
            "x-amz-object-lock-mode",
            "x-amz-object-lock-legal-hold",
            "x-amz-write-offset-bytes");

    private final BucketFolders buckets;

    ObjectOperations(BucketFolders buckets) {
        this.buckets = buckets;
    }

    S3Response get(S3Request request) throws IOException, S3Exception {
        boolean isHead = request.isMethod("HEAD");
        BucketFolders.Opened opened = buckets.open(request.bucket(), request.key());
        boolean isSent = false;
        try {
            StoredObject object = opened.object();
            Conditions.checkRead(request, "", object);
            ByteRange range = range(request, object.size());
            ImmutableMap.Builder<String, String> headers = ImmutableMap.builder();
            headers.put(TYPE, "binary/octet-stream");
            headers.putAll(object.described().headers());
            object.described().metadata().forEach((name, value) -> headers.put(META + name, value));
            for (String name : KEPT) {
                String override = request.parameter("response-" + name);
                if (override != null) {
                    headers.put(name, override);
                }
            }
            headers.put("etag", "\"" + object.etag() + "\"");
            headers.put("last-modified", HttpDateTime.format(object.modified().atZone(ZoneOffset.UTC)));
            headers.put("accept-ranges", "bytes");
            if (range == null
                    && "ENABLED".equals(request.header("x-amz-checksum-mode"))
                    && !object.checksums().isEmpty()) {
                headers.putAll(object.checksums());
                headers.put("x-amz-checksum-type", "FULL_OBJECT");
            }
            ByteRange sent = range == null ? new ByteRange(0, object.size()) : range;
            if (range != null) {
                headers.put("content-range", range.of(object.size()));
            }
            isSent = !isHead;
            return new S3Response(
                    range == null ? 200 : 206,
                    headers.buildKeepingLast(),
                    null,
                    new S3Response.Content(opened.content(), sent.offset(), sent.length(), !isHead));
        } finally {
            if (!isSent) {
                opened.content().close();
            }
        }
    }

    private static @Nullable ByteRange range(S3Request request, long size) throws S3Exception {
        if (request.number("partNumber", 1, 1) != 1) {
            // The parts of which an object was made are not kept.
            throw new S3Exception(416, "InvalidPartNumber", "The requested partnumber is not satisfiable");
        }
        return ByteRange.of(request.header("Range"), size);
    }

    S3Response put(S3Request request, Authorization authorization) throws IOException, S3Exception {
        requireEmulated(request);
        if (authorization.credential().createsBuckets()) {
            buckets.ensureBucket(request.bucket());
        }
        Path unused = buckets.bucket(request.bucket());
        BucketFolders.requirePossible(request.key());
        if (request.header("x-amz-copy-source") != null) {
            return copy(request);
        }
        BucketFolders.Condition condition = Conditions.ofWrite(request);
        ObjectAttributes.Described described = described(request);
        RequestBody body = new RequestBody(request, authorization);
        if (request.key().endsWith("/")) {
            return putFolder(request, body, condition);
        }
        Path upload = buckets.newUpload();
        try {
            RequestBody.Received received;
            try (OutputStream out = Files.newOutputStream(upload)) {
                received = body.copyTo(out, RequestBody.MAX_BYTES);
            }
            ObjectAttributes.write(upload, received.md5(), described, received.checksums());
            buckets.publish(upload, request.bucket(), request.key(), condition);
            ImmutableMap.Builder<String, String> headers =
                    ImmutableMap.<String, String>builder().putAll(received.checksums());
            if (!received.checksums().isEmpty()) {
                headers.put("x-amz-checksum-type", "FULL_OBJECT");
            }
            return S3Response.OK.with(headers.buildOrThrow()).with("etag", etag(request));
        } finally {
            Files.deleteIfExists(upload);
        }
    }

    private S3Response putFolder(S3Request request, RequestBody body, BucketFolders.Condition condition)
            throws IOException, S3Exception {
        RequestBody.Received received = body.copyTo(OutputStream.nullOutputStream(), RequestBody.MAX_BYTES);
        if (received.bytes() > 0) {
            throw S3Exception.invalidRequest(
                    "An object whose key ends with a slash is a folder on this machine, and has no content.");
        }
        buckets.createFolder(request.bucket(), request.key(), condition);
        return S3Response.OK.with("etag", "\"" + received.md5() + "\"");
    }

    private S3Response copy(S3Request request) throws IOException, S3Exception {
        BucketFolders.Condition condition = Conditions.ofWrite(request);
        boolean replaced = "REPLACE".equals(request.header("x-amz-metadata-directive"));
        try (CopySource source = CopySource.of(request, buckets)) {
            if (source.is(request.bucket(), request.key()) && !replaced) {
                throw S3Exception.invalidRequest(
                        "This copy request is illegal because it is trying to copy an object to itself without changing"
                                + " the object's metadata, storage class, website redirect location or encryption"
                                + " attributes.");
            }
            if (source.object().size() > RequestBody.MAX_BYTES) {
                throw S3Exception.invalidRequest("The specified copy source is larger than the maximum allowable size");
            }
            if (request.key().endsWith("/")) {
                if (source.object().size() > 0) {
                    throw S3Exception.invalidRequest(
                            "An object whose key ends with a slash is a folder on this machine, and has no content.");
                }
                buckets.createFolder(request.bucket(), request.key(), condition);
            } else {
                ObjectAttributes.Described described =
                        replaced ? described(request) : source.object().described();
                copy(source, described, request, condition);
            }
            return copied("CopyObjectResult", request);
        }
    }

    private void copy(
            CopySource source,
            ObjectAttributes.Described described,
            S3Request request,
            BucketFolders.Condition condition)
            throws IOException, S3Exception {
        Path upload = buckets.newUpload();
        try {
            String md5;
            try (OutputStream out = Files.newOutputStream(upload)) {
                md5 = source.copyTo(out, new ByteRange(0, source.object().size()));
            }
            ObjectAttributes.write(upload, md5, described, source.object().checksums());
            buckets.publish(upload, request.bucket(), request.key(), condition);
        } finally {
            Files.deleteIfExists(upload);
        }
    }

    private S3Response copied(String root, S3Request request) throws IOException, S3Exception {
        StoredObject object = buckets.find(request.bucket(), request.key());
        if (object == null) {
            throw S3Exception.noSuchKey();
        }
        return S3Response.xml(S3Xml.document(
                root, xml -> xml.time("LastModified", object.modified()).text("ETag", "\"" + object.etag() + "\"")));
    }

    /** As the next GET gives it: this file system may keep no attributes. */
    private String etag(S3Request request) throws IOException, S3Exception {
        StoredObject object = buckets.find(request.bucket(), request.key());
        return object == null ? "" : "\"" + object.etag() + "\"";
    }

    S3Response delete(S3Request request) throws IOException, S3Exception {
        buckets.delete(request.bucket(), request.key());
        return S3Response.NO_CONTENT;
    }

    static void requireEmulated(S3Request request) throws S3Exception {
        for (String header : NOT_EMULATED) {
            if (request.header(header) != null) {
                throw S3Exception.notImplemented("The header " + header);
            }
        }
    }

    /** What the request says about the object that it makes. */
    static ObjectAttributes.Described described(S3Request request) throws S3Exception {
        Map<String, String> headers = new TreeMap<>();
        Map<String, String> metadata = new TreeMap<>();
        int bytes = 0;
        for (HttpField field : request.headers()) {
            String name = Ascii.toLowerCase(field.getName());
            String value = Objects.requireNonNullElse(field.getValue(), "");
            if (name.startsWith(META)) {
                metadata.merge(name.substring(META.length()), value, (first, second) -> first + "," + second);
                bytes += name.length() - META.length() + value.length();
            } else if (KEPT.contains(name)) {
                headers.put(name, value);
            }
        }
        if (bytes > MAX_METADATA_BYTES) {
            throw S3Exception.badRequest(
                    "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size");
        }
        String encoding = headers.remove(ENCODING);
        if (encoding != null) {
            String kept = Splitter.on(',')
                    .trimResults()
                    .splitToStream(encoding)
                    .filter(one -> !one.equals("aws-chunked") && !one.isEmpty())
                    .collect(Collectors.joining(","));
            if (!kept.isEmpty()) {
                headers.put(ENCODING, kept);
            }
        }
        return new ObjectAttributes.Described(headers, metadata);
    }
}
