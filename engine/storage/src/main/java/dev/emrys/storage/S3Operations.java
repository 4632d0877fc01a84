package dev.emrys.storage;

import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;

/** Finds the operation of a request, and runs it. Thread-safe. */
final class S3Operations {
    /** Subresources whose operations are not emulated; without this list they would be read as others. */
    private static final ImmutableSet<String> NOT_EMULATED = ImmutableSet.of(
            "accelerate",
            "acl",
            "analytics",
            "attributes",
            "cors",
            "encryption",
            "intelligent-tiering",
            "inventory",
            "legal-hold",
            "lifecycle",
            "logging",
            "metrics",
            "notification",
            "object-lock",
            "ownershipControls",
            "policy",
            "policyStatus",
            "publicAccessBlock",
            "renameObject",
            "replication",
            "requestPayment",
            "restore",
            "retention",
            "select",
            "session",
            "tagging",
            "torrent",
            "versions",
            "website");

    private final BucketFolders folders;
    private final MultipartUploads uploads;
    private final BucketOperations buckets;
    private final ObjectOperations objects;
    private final MultipartOperations multipart;

    S3Operations(Path root, String region, InstantSource clock) {
        this.folders = new BucketFolders(root, clock);
        this.uploads = new MultipartUploads(folders, clock);
        this.buckets = new BucketOperations(folders, region);
        this.objects = new ObjectOperations(folders);
        this.multipart = new MultipartOperations(folders, uploads);
    }

    /** Deletes what unfinished writes left long ago. */
    void deleteAbandoned() throws IOException {
        folders.deleteAbandoned();
        uploads.deleteAbandoned();
    }

    S3Response respond(S3Request request, Authorization authorization) throws IOException, S3Exception {
        for (String parameter : request.query().keySet()) {
            if (NOT_EMULATED.contains(parameter)) {
                throw S3Exception.notImplemented("The subresource " + parameter);
            }
        }
        if (!request.parameter("versionId", "null").equals("null")) {
            throw S3Exception.notImplemented("A version of an object");
        }
        if (request.bucket().isEmpty()) {
            if (!request.isMethod("GET")) {
                throw S3Exception.methodNotAllowed();
            }
            return buckets.listBuckets();
        }
        return request.key().isEmpty() ? bucket(request, authorization) : object(request, authorization);
    }

    private S3Response bucket(S3Request request, Authorization authorization) throws IOException, S3Exception {
        return switch (request.method()) {
            case "HEAD" -> buckets.head(request);
            case "DELETE" -> buckets.delete(request);
            case "GET" -> {
                if (request.has("location")) {
                    yield buckets.location(request);
                }
                if (request.has("versioning")) {
                    yield buckets.versioning(request);
                }
                yield request.has("uploads") ? multipart.list(request) : buckets.list(request);
            }
            case "PUT" -> {
                if (request.has("versioning")) {
                    throw S3Exception.notImplemented("The subresource versioning");
                }
                yield buckets.create(request, authorization);
            }
            case "POST" -> {
                if (!request.has("delete")) {
                    throw S3Exception.notImplemented("A POST from a form");
                }
                yield buckets.deleteObjects(request, authorization);
            }
            default -> throw S3Exception.methodNotAllowed();
        };
    }

    private S3Response object(S3Request request, Authorization authorization) throws IOException, S3Exception {
        boolean isUpload = request.has("uploadId");
        return switch (request.method()) {
            case "HEAD" -> objects.get(request);
            case "GET" -> isUpload ? multipart.listParts(request) : objects.get(request);
            case "PUT" -> isUpload ? multipart.uploadPart(request, authorization) : objects.put(request, authorization);
            case "DELETE" -> isUpload ? multipart.abort(request) : objects.delete(request);
            case "POST" -> {
                if (isUpload) {
                    yield multipart.complete(request, authorization);
                }
                if (request.has("uploads")) {
                    yield multipart.create(request, authorization);
                }
                throw S3Exception.methodNotAllowed();
            }
            default -> throw S3Exception.methodNotAllowed();
        };
    }
}
