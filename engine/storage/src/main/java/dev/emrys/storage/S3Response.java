package dev.emrys.storage;

import com.google.common.collect.ImmutableMap;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * What is sent.
 *
 * @param xml the body; null for none, or when it is the content
 * @param content a part of an object; it is closed when it was sent
 */
record S3Response(
        int status,
        ImmutableMap<String, String> headers,
        @Nullable ByteBuffer xml,
        @Nullable Content content) {

    static final S3Response OK = empty(200);
    static final S3Response NO_CONTENT = empty(204);

    /** @param isSent false for the answer to HEAD, which has only its length */
    record Content(SeekableByteChannel channel, long offset, long length, boolean isSent) {}

    static S3Response empty(int status) {
        return new S3Response(status, ImmutableMap.of(), null, null);
    }

    static S3Response xml(byte[] xml) {
        return new S3Response(200, ImmutableMap.of(), ByteBuffer.wrap(xml), null);
    }

    S3Response with(String header, String value) {
        return new S3Response(
                status,
                ImmutableMap.<String, String>builder()
                        .putAll(headers)
                        .put(header, value)
                        .buildKeepingLast(),
                xml,
                content);
    }

    S3Response with(ImmutableMap<String, String> more) {
        return new S3Response(
                status,
                ImmutableMap.<String, String>builder()
                        .putAll(headers)
                        .putAll(more)
                        .buildKeepingLast(),
                xml,
                content);
    }
}
