package dev.emrys.s3fs;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.nio.file.Paths;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * {@code hdfs://} as a folder of the cluster, and with it every path without a scheme, as on a cluster whose default file system is
 * HDFS: a step that writes or deletes {@code /tmp/x} must not change this machine's {@code /tmp/x}.
 *
 * <p>The folder is an absolute path, taken from the Hadoop configuration {@value #SETTING}, else from the system property of that name. All
 * name node addresses map to it. It has a {@code /tmp} and the user's home. As in {@link LocalS3FileSystem}, there are no permissions, and
 * files are written once: appending is not supported.
 */
public final class LocalHdfsFileSystem extends LocalS3FileSystem {
    static final String SETTING = "emrys.hdfs.root";

    /** Hadoop creates the instance and then calls {@link #initialize}. */
    public LocalHdfsFileSystem() {}

    /** @throws IOException when the folder is not set or not absolute, or cannot be created */
    @Override
    public void initialize(URI name, Configuration conf) throws IOException {
        super.initialize(name, conf);
        mkdirs(new org.apache.hadoop.fs.Path("/tmp"));
        mkdirs(getHomeDirectory());
        setWorkingDirectory(getHomeDirectory());
    }

    @Override
    Bucket find(URI name, Configuration conf) throws IOException {
        String set = conf.getTrimmed(SETTING);
        String root = set == null || set.isEmpty() ? System.getProperty(SETTING) : set;
        if (root == null || root.isEmpty()) {
            throw new IOException("No folder is set for hdfs:// addresses. Set " + SETTING
                    + " in the Hadoop configuration or as a system property to an absolute folder.");
        }
        Path folder = Paths.get(root).normalize();
        @Nullable Path parent = folder.getParent();
        if (!folder.isAbsolute() || parent == null) {
            throw new IOException(
                    "The folder for hdfs:// addresses, " + root + ", must be absolute and not the root folder.");
        }
        PrivateFiles.createFolders(folder);
        return new Bucket(String.valueOf(folder.getFileName()), parent);
    }
}
