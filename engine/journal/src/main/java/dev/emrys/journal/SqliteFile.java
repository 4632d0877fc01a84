package dev.emrys.journal;

import dev.emrys.sqlite.FileReplacedException;
import dev.emrys.sqlite.SqliteConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;

/**
 * The database file: WAL, and synchronous=FULL, so that an acknowledged commit survives a loss of power. See
 * sqlite.org/wal.html and sqlite.org/pragma.html#pragma_synchronous.
 */
final class SqliteFile {
    /** An extended result code holds the primary one in its lowest byte. See sqlite.org/rescode.html. */
    private static final int PRIMARY_CODE = 0xff;

    private static final int SMALLEST_PAGE = 512;

    /**
     * How many pages the write-ahead log has before a commit copies them to the database's file: 32 MB of 4 KB. Below
     * this it is done while there is nothing to write, by {@link GroupCommit}. See
     * sqlite.org/pragma.html#pragma_wal_autocheckpoint.
     */
    private static final String MOST_PAGES = "8000";

    private final Path file;
    private final BusyWait busyWait;
    private final Patience patience;

    /** @param warnings receives a message when a lock of another process lasts */
    SqliteFile(Path file, Patience patience, Consumer<String> warnings) {
        this.file = file;
        this.patience = patience;
        this.busyWait = new BusyWait(file, patience.firstWarning(), warnings);
    }

    Patience patience() {
        return patience;
    }

    @Override
    public String toString() {
        return file.toString();
    }

    BusyWait busyWait() {
        return busyWait;
    }

    SqliteConnection connect() {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setBusyTimeout((int) patience.busyTimeout().toMillis());
        config.setPragma(SQLiteConfig.Pragma.WAL_AUTOCHECKPOINT, MOST_PAGES);
        // The driver would ask for them after each statement.
        config.setGetGeneratedKeys(false);
        try {
            // While one process changes a new file to WAL, SQLite refuses others at once, despite the busy timeout.
            return new SqliteConnection(
                    file.toAbsolutePath(),
                    () -> busyWait.call(() -> config.createConnection("jdbc:sqlite:" + file.toAbsolutePath())));
        } catch (SQLException e) {
            throw unusable(e);
        }
    }

    /**
     * @throws JournalException for a file too short to be a database: SQLite would take it for an empty one and
     *     overwrite it
     */
    void refuseTruncated() {
        try {
            if (Files.isRegularFile(file) && Files.size(file) > 0 && Files.size(file) < SMALLEST_PAGE) {
                throw notADatabase(null);
            }
        } catch (IOException e) {
            throw new JournalException("The journal " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private JournalException notADatabase(@Nullable SQLException cause) {
        return new JournalException(
                "The file " + file + " is not a journal: it is no SQLite database, or a damaged one."
                        + "\n    Move it away, restore it from a copy, or name another state folder with --state.",
                cause);
    }

    /** What was written is gone. */
    JournalLostException lost() {
        return new JournalLostException("The journal " + file
                + " was removed or replaced while this process used it. The run cannot continue, and cannot be resumed."
                + "\n    Start it again, after a look at what its steps have done. A copy of the journal, if there is one, is restored"
                + " while no process uses it.");
    }

    static boolean is(SQLException e, SQLiteErrorCode code) {
        return (e.getErrorCode() & PRIMARY_CODE) == code.code;
    }

    /** The message for a failure. */
    JournalException unusable(SQLException e) {
        if (e instanceof FileReplacedException) {
            return lost();
        }
        if (is(e, SQLiteErrorCode.SQLITE_NOTADB) || is(e, SQLiteErrorCode.SQLITE_CORRUPT)) {
            return notADatabase(e);
        }
        if (is(e, SQLiteErrorCode.SQLITE_BUSY)) {
            return new JournalException(
                    "The journal " + file + " is still locked by another process, so the last events were not written."
                            + "\n    End the process that has the file open.",
                    e);
        }
        if (is(e, SQLiteErrorCode.SQLITE_FULL)) {
            return new JournalException(
                    "The journal " + file + " cannot be written: the disk is full.\n    Free space there.", e);
        }
        Path folder = file.toAbsolutePath().getParent();
        String why = folder != null && Files.exists(folder) && !Files.isWritable(folder)
                ? "this user may not write in the folder"
                : String.valueOf(e.getMessage());
        return new JournalException(
                "The journal " + file + " cannot be used: " + why
                        + ".\n    Give this user the right to write there, free space on the disk, or name another state folder"
                        + " with --state.",
                e);
    }
}
