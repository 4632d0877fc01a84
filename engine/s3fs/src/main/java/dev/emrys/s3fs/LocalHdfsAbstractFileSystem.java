package dev.emrys.s3fs;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;

/** {@link LocalHdfsFileSystem} behind Hadoop's newer interface ({@code FileContext}). */
public final class LocalHdfsAbstractFileSystem extends DelegateToFileSystem {
    /**
     * Called by Hadoop through reflection.
     *
     * @throws IOException as {@link LocalHdfsFileSystem#initialize}
     * @throws URISyntaxException when the address is invalid
     */
    public LocalHdfsAbstractFileSystem(URI uri, Configuration conf) throws IOException, URISyntaxException {
        super(uri, new LocalHdfsFileSystem(), conf, uri.getScheme(), false);
    }
}
