package dev.emrys.storage;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A part of an object.
 *
 * @param offset of the first byte
 * @param length in bytes
 */
record ByteRange(long offset, long length) {
    private static final Pattern FORM = Pattern.compile("bytes\\s*=\\s*([0-9]{0,18})\\s*-\\s*([0-9]{0,18})");

    /**
     * The part that a header names. Null when it names none: S3 sends the whole object then, also for several ranges.
     *
     * @throws S3Exception when the object has no such part
     */
    static @Nullable ByteRange of(@Nullable String header, long size) throws S3Exception {
        Matcher range = FORM.matcher(header == null ? "" : header.strip());
        if (!range.matches() || (range.group(1).isEmpty() && range.group(2).isEmpty())) {
            return null;
        }
        if (range.group(1).isEmpty()) {
            long length = Math.min(Long.parseLong(range.group(2)), size);
            if (length == 0) {
                throw S3Exception.invalidRange(size);
            }
            return new ByteRange(size - length, length);
        }
        long first = Long.parseLong(range.group(1));
        long last = range.group(2).isEmpty() ? size - 1 : Math.min(Long.parseLong(range.group(2)), size - 1);
        if (!range.group(2).isEmpty() && Long.parseLong(range.group(2)) < first) {
            return null;
        }
        if (first >= size) {
            throw S3Exception.invalidRange(size);
        }
        return new ByteRange(first, last - first + 1);
    }

    /** The value of the header Content-Range. */
    String of(long size) {
        return "bytes " + offset + "-" + (offset + length - 1) + "/" + size;
    }
}
