package dev.emrys.storage;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** What is at a path, while other processes change it. */
final class ExistingFiles {
    private ExistingFiles() {}

    /** Null when there is nothing. */
    static @Nullable BasicFileAttributes attributes(Path file) throws IOException {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            return null;
        } catch (FileSystemException e) {
            // "a/b" where "a" is a file, or too long a name.
            if (Files.notExists(file) || isBelowFile(file)) {
                return null;
            }
            throw e;
        }
    }

    /** Whether a part of the path is a file, so that there can be nothing at it. */
    static boolean isBelowFile(Path file) {
        Path parent = file.getParent();
        while (parent != null && !Files.exists(parent)) {
            parent = parent.getParent();
        }
        return parent != null && !Files.isDirectory(parent);
    }
}
