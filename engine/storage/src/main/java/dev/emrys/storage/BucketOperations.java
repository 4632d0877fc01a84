package dev.emrys.storage;

import com.google.common.collect.ImmutableSet;
import com.google.common.io.BaseEncoding;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.stream.XMLStreamException;

/** What S3 does with buckets and their lists of objects. Thread-safe. */
final class BucketOperations {
    private static final int MAX_KEYS = 1000;
    private static final long MAX_DOCUMENT_BYTES = 4L << 20;
    private static final String OLDEST_REGION = "us-east-1";
    private static final ImmutableSet<String> ENCODINGS = ImmutableSet.of("", "url");

    private final BucketFolders buckets;
    private final String region;

    BucketOperations(BucketFolders buckets, String region) {
        this.buckets = buckets;
        this.region = region;
    }

    S3Response listBuckets() throws IOException {
        List<Path> all = buckets.buckets();
        return S3Response.xml(S3Xml.document(
                "ListAllMyBucketsResult",
                xml -> xml.element("Owner", owner -> owner.text("ID", "emrys")).element("Buckets", list -> {
                    for (Path bucket : all) {
                        list.element(
                                "Bucket",
                                one -> one.text("Name", String.valueOf(bucket.getFileName()))
                                        .text("CreationDate", created(bucket)));
                    }
                })));
    }

    /** A folder's time of creation, to seconds; where there is none, that of its last change. */
    private static String created(Path bucket) {
        try {
            Map<String, Object> times = Files.readAttributes(bucket, "creationTime");
            return String.valueOf(times.get("creationTime")).replaceFirst("(\\.[0-9]+)?Z$", ".000Z");
        } catch (IOException e) {
            return "1970-01-01T00:00:00.000Z";
        }
    }

    S3Response create(S3Request request, Authorization authorization) throws IOException, S3Exception {
        // A document with the region, in which buckets here are not.
        byte[] document = document(request, authorization);
        if (document.length > 0) {
            S3Xml.read(document, (name, text) -> {});
        }
        if (buckets.exists(request.bucket()) && !region.equals(OLDEST_REGION)) {
            throw S3Exception.conflict(
                    "BucketAlreadyOwnedByYou",
                    "Your previous request to create the named bucket succeeded and you already own it.");
        }
        buckets.createBucket(request.bucket());
        return S3Response.OK.with("location", "/" + request.bucket());
    }

    S3Response head(S3Request request) throws S3Exception {
        Path unused = buckets.bucket(request.bucket());
        return S3Response.OK.with("x-amz-bucket-region", region);
    }

    S3Response delete(S3Request request) throws IOException, S3Exception {
        buckets.deleteBucket(request.bucket());
        return S3Response.NO_CONTENT;
    }

    S3Response location(S3Request request) throws S3Exception {
        Path unused = buckets.bucket(request.bucket());
        return S3Response.xml(S3Xml.value("LocationConstraint", region.equals(OLDEST_REGION) ? "" : region));
    }

    S3Response versioning(S3Request request) throws S3Exception {
        Path unused = buckets.bucket(request.bucket());
        return S3Response.xml(S3Xml.value("VersioningConfiguration", ""));
    }

    /** What a page has. */
    private static final class Page implements ObjectWalk.Visitor {
        private final int most;
        private final List<StoredObject> objects = new ArrayList<>();
        private final List<String> groups = new ArrayList<>();
        private String last = "";
        private boolean isTruncated;

        Page(int most) {
            this.most = most;
        }

        @Override
        public boolean object(StoredObject object) {
            if (isFull()) {
                return false;
            }
            objects.add(object);
            last = object.key();
            return true;
        }

        @Override
        public boolean group(String commonPrefix) {
            if (isFull()) {
                return false;
            }
            groups.add(commonPrefix);
            last = commonPrefix;
            return true;
        }

        private boolean isFull() {
            isTruncated = objects.size() + groups.size() >= most;
            return isTruncated;
        }

        int size() {
            return objects.size() + groups.size();
        }
    }

    S3Response list(S3Request request) throws IOException, S3Exception {
        return request.parameter("list-type", "1").equals("2") ? listVersion2(request) : listVersion1(request);
    }

    private S3Response listVersion2(S3Request request) throws IOException, S3Exception {
        String token = request.parameter("continuation-token");
        String startAfter = request.parameter("start-after", "");
        int most = mostKeys(request);
        Page page = page(request, token == null ? startAfter : decodedToken(token), most);
        boolean withOwner = request.parameter("fetch-owner", "").equals("true");
        return S3Response.xml(S3Xml.document("ListBucketResult", xml -> {
            Encoding encoding = head(xml, request, most, page);
            xml.text("KeyCount", page.size());
            if (token != null) {
                xml.text("ContinuationToken", token);
            } else if (!startAfter.isEmpty()) {
                xml.text("StartAfter", encoding.of(startAfter));
            }
            if (page.isTruncated) {
                xml.text(
                        "NextContinuationToken",
                        BaseEncoding.base64Url().encode(page.last.getBytes(StandardCharsets.UTF_8)));
            }
            contents(xml, page, encoding, withOwner);
        }));
    }

    private S3Response listVersion1(S3Request request) throws IOException, S3Exception {
        String marker = request.parameter("marker", "");
        int most = mostKeys(request);
        Page page = page(request, marker, most);
        return S3Response.xml(S3Xml.document("ListBucketResult", xml -> {
            Encoding encoding = head(xml, request, most, page);
            xml.text("Marker", encoding.of(marker));
            if (page.isTruncated && request.has("delimiter")) {
                xml.text("NextMarker", encoding.of(page.last));
            }
            contents(xml, page, encoding, true);
        }));
    }

    private Page page(S3Request request, String after, int most) throws IOException, S3Exception {
        if (!ENCODINGS.contains(request.parameter("encoding-type", ""))) {
            throw S3Exception.invalidArgument("Invalid Encoding Method specified in Request");
        }
        Path bucket = buckets.bucket(request.bucket());
        Page page = new Page(most);
        if (most > 0) {
            new ObjectWalk(request.parameter("prefix", ""), request.parameter("delimiter", ""), after, page)
                    .walk(bucket);
        }
        return page;
    }

    private static int mostKeys(S3Request request) throws S3Exception {
        return Math.min(request.number("max-keys", MAX_KEYS, 0), MAX_KEYS);
    }

    private static String decodedToken(String token) throws S3Exception {
        try {
            return new String(BaseEncoding.base64Url().decode(token), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw S3Exception.invalidArgument("The continuation token provided is incorrect");
        }
    }

    /** How a list writes keys. */
    private record Encoding(boolean isUrl) {
        String of(String key) {
            return isUrl ? S3Request.PATH.escape(key) : key;
        }
    }

    private static Encoding head(S3Xml xml, S3Request request, int most, Page page) throws XMLStreamException {
        Encoding encoding = new Encoding(request.parameter("encoding-type", "").equals("url"));
        xml.text("Name", request.bucket()).text("Prefix", encoding.of(request.parameter("prefix", "")));
        if (request.has("delimiter")) {
            xml.text("Delimiter", encoding.of(request.parameter("delimiter", "")));
        }
        xml.text("MaxKeys", most).text("IsTruncated", page.isTruncated);
        if (encoding.isUrl()) {
            xml.text("EncodingType", "url");
        }
        return encoding;
    }

    private static void contents(S3Xml xml, Page page, Encoding encoding, boolean withOwner) throws XMLStreamException {
        for (StoredObject object : page.objects) {
            xml.element("Contents", one -> {
                one.text("Key", encoding.of(object.key()))
                        .time("LastModified", object.modified())
                        .text("ETag", "\"" + object.etag() + "\"")
                        .text("Size", object.size())
                        .text("StorageClass", "STANDARD");
                if (withOwner) {
                    one.element("Owner", owner -> owner.text("ID", "emrys"));
                }
            });
        }
        for (String group : page.groups) {
            xml.element("CommonPrefixes", one -> one.text("Prefix", encoding.of(group)));
        }
    }

    S3Response deleteObjects(S3Request request, Authorization authorization) throws IOException, S3Exception {
        Path unused = buckets.bucket(request.bucket());
        if (!new RequestBody(request, authorization).isChecked()) {
            throw S3Exception.invalidRequest("Missing required header for this request: Content-MD5");
        }
        List<String> keys = new ArrayList<>();
        boolean[] isQuiet = new boolean[1];
        S3Xml.read(document(request, authorization), (name, text) -> {
            if (name.equals("Key")) {
                keys.add(text);
            } else if (name.equals("Quiet")) {
                isQuiet[0] = text.strip().equals("true");
            } else if (name.equals("VersionId") && !text.equals("null")) {
                throw S3Exception.notImplemented("A version of an object");
            }
        });
        if (keys.isEmpty() || keys.size() > MAX_KEYS) {
            throw S3Exception.malformedXml();
        }
        Map<String, String> failed = new TreeMap<>();
        for (String key : keys) {
            try {
                buckets.delete(request.bucket(), key);
            } catch (IOException e) {
                failed.put(key, "The object could not be deleted: " + e.getMessage());
            }
        }
        return S3Response.xml(S3Xml.document("DeleteResult", xml -> {
            for (String key : keys) {
                String failure = failed.get(key);
                if (failure != null) {
                    xml.element(
                            "Error",
                            one -> one.text("Key", key)
                                    .text("Code", "InternalError")
                                    .text("Message", failure));
                } else if (!isQuiet[0]) {
                    xml.element("Deleted", one -> one.text("Key", key));
                }
            }
        }));
    }

    /** The document in the body, which is small. */
    static byte[] document(S3Request request, Authorization authorization) throws IOException, S3Exception {
        if (request.length() == 0
                || (request.length() < 0 && !authorization.payload().startsWith("STREAMING-"))) {
            return new byte[0];
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        RequestBody.Received unused = new RequestBody(request, authorization).copyTo(bytes, MAX_DOCUMENT_BYTES);
        return bytes.toByteArray();
    }
}
