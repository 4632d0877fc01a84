package dev.emrys.storage;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Iterables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** What S3 does with multipart uploads. Thread-safe. */
final class MultipartOperations {
    private static final int MAX_PARTS = 10_000;
    private static final int MAX_LISTED = 1000;

    private final BucketFolders buckets;
    private final MultipartUploads uploads;

    MultipartOperations(BucketFolders buckets, MultipartUploads uploads) {
        this.buckets = buckets;
        this.uploads = uploads;
    }

    S3Response create(S3Request request, Authorization authorization) throws IOException, S3Exception {
        ObjectOperations.requireEmulated(request);
        if (authorization.credential().createsBuckets()) {
            buckets.ensureBucket(request.bucket());
        }
        Path unused = buckets.bucket(request.bucket());
        BucketFolders.requirePossible(request.key());
        if (request.key().endsWith("/")) {
            throw S3Exception.invalidRequest(
                    "An object whose key ends with a slash is a folder on this machine, and has no content.");
        }
        MultipartUploads.Upload upload =
                uploads.create(request.bucket(), request.key(), ObjectOperations.described(request));
        return S3Response.xml(S3Xml.document(
                "InitiateMultipartUploadResult",
                xml -> xml.text("Bucket", upload.bucket())
                        .text("Key", upload.key())
                        .text("UploadId", upload.id())));
    }

    S3Response uploadPart(S3Request request, Authorization authorization) throws IOException, S3Exception {
        ObjectOperations.requireEmulated(request);
        MultipartUploads.Upload upload = find(request);
        int number = number(request);
        if (request.header("x-amz-copy-source") != null) {
            return copyPart(request, upload, number);
        }
        Map<String, String> checksums = new TreeMap<>();
        MultipartUploads.Part part = uploads.store(upload, number, out -> {
            RequestBody.Received received = new RequestBody(request, authorization).copyTo(out, RequestBody.MAX_BYTES);
            checksums.putAll(received.checksums());
            return received.md5();
        });
        return S3Response.OK.with(ImmutableMap.copyOf(checksums)).with("etag", "\"" + part.etag() + "\"");
    }

    private S3Response copyPart(S3Request request, MultipartUploads.Upload upload, int number)
            throws IOException, S3Exception {
        try (CopySource source = CopySource.of(request, buckets)) {
            long size = source.object().size();
            String header = request.header("x-amz-copy-source-range");
            ByteRange named = ByteRange.of(header, size);
            if (header != null && named == null) {
                throw S3Exception.invalidArgument("The x-amz-copy-source-range value must be of the form"
                        + " bytes=first-last where first and last are the zero-based offsets of the first and last bytes"
                        + " to copy");
            }
            ByteRange range = named == null ? new ByteRange(0, size) : named;
            MultipartUploads.Part part = uploads.store(upload, number, out -> source.copyTo(out, range));
            Instant modified = Files.getLastModifiedTime(part.file()).toInstant();
            return S3Response.xml(S3Xml.document(
                    "CopyPartResult",
                    xml -> xml.time("LastModified", modified).text("ETag", "\"" + part.etag() + "\"")));
        }
    }

    S3Response complete(S3Request request, Authorization authorization) throws IOException, S3Exception {
        MultipartUploads.Upload upload = find(request);
        BucketFolders.Condition condition = Conditions.ofWrite(request);
        List<MultipartUploads.Named> named = new ArrayList<>();
        int[] number = new int[1];
        String[] etag = {""};
        S3Xml.read(BucketOperations.document(request, authorization), (name, text) -> {
            switch (name) {
                case "PartNumber" -> number[0] = parsed(text);
                case "ETag" -> etag[0] = Conditions.unquoted(text);
                case "Part" -> {
                    named.add(new MultipartUploads.Named(number[0], etag[0]));
                    number[0] = 0;
                    etag[0] = "";
                }
                default -> {}
            }
        });
        String whole = uploads.complete(upload, named, condition);
        StoredObject object = buckets.find(upload.bucket(), upload.key());
        return S3Response.xml(S3Xml.document(
                "CompleteMultipartUploadResult",
                xml -> xml.text("Location", request.path())
                        .text("Bucket", upload.bucket())
                        .text("Key", upload.key())
                        .text("ETag", "\"" + (object == null ? whole : object.etag()) + "\"")));
    }

    S3Response abort(S3Request request) throws IOException, S3Exception {
        uploads.abort(find(request));
        return S3Response.NO_CONTENT;
    }

    S3Response listParts(S3Request request) throws IOException, S3Exception {
        MultipartUploads.Upload upload = find(request);
        int after = request.number("part-number-marker", 0, 0);
        int most = Math.min(request.number("max-parts", MAX_LISTED, 0), MAX_LISTED);
        ImmutableList<MultipartUploads.Part> rest =
                uploads.parts(upload).tailMap(after, false).values().asList();
        ImmutableList<MultipartUploads.Part> page = rest.subList(0, Math.min(most, rest.size()));
        List<Listed> listed = new ArrayList<>();
        for (MultipartUploads.Part part : page) {
            listed.add(new Listed(
                    part,
                    Files.size(part.file()),
                    Files.getLastModifiedTime(part.file()).toInstant()));
        }
        return S3Response.xml(S3Xml.document("ListPartsResult", xml -> {
            xml.text("Bucket", upload.bucket())
                    .text("Key", upload.key())
                    .text("UploadId", upload.id())
                    .text("PartNumberMarker", after)
                    .text(
                            "NextPartNumberMarker",
                            page.isEmpty() ? 0 : page.get(page.size() - 1).number())
                    .text("MaxParts", most)
                    .text("IsTruncated", page.size() < rest.size());
            for (Listed one : listed) {
                xml.element(
                        "Part",
                        part -> part.text("PartNumber", one.part().number())
                                .time("LastModified", one.modified())
                                .text("ETag", "\"" + one.part().etag() + "\"")
                                .text("Size", one.size()));
            }
        }));
    }

    private record Listed(MultipartUploads.Part part, long size, Instant modified) {}

    S3Response list(S3Request request) throws IOException, S3Exception {
        Path unused = buckets.bucket(request.bucket());
        String prefix = request.parameter("prefix", "");
        String keyMarker = request.parameter("key-marker", "");
        String idMarker = request.parameter("upload-id-marker", "");
        int most = Math.min(request.number("max-uploads", MAX_LISTED, 1), MAX_LISTED);
        List<MultipartUploads.Upload> rest = after(
                keyMarker,
                idMarker,
                uploads.list(request.bucket()).stream()
                        .filter(upload -> upload.key().startsWith(prefix))
                        .toList());
        List<MultipartUploads.Upload> page = rest.subList(0, Math.min(most, rest.size()));
        boolean isTruncated = page.size() < rest.size();
        boolean isUrl = request.parameter("encoding-type", "").equals("url");
        UnaryOperator<String> shown = text -> isUrl ? S3Request.PATH.escape(text) : text;
        return S3Response.xml(S3Xml.document("ListMultipartUploadsResult", xml -> {
            xml.text("Bucket", request.bucket())
                    .text("KeyMarker", shown.apply(keyMarker))
                    .text("UploadIdMarker", idMarker)
                    .text("Prefix", shown.apply(prefix))
                    .text("MaxUploads", most)
                    .text("IsTruncated", isTruncated);
            if (isTruncated) {
                MultipartUploads.Upload last = page.get(page.size() - 1);
                xml.text("NextKeyMarker", shown.apply(last.key())).text("NextUploadIdMarker", last.id());
            }
            if (isUrl) {
                xml.text("EncodingType", "url");
            }
            for (MultipartUploads.Upload upload : page) {
                xml.element(
                        "Upload",
                        one -> one.text("Key", shown.apply(upload.key()))
                                .text("UploadId", upload.id())
                                .text("StorageClass", "STANDARD")
                                .time("Initiated", Instant.ofEpochMilli(upload.initiated())));
            }
        }));
    }

    /** Of the key of the marker those after its upload; all of them when that upload has ended meanwhile. */
    private static List<MultipartUploads.Upload> after(
            String keyMarker, String idMarker, List<MultipartUploads.Upload> all) {
        int marked = idMarker.isEmpty()
                ? -1
                : Iterables.indexOf(
                        all,
                        upload -> upload.id().equals(idMarker) && upload.key().equals(keyMarker));
        if (marked >= 0) {
            return all.subList(marked + 1, all.size());
        }
        boolean isSameKeyNext = !idMarker.isEmpty();
        return all.stream()
                .filter(upload -> {
                    int order = ObjectWalk.ORDER.compare(upload.key(), keyMarker);
                    return keyMarker.isEmpty() || order > 0 || (order == 0 && isSameKeyNext);
                })
                .toList();
    }

    private MultipartUploads.Upload find(S3Request request) throws IOException, S3Exception {
        Path unused = buckets.bucket(request.bucket());
        return uploads.find(request.bucket(), request.key(), request.parameter("uploadId", ""));
    }

    private static int number(S3Request request) throws S3Exception {
        int number = request.number("partNumber", 0, 1);
        if (number < 1 || number > MAX_PARTS) {
            throw S3Exception.invalidArgument("Part number must be an integer between 1 and 10000, inclusive");
        }
        return number;
    }

    private static int parsed(String text) throws S3Exception {
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            throw S3Exception.malformedXml();
        }
    }
}
