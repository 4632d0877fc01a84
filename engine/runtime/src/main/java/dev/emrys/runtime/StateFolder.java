package dev.emrys.runtime;

import com.google.common.collect.ImmutableSet;
import dev.emrys.journal.SqliteJournal;
import dev.emrys.local.PrivateFiles;
import dev.emrys.local.UntrustedFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The state folder and the files of its journal, for this user only. */
final class StateFolder {
    private static final String NOUN = "state folder";

    /** The folder that is found without being named. */
    static final String STANDARD_NAME = ".emrys";

    /** What Emrys, and its users on its advice, put into a state folder. */
    private static final ImmutableSet<String> CONTENT = ImmutableSet.of(
            SqliteJournal.FILE,
            SqliteJournal.FILE + "-wal",
            SqliteJournal.FILE + "-shm",
            SqliteJournal.LOCKS_FILE,
            "locks",
            LocalTarget.NAME,
            SecretSource.FILE,
            LongArguments.FOLDER,
            ".gitignore");

    private StateFolder() {}

    /**
     * Checks the folder before anything is read from it. A folder that does not exist passes.
     *
     * @throws UntrustedStateException when another user owns it or may write it
     */
    static void check(Path folder) {
        var unused = check(NOUN, folder);
    }

    /**
     * As {@link #check(Path)}, for a file in the folder.
     *
     * @param noun what it is, for the message
     * @return whether it exists
     */
    static boolean check(String noun, Path file) {
        try {
            return PrivateFiles.check(noun, file);
        } catch (UntrustedFileException e) {
            throw new UntrustedStateException(e);
        }
    }

    /**
     * Creates the folder and the journal's file with modes 0700 and 0600, and takes the rights of others from those
     * that exist. Where that is not possible nothing is changed: what uses the folder next fails with the reason.
     *
     * @throws UntrustedStateException when another user owns one of them or may write it
     */
    static void prepare(Path folder) {
        try {
            create(folder);
            // SQLite gives the files beside the journal the same mode.
            PrivateFiles.createFile("file", folder.resolve(SqliteJournal.FILE));
            for (String name :
                    new String[] {SqliteJournal.FILE + "-wal", SqliteJournal.FILE + "-shm", SqliteJournal.LOCKS_FILE}) {
                Path file = folder.resolve(name);
                if (PrivateFiles.check("file", file)) {
                    PrivateFiles.narrow(file);
                }
            }
        } catch (UntrustedFileException e) {
            throw new UntrustedStateException(e);
        } catch (IOException e) {
            // A full disk, a folder that this user may not write, or a file in its place.
        }
    }

    /** As {@link #prepare}, where the journal is not in the folder. */
    static void prepareWithoutJournal(Path folder) {
        try {
            create(folder);
        } catch (UntrustedFileException e) {
            throw new UntrustedStateException(e);
        } catch (IOException e) {
            // What uses the folder next fails with the reason.
        }
    }

    private static void create(Path folder) throws IOException {
        // A folder of another name, such as a home folder, may be shared on purpose.
        if (PrivateFiles.check(NOUN, folder) && !isEmrysOwn(folder)) {
            return;
        }
        PrivateFiles.createFolder(NOUN, folder);
    }

    private static boolean isEmrysOwn(Path folder) throws IOException {
        if (folder.endsWith(STANDARD_NAME)) {
            return true;
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString())
                    .allMatch(name -> CONTENT.contains(name) || name.startsWith(SqliteJournal.LOCKS_FILE));
        }
    }
}
