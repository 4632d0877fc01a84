package dev.emrys.s3fs;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.BufferedFSInputStream;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.fs.PathIsNotEmptyDirectoryException;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;
import org.jspecify.annotations.Nullable;

/**
 * {@code s3://bucket/key}, {@code s3a://} and {@code s3n://} as the file {@code <root>/bucket/key}, so that jobs
 * written for a cluster run unchanged without an account.
 *
 * <p>The root is an absolute folder, taken from the Hadoop configuration {@value S3Root#SETTING}, else from the system
 * property of that name, else from the environment variable {@value S3Root#VARIABLE}. A job needs no configuration
 * beyond this jar on its class path: the {@code core-site.xml} within maps the three schemes.
 *
 * <p>As in S3, an object appears complete, on close, or not at all. The first write creates a missing bucket. There are
 * no permissions, no checksums, no symbolic links and no appending. Unlike S3, a name cannot be both an object and a
 * prefix, and a rename is atomic. A prefix remains when its last object is deleted, as EMRFS's folder markers do.
 * Access control and versions are not emulated.
 *
 * <p>Thread-safe; the last writer of a key wins.
 *
 * @see <a href="https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-file-systems.html">File systems on
 *     EMR</a>
 */
public class LocalS3FileSystem extends FileSystem {
    /** S3A's default. Splits of this size let several cores process one file. */
    private static final long BLOCK_BYTES = 32L << 20;

    private static final FsPermission FILE_PERMISSION = new FsPermission((short) 0666);
    private static final FsPermission FOLDER_PERMISSION = new FsPermission((short) 0777);
    private static final String USER = System.getProperty("user.name", "hadoop");

    private URI uri = URI.create("s3:///");
    private @Nullable Bucket bucket;
    private Path workingDirectory = new Path("/");

    /** Hadoop creates the instance and then calls {@link #initialize}. */
    public LocalS3FileSystem() {}

    /** @throws IOException when the root is not set or not absolute, or when the address has no valid bucket name */
    @Override
    public void initialize(URI name, Configuration conf) throws IOException {
        super.initialize(name, conf);
        setConf(conf);
        bucket = find(name, conf);
        uri = URI.create(name.getScheme() + "://" + name.getAuthority());
        workingDirectory = new Path(uri.getScheme(), uri.getAuthority(), "/");
    }

    /** The folder of the address. */
    Bucket find(URI name, Configuration conf) throws IOException {
        return S3Root.of(conf).bucket(name);
    }

    @Override
    public String getScheme() {
        return uri.getScheme();
    }

    @Override
    public URI getUri() {
        return uri;
    }

    /** None: otherwise Hadoop would resolve the bucket's name as a host to get tokens. */
    @Override
    public @Nullable String getCanonicalServiceName() {
        return null;
    }

    @Override
    public Path getWorkingDirectory() {
        return workingDirectory;
    }

    /** A folder of another file system has no effect: Pig sets that of HDFS on every file system (PigInputFormat). */
    @Override
    public void setWorkingDirectory(Path folder) {
        URI other = folder.toUri();
        if (other.getScheme() == null || other.getScheme().equals(uri.getScheme())) {
            workingDirectory = makeQualified(folder);
        }
    }

    /** The setting {@code fs.<scheme>.block.size} in bytes (with suffixes such as 32M), else 32 MiB. */
    @Override
    @SuppressWarnings("deprecation") // the method with a path calls this one, and Hadoop calls both
    public long getDefaultBlockSize() {
        return getConf().getLongBytes("fs." + getScheme() + ".block.size", BLOCK_BYTES);
    }

    @Override
    public FSDataInputStream open(Path path, int bufferSize) throws IOException {
        FileStatus status = getFileStatus(path);
        if (status.isDirectory()) {
            throw new FileNotFoundException(status.getPath() + " is a folder: only an object in it can be read.");
        }
        ObjectReader reader = new ObjectReader(status.getPath().toString(), file(path), statistics);
        return new FSDataInputStream(new BufferedFSInputStream(reader, Math.max(bufferSize, 1)));
    }

    /** Permission, replication and block size have no meaning here. The object appears when the stream is closed. */
    @Override
    public FSDataOutputStream create(
            Path path,
            @Nullable FsPermission permission,
            boolean overwrite,
            int bufferSize,
            short replication,
            long blockSize,
            @Nullable Progressable progress)
            throws IOException {
        Path object = qualified(path);
        java.nio.file.Path file = file(path);
        checkReplace(object, file, overwrite);
        if (!bucket().canContain(file)) {
            throw new ParentNotDirectoryException(object + " cannot be created: a part of its path is an object.");
        }
        ObjectWriter writer =
                new ObjectWriter(object.toString(), bucket().newUpload(), Math.max(bufferSize, 1), upload -> {
                    checkReplace(object, file, overwrite);
                    bucket().move(upload, file);
                });
        return new FSDataOutputStream(writer, statistics);
    }

    @Override
    public FSDataOutputStream createNonRecursive(
            Path path,
            @Nullable FsPermission permission,
            EnumSet<CreateFlag> flags,
            int bufferSize,
            short replication,
            long blockSize,
            @Nullable Progressable progress)
            throws IOException {
        Path parent = qualified(path).getParent();
        if (parent != null && !getFileStatus(parent).isDirectory()) {
            throw new ParentNotDirectoryException(parent + " is an object, not a folder.");
        }
        boolean overwrite = flags.contains(CreateFlag.OVERWRITE);
        return create(path, permission, overwrite, bufferSize, replication, blockSize, progress);
    }

    /** @throws UnsupportedOperationException always: objects are written once, on EMRFS too */
    @Override
    public FSDataOutputStream append(Path path, int bufferSize, @Nullable Progressable progress) {
        throw new UnsupportedOperationException(
                "Cannot append to " + path + ": an S3 object is written once. Write a new object beside it.");
    }

    /**
     * If the target is an existing folder, the source moves into it. Creates the parents of the target. Returns false
     * and changes nothing when the source is missing or is the bucket, when the target is an existing object, or when
     * it is inside the source.
     */
    @Override
    public boolean rename(Path from, Path to) throws IOException {
        java.nio.file.Path source = file(from);
        java.nio.file.Path target = file(to);
        BasicFileAttributes moved = bucket().find(source);
        BasicFileAttributes existing = bucket().find(target);
        if (moved == null || bucket().isRoot(source)) {
            return false;
        }
        if (source.equals(target)) {
            return !moved.isDirectory();
        }
        if (existing != null && existing.isDirectory()) {
            target = target.resolve(String.valueOf(source.getFileName()));
            existing = bucket().find(target);
        }
        if (existing != null || target.startsWith(source) || !bucket().canContain(target)) {
            return false;
        }
        bucket().move(source, target);
        return true;
    }

    /**
     * As in S3A, a bucket is not deleted; for its root this returns whether it is empty.
     *
     * @throws PathIsNotEmptyDirectoryException for a folder that is not empty, unless recursive
     */
    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
        java.nio.file.Path file = file(path);
        BasicFileAttributes existing = bucket().find(file);
        if (existing == null) {
            return false;
        }
        boolean nonEmpty = existing.isDirectory() && !bucket().list(file).isEmpty();
        if (nonEmpty && !recursive) {
            throw new PathIsNotEmptyDirectoryException(qualified(path).toString());
        }
        if (bucket().isRoot(file)) {
            return !nonEmpty;
        }
        bucket().delete(file);
        return true;
    }

    /** In the order of the names' UTF-8 bytes, as S3 lists. The listing of an object is the object. */
    @Override
    public FileStatus[] listStatus(Path path) throws IOException {
        FileStatus status = getFileStatus(path);
        if (!status.isDirectory()) {
            return new FileStatus[] {status};
        }
        Map<String, BasicFileAttributes> children = bucket().list(file(path));
        FileStatus[] listing = new FileStatus[children.size()];
        int i = 0;
        for (Map.Entry<String, BasicFileAttributes> child : children.entrySet()) {
            listing[i++] = status(child(status.getPath(), child.getKey()), child.getValue());
        }
        return listing;
    }

    @Override
    public boolean mkdirs(Path path, @Nullable FsPermission permission) throws IOException {
        java.nio.file.Path file = file(path);
        BasicFileAttributes existing = bucket().find(file);
        if (existing != null && !existing.isDirectory()) {
            throw new FileAlreadyExistsException(qualified(path) + " is an object, not a folder.");
        }
        if (!bucket().canContain(file)) {
            throw new ParentNotDirectoryException(
                    qualified(path) + " cannot be created: a part of its path is an object.");
        }
        ObjectModes.createFolders(file);
        return true;
    }

    /** @throws FileNotFoundException naming the address, when the object, prefix or bucket does not exist */
    @Override
    public FileStatus getFileStatus(Path path) throws IOException {
        BasicFileAttributes existing = bucket().find(file(path));
        if (existing == null) {
            String why = bucket().exists() ? "" : " (there is no bucket \"" + bucket().name() + "\")";
            throw new FileNotFoundException("No such object or folder: " + qualified(path) + why);
        }
        return status(qualified(path), existing);
    }

    private void checkReplace(Path object, java.nio.file.Path file, boolean overwrite) throws IOException {
        BasicFileAttributes existing = bucket().find(file);
        if (bucket().isRoot(file) || (existing != null && existing.isDirectory())) {
            throw new FileAlreadyExistsException(object + " is a folder and cannot be replaced by an object.");
        }
        if (existing != null && !overwrite) {
            throw new FileAlreadyExistsException(object + " exists already, and overwriting was not requested.");
        }
    }

    private FileStatus status(Path path, BasicFileAttributes existing) {
        boolean folder = existing.isDirectory();
        long bytes = folder ? 0 : existing.size();
        long block = folder ? 0 : getDefaultBlockSize(path);
        long modified = existing.lastModifiedTime().toMillis();
        FsPermission permission = folder ? FOLDER_PERMISSION : FILE_PERMISSION;
        return new FileStatus(bytes, folder, 1, block, modified, 0, permission, USER, USER, path);
    }

    /** Not {@code new Path(parent, name)}, which parses a name with a colon as an address. */
    private static Path child(Path folder, String name) {
        URI parent = folder.toUri();
        String prefix = parent.getPath().endsWith("/") ? parent.getPath() : parent.getPath() + "/";
        return new Path(parent.getScheme(), parent.getAuthority(), prefix + name);
    }

    private Path qualified(Path path) {
        Path whole = makeQualified(path);
        return whole.toUri().getPath().isEmpty() ? new Path(uri.getScheme(), uri.getAuthority(), "/") : whole;
    }

    private java.nio.file.Path file(Path path) throws IOException {
        checkPath(path);
        Path whole = qualified(path);
        try {
            return bucket().file(whole.toUri().getPath());
        } catch (IllegalArgumentException impossible) {
            throw new PathIOException(whole.toString(), impossible.getMessage());
        }
    }

    private Bucket bucket() throws IOException {
        if (bucket == null) {
            throw new IOException("The file system of " + uri + " is used before it was initialised.");
        }
        return bucket;
    }
}
