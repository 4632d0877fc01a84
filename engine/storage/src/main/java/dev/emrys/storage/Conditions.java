package dev.emrys.storage;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.eclipse.jetty.http.HttpDateTime;
import org.jspecify.annotations.Nullable;

/** The conditions in the head of a request. */
final class Conditions {
    private Conditions() {}

    /**
     * Checks the conditions of a GET or HEAD, or of the source of a copy.
     *
     * @param prefix empty, or of the headers about the source of a copy
     */
    static void checkRead(S3Request request, String prefix, StoredObject object) throws S3Exception {
        boolean isCopy = !prefix.isEmpty();
        String match = request.header(prefix + "if-match");
        String noneMatch = request.header(prefix + "if-none-match");
        Instant unmodified = time(request.header(prefix + "if-unmodified-since"));
        Instant modifiedSince = time(request.header(prefix + "if-modified-since"));
        Instant modified = object.modified().truncatedTo(ChronoUnit.SECONDS);
        if (match != null ? !isMatch(match, object) : unmodified != null && modified.isAfter(unmodified)) {
            throw S3Exception.preconditionFailed();
        }
        boolean isUnchanged = noneMatch != null
                ? isMatch(noneMatch, object)
                : modifiedSince != null && !modified.isAfter(modifiedSince);
        if (isUnchanged) {
            throw isCopy ? S3Exception.preconditionFailed() : S3Exception.notModified();
        }
    }

    /** The conditions of a PUT. */
    static BucketFolders.Condition ofWrite(S3Request request) throws S3Exception {
        String match = request.header("if-match");
        String noneMatch = request.header("if-none-match");
        if (noneMatch != null && !noneMatch.equals("*")) {
            throw S3Exception.notImplemented("A PUT with an If-None-Match other than *");
        }
        return existing -> {
            if (noneMatch != null && existing != null) {
                throw S3Exception.preconditionFailed();
            }
            if (match != null && existing == null) {
                throw S3Exception.noSuchKey();
            }
            if (match != null && existing != null && !isMatch(match, existing)) {
                throw S3Exception.preconditionFailed();
            }
        };
    }

    private static boolean isMatch(String header, StoredObject object) {
        return Splitter.on(',')
                .trimResults()
                .splitToStream(header)
                .anyMatch(one -> one.equals("*") || unquoted(one).equals(object.etag()));
    }

    static String unquoted(String etag) {
        return CharMatcher.is('"').trimFrom(etag.strip());
    }

    private static @Nullable Instant time(@Nullable String header) {
        if (header == null) {
            return null;
        }
        long millis = HttpDateTime.parseToEpoch(header);
        return millis < 0 ? null : Instant.ofEpochMilli(millis);
    }
}
