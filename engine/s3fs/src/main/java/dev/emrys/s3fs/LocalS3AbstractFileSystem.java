package dev.emrys.s3fs;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;

/**
 * {@link LocalS3FileSystem} behind Hadoop's newer interface ({@code FileContext}), for {@code s3}, {@code s3a} and
 * {@code s3n} alike; the scheme is that of the URI.
 */
public final class LocalS3AbstractFileSystem extends DelegateToFileSystem {
    /**
     * Called by Hadoop through reflection.
     *
     * @throws IOException as {@link LocalS3FileSystem#initialize}
     * @throws URISyntaxException when the address is invalid
     */
    public LocalS3AbstractFileSystem(URI uri, Configuration conf) throws IOException, URISyntaxException {
        super(uri, new LocalS3FileSystem(), conf, uri.getScheme(), false);
    }
}
