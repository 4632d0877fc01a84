package dev.emrys.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The folder in which version 1 kept a lock file for each run. A journal is not changed while a process of that version
 * drives a run, because that process would go on writing the old form.
 */
final class FirstVersionLocks {
    private static final String SUFFIX = ".lock";

    private final Path folder;

    FirstVersionLocks(Path folder) {
        this.folder = folder;
    }

    /** @throws JournalException when a process of version 1 drives a run; else removes the folder */
    void retire() {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.endsWith(SUFFIX) && isHeld(file)) {
                    throw new JournalException(
                            "An older Emrys drives run " + name.substring(0, name.length() - SUFFIX.length())
                                    + ", so its journal is not changed to this version.\n    Let the run end, or stop that process,"
                                    + " then try again.",
                            null);
                }
            }
        } catch (IOException e) {
            throw new JournalException("The locks in " + folder + " cannot be read: " + e.getMessage(), e);
        }
        remove();
    }

    private static boolean isHeld(Path file) throws IOException {
        // This version never locks these files, so closing the channel drops no lock of this process.
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            return channel.tryLock() == null;
        }
    }

    private void remove() {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            // It is not used any more; left-over files do no harm.
        }
    }
}
