package dev.emrys.local;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A local account: the folder of one emulated AWS account. Its owner process writes everything in it; people may also
 * use {@code s3}.
 *
 * @param folder absolute
 */
public record Account(Path folder) {
    private static final String NOUN = "account folder";

    /** {@code s3://bucket/key} is {@code s3/bucket/key}. */
    public Path s3() {
        return folder.resolve("s3");
    }

    /** The log groups of CloudWatch Logs. */
    public Path logs() {
        return folder.resolve("logs");
    }

    /** The folder of a step: its output, exit status and process. */
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

    /** The output of the owner process and its start-up errors; its log messages are in {@link #ownerMessages}. */
    public Path ownerLog() {
        return folder.resolve("owner.log");
    }

    /** The newest log messages of the owner process; the older files have a greater number. */
    public Path ownerMessages() {
        return folder.resolve("messages.0.log");
    }

    Path database() {
        return folder.resolve("emulator.db");
    }

    /** Where the endpoint of S3 listens, and the steps' secret key. */
    Path storageFile() {
        return folder.resolve("storage.properties");
    }

    Path bin() {
        return folder.resolve("bin");
    }

    /** Whether there is such an account: an emulator has its state there. */
    public boolean exists() {
        return Files.exists(database());
    }

    /**
     * Creates the folder for this user only: it holds the owner's token and the output of steps.
     *
     * @throws UntrustedFileException as {@link #check}
     */
    void create() throws IOException {
        PrivateFiles.createFolder(NOUN, folder);
        for (Path part : List.of(s3(), bin(), folder.resolve("clusters"))) {
            // Rights for others in it have no effect, and it may be a link to a folder that is shared on purpose.
            if (!Files.isDirectory(part)) {
                PrivateFiles.createFolder("folder", part);
            }
        }
    }

    /**
     * Checks who owns and may write the account, before anything is read from it or sent to its owner process.
     *
     * @throws UntrustedFileException when another user does
     */
    void check() {
        if (PrivateFiles.check(NOUN, folder)) {
            for (Path file : List.of(
                    ownerFile(), ownerLock(), storageFile(), database(), databaseFile("-wal"), databaseFile("-shm"))) {
                var unused = PrivateFiles.check("file", file);
            }
        }
    }

    private Path databaseFile(String suffix) {
        return database().resolveSibling(database().getFileName() + suffix);
    }

    /**
     * The path of an {@code s3://} URI.
     *
     * @throws IllegalArgumentException when the text is not such a URI, or when its key has a part that no file can
     *     have as its name: S3 takes {@code a/../b} as a key of its own, and a folder does not
     */
    public Path path(String s3Uri) {
        int scheme = s3Uri.indexOf("://");
        if (scheme < 0 || !s3Uri.startsWith("s3")) {
            throw new IllegalArgumentException(s3Uri + " is not an s3:// URI");
        }
        String key = s3Uri.substring(scheme + 3);
        for (String part : Splitter.on('/').split(key)) {
            if (part.equals(".") || part.equals("..")) {
                throw new IllegalArgumentException("a part of it is \"" + part + "\"");
            }
        }
        Path path = s3().resolve(key).normalize();
        if (!path.startsWith(s3()) || path.equals(s3())) {
            throw new IllegalArgumentException(s3Uri + " names no object");
        }
        return path;
    }
}
