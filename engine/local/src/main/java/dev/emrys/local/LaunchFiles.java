package dev.emrys.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/**
 * The files by which a supervisor gets a step's command and environment, which may contain secrets: mode 0600, deleted
 * by the supervisor as soon as it has read them. Each supervisor has files of its own, so that the one that does not
 * run the step deletes nothing that the other one still needs.
 */
final class LaunchFiles {
    private static final String PREFIX = "launch.";

    private LaunchFiles() {}

    /**
     * Writes the files for one supervisor.
     *
     * @param text for the supervisor's shell
     * @param input what the step's program reads from file descriptor 3; if it is empty the program has no such file
     */
    static Path write(Path folder, String text, String input) throws IOException {
        Path launch = create(folder, "");
        if (!input.isEmpty()) {
            Path file = launch.resolveSibling(launch.getFileName() + ".input");
            Files.move(writeInput(folder, input), file);
        }
        String open = input.isEmpty() ? "" : "exec 3< \"$launch.input\" || exit 71\n";
        Files.writeString(launch, open + text, StandardCharsets.UTF_8);
        return launch;
    }

    /** Writes a file for the file descriptor 3 of a program that has no supervisor of its own. */
    static Path writeInput(Path folder, String input) throws IOException {
        Path file = create(folder, ".input");
        Files.writeString(file, input, StandardCharsets.UTF_8);
        return file;
    }

    private static Path create(Path folder, String suffix) throws IOException {
        return Files.createTempFile(folder, PREFIX, suffix, PrivateFiles.attributesOfFile(folder));
    }

    /**
     * Deletes what a supervisor left that was killed, or never started. Only for a step that has a claim, or that no
     * supervisor may start any more: the file of a supervisor that has not read it is deleted too.
     */
    static void delete(Path folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, PREFIX + "*")) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return; // The step's folder was deleted.
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }
}
