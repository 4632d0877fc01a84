package dev.emrys.local;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A local account: a folder that stands for one AWS account. Everything in it belongs to its one owner process, but for {@code s3},
 * which is for people too.
 *
 * @param folder absolute
 */
public record Account(Path folder) {

    /** {@code s3://bucket/key} is {@code s3/bucket/key}. */
    public Path s3() {
        return folder.resolve("s3");
    }

    public Path step(String clusterId, String stepId) {
        return cluster(clusterId).resolve("steps").resolve(stepId);
    }

    Path cluster(String clusterId) {
        return folder.resolve("clusters").resolve(clusterId);
    }

    Path ownerFile() {
        return folder.resolve("owner.json");
    }

    Path ownerLock() {
        return folder.resolve("owner.lock");
    }

    /** What the owner process itself has to say. */
    public Path ownerLog() {
        return folder.resolve("owner.log");
    }

    Path database() {
        return folder.resolve("emulator.db");
    }

    Path bin() {
        return folder.resolve("bin");
    }

    /** Makes the folder, for this user alone: it holds a token, and whatever steps write. */
    void create() throws IOException {
        Files.createDirectories(folder);
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
        Files.createDirectories(s3());
        Files.createDirectories(bin());
    }

    /**
     * The path of an {@code s3://} URI.
     *
     * @throws IllegalArgumentException when the URI is none, or leads out of the account
     */
    public Path path(String s3Uri) {
        int scheme = s3Uri.indexOf("://");
        if (scheme < 0 || !s3Uri.startsWith("s3")) {
            throw new IllegalArgumentException(s3Uri + " is not an s3:// URI.");
        }
        Path path = s3().resolve(s3Uri.substring(scheme + 3)).normalize();
        if (!path.startsWith(s3()) || path.equals(s3())) {
            throw new IllegalArgumentException(s3Uri + " names no object.");
        }
        return path;
    }
}
