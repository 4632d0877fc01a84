package dev.emrys.sqlite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which file a path named at a moment. A process that has a file open keeps it when it is removed, or replaced by
 * another: what it writes there is lost, and its lock is no lock for others. Immutable.
 */
public final class FileIdentity {
    private final Path path;
    /** Null on a file system that does not number its files. */
    private final @Nullable Object key;

    private FileIdentity(Path path, @Nullable Object key) {
        this.path = path;
        this.key = key;
    }

    /**
     * The file that the path names now.
     *
     * @throws NoSuchFileException when there is none
     */
    public static FileIdentity of(Path path) throws IOException {
        return new FileIdentity(path, key(path));
    }

    /** @param attributes of the file that the path names */
    static FileIdentity of(Path path, BasicFileAttributes attributes) {
        return new FileIdentity(path, attributes.fileKey());
    }

    private static @Nullable Object key(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    /**
     * Whether the path still names it. A file that cannot be asked, as while its disk does not answer, counts as the
     * same: only one that is not there or is another one does not. Reads no content.
     */
    public boolean isCurrent() {
        try {
            return Objects.equals(key, key(path));
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
