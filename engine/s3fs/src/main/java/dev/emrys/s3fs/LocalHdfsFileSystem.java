package dev.emrys.s3fs;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.nio.file.Paths;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.jspecify.annotations.Nullable;

/**
 * {@code hdfs://} as a folder of the cluster, and with it every path without a scheme, as on a cluster whose default
 * file system is HDFS: a step that writes or deletes {@code /tmp/x} must not change this machine's {@code /tmp/x}.
 *
 * <p>The folder is an absolute path, taken from the Hadoop configuration {@value #SETTING}, else from the system
 * property of that name. All name node addresses map to it. It has a {@code /tmp} and the user's home. As in {@link
 * LocalS3FileSystem}, there are no permissions, and files are written once: appending is not supported.
 *
 * <p>The folder of the system property {@value #STAGING} is also here, under its own path. Hadoop's local job runner
 * copies the files of a job ({@code -files}, {@code -libjars}) into a folder of the local file system, removes the
 * scheme from their paths (JobResourceUploader), and reads them through the default file system.
 */
public final class LocalHdfsFileSystem extends LocalS3FileSystem {
    static final String SETTING = "emrys.hdfs.root";

    /** A system property: a folder of this machine that has the same path in {@code hdfs://}. */
    static final String STAGING = "emrys.hdfs.staging";

    private final @Nullable Path staging;

    /** Hadoop creates the instance and then calls {@link #initialize}. */
    public LocalHdfsFileSystem() {
        String folder = System.getProperty(STAGING);
        staging = folder == null ? null : Paths.get(folder).normalize();
    }

    /** The folders above the staging folder exist for Hadoop, which reads their permissions. */
    @Override
    public FileStatus getFileStatus(org.apache.hadoop.fs.Path path) throws IOException {
        try {
            return super.getFileStatus(path);
        } catch (FileNotFoundException missing) {
            if (isAboveStaging(path)) {
                return new FileStatus(0, true, 1, 0, 0, makeQualified(path));
            }
            throw missing;
        }
    }

    /** A folder above the staging folder that does not exist itself is empty. */
    @Override
    public FileStatus[] listStatus(org.apache.hadoop.fs.Path path) throws IOException {
        if (isAboveStaging(path)) {
            try {
                super.getFileStatus(path);
            } catch (FileNotFoundException missing) {
                return new FileStatus[0];
            }
        }
        return super.listStatus(path);
    }

    private boolean isAboveStaging(org.apache.hadoop.fs.Path path) {
        return staging != null && staging.startsWith(makeQualified(path).toUri().getPath());
    }

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
        ObjectModes.createFolders(folder);
        return new Bucket(String.valueOf(folder.getFileName()), parent, staging);
    }
}
