package dev.emrys.s3fs;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * {@code hdfs://} as a folder of the cluster, and with it every path without a scheme, as on a cluster whose default file system is
 * HDFS: what a step writes to {@code /tmp/x} or takes away there must not be this machine's own {@code /tmp/x}.
 *
 * <p>The folder is an absolute path, taken from the Hadoop configuration {@value #SETTING}, else from the system property of that name. All
 * addresses of name nodes mean it. It has a {@code /tmp} and the user's home. As with {@link LocalS3FileSystem}, whose behaviour this is,
 * there are no permissions, and a file is written once: nothing is appended to.
 */
public final class LocalHdfsFileSystem extends LocalS3FileSystem {
    static final String SETTING = "emrys.hdfs.root";

    /** Hadoop makes the instance and then calls {@link #initialize}. */
    public LocalHdfsFileSystem() {}

    /** @throws IOException when the folder is not set or not absolute, or cannot be made */
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
                    "The folder for hdfs:// addresses, " + root + ", is not an absolute one below another.");
        }
        Files.createDirectories(folder);
        return new Bucket(String.valueOf(folder.getFileName()), parent);
    }
}
