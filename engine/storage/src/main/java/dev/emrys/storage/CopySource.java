package dev.emrys.storage;

import com.google.common.io.BaseEncoding;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/** The object that a copy is made of. Not thread-safe. */
final class CopySource implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final String bucket;
    private final BucketFolders.Opened opened;

    private CopySource(String bucket, BucketFolders.Opened opened) {
        this.bucket = bucket;
        this.opened = opened;
    }

    /** @throws S3Exception when there is no such object, or the conditions about it are not met */
    static CopySource of(S3Request request, BucketFolders buckets) throws IOException, S3Exception {
        String header = request.header("x-amz-copy-source");
        String name = header == null ? "" : header;
        int version = name.indexOf("?versionId=");
        if (version >= 0) {
            if (!name.endsWith("?versionId=null")) {
                throw S3Exception.notImplemented("A version of an object");
            }
            name = name.substring(0, version);
        }
        String path = S3Request.decoded(name.replace("+", "%2B"));
        String plain = path.startsWith("/") ? path.substring(1) : path;
        int slash = plain.indexOf('/');
        if (slash <= 0 || slash == plain.length() - 1) {
            throw S3Exception.invalidArgument(
                    "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
        }
        String bucket = plain.substring(0, slash);
        CopySource source = new CopySource(bucket, buckets.open(bucket, plain.substring(slash + 1)));
        boolean isMet = false;
        try {
            Conditions.checkRead(request, "x-amz-copy-source-", source.object());
            isMet = true;
        } finally {
            if (!isMet) {
                source.close();
            }
        }
        return source;
    }

    StoredObject object() {
        return opened.object();
    }

    boolean is(String otherBucket, String key) {
        return bucket.equals(otherBucket) && object().key().equals(key);
    }

    /** @return the MD5 in hexadecimal digits */
    String copyTo(OutputStream out, ByteRange range) throws IOException {
        ChecksumAlgorithm.Running md5 = ChecksumAlgorithm.md5();
        SeekableByteChannel in = opened.content().position(range.offset());
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        for (long left = range.length(); left > 0; ) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), left));
            int count = in.read(buffer);
            if (count < 0) {
                throw new IOException("The object became shorter while it was copied.");
            }
            md5.update(buffer.array(), 0, count);
            out.write(buffer.array(), 0, count);
            left -= count;
        }
        return BaseEncoding.base16().lowerCase().encode(md5.digest());
    }

    @Override
    public void close() throws IOException {
        opened.content().close();
    }
}
