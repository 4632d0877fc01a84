package dev.emrys.s3fs;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Creates folders with mode 0700 and files with mode 0600, whatever the umask: objects are private, as in S3, whether a
 * step writes them or a client of the S3 endpoint (engine/storage). The mode of what exists does not change. On a file
 * system without modes they are created as other files. Thread-safe.
 */
public final class ObjectModes {
    private static final boolean HAS_MODES =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    private ObjectModes() {}

    /**
     * Creates the folder and those above it that are missing.
     *
     * @throws IOException when a file has the name of one of them, or the file system refuses
     */
    public static void createFolders(Path folder) throws IOException {
        Files.createDirectories(folder, attributes("rwx------"));
    }

    /**
     * Creates an empty file.
     *
     * @throws java.nio.file.FileAlreadyExistsException when there is a file or folder of the name
     */
    public static void createFile(Path file) throws IOException {
        Files.createFile(file, attributes("rw-------"));
    }

    private static FileAttribute<?>[] attributes(String permissions) {
        return HAS_MODES
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }
}
