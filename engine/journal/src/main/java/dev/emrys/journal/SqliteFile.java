package dev.emrys.journal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;

/**
 * The database file: WAL, synchronous=FULL (an acknowledged commit survives a loss of power), every transaction of a writer {@code
 * IMMEDIATE} (so none fails halfway for a lock). See sqlite.org/wal.html and sqlite.org/pragma.html#pragma_synchronous.
 */
final class SqliteFile {
    private static final int VERSION = 1;
    private static final int BUSY_MILLIS = 60_000;
    /** An extended result code holds the primary one in its lowest byte. See sqlite.org/rescode.html. */
    private static final int PRIMARY_CODE = 0xff;

    private static final int SMALLEST_PAGE = 512;

    private final Path file;

    SqliteFile(Path file) {
        this.file = file;
    }

    Connection connect() {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setBusyTimeout(BUSY_MILLIS);
        long giveUp = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(BUSY_MILLIS);
        while (true) {
            try {
                return config.createConnection("jdbc:sqlite:" + file.toAbsolutePath());
            } catch (SQLException e) {
                // While a new file is made a WAL one, SQLite refuses whoever does the same at once, busy timeout or
                // not.
                if (!is(e, SQLiteErrorCode.SQLITE_BUSY) || System.nanoTime() > giveUp) {
                    throw unusable(e);
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
        }
    }

    private static boolean is(SQLException e, SQLiteErrorCode code) {
        return (e.getErrorCode() & PRIMARY_CODE) == code.code;
    }

    /** SQLite takes a file that is shorter than its smallest page for an empty one, and writes over it. */
    void refuseStump() {
        try {
            if (Files.isRegularFile(file) && Files.size(file) > 0 && Files.size(file) < SMALLEST_PAGE) {
                throw noJournal(null);
            }
        } catch (IOException e) {
            throw new JournalException("The journal " + file + " cannot be looked at: " + e.getMessage(), e);
        }
    }

    private JournalException noJournal(@Nullable SQLException cause) {
        return new JournalException(
                "The file " + file + " is not a journal: it is no SQLite database, or a damaged one."
                        + "\n    Move it away, restore it from a copy, or name another state folder with --state.",
                cause);
    }

    /** Creates the tables when they are not there. Two processes may do so at once. */
    void prepare(Connection connection) {
        try {
            // With the lock from the beginning: of two processes only one finds version 0.
            begin(connection);
            try (Statement statement = connection.createStatement()) {
                int version = version(statement);
                if (version > VERSION) {
                    throw new JournalException(
                            "The journal " + file + " was written by a newer Emrys (version " + version
                                    + " of its tables; this one knows " + VERSION
                                    + ").\n    Use that Emrys, or name another state folder with --state.",
                            null);
                }
                if (version == 0) {
                    refuseForeign(statement);
                    for (String sql : schema().split(";\\s*\n", -1)) {
                        if (!sql.isBlank()) {
                            statement.execute(sql);
                        }
                    }
                    statement.execute("PRAGMA user_version = " + VERSION);
                }
            }
            commit(connection);
        } catch (SQLException e) {
            throw unusable(e);
        }
    }

    /**
     * Takes the lock of the file. Not by {@code setAutoCommit(false)}: the driver would begin the next transaction within each
     * commit, and so hold the lock while there is nothing to write.
     */
    static void begin(Connection connection) throws SQLException {
        execute(connection, "BEGIN IMMEDIATE");
    }

    static void commit(Connection connection) throws SQLException {
        execute(connection, "COMMIT");
    }

    static void rollback(Connection connection) throws SQLException {
        execute(connection, "ROLLBACK");
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Version 0 is a file that was empty until now, or one that some other program made. */
    private void refuseForeign(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery("SELECT count(*) FROM sqlite_schema")) {
            rows.next();
            if (rows.getInt(1) > 0) {
                throw new JournalException(
                        "The file " + file + " is not a journal: it is a database of something else."
                                + "\n    Move it away, or name another state folder with --state.",
                        null);
            }
        }
    }

    private static int version(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery("PRAGMA user_version")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private static String schema() {
        try (InputStream in = SqliteFile.class.getResourceAsStream("sqlite.sql")) {
            if (in == null) {
                throw new IllegalStateException("sqlite.sql is missing from the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("sqlite.sql cannot be read", e);
        }
    }

    /** Whether the row is there already. */
    static boolean taken(SQLException e) {
        return is(e, SQLiteErrorCode.SQLITE_CONSTRAINT);
    }

    JournalException unusable(SQLException e) {
        if (is(e, SQLiteErrorCode.SQLITE_NOTADB) || is(e, SQLiteErrorCode.SQLITE_CORRUPT)) {
            return noJournal(e);
        }
        if (is(e, SQLiteErrorCode.SQLITE_BUSY)) {
            return new JournalException(
                    "The journal " + file + " is held by another process for too long."
                            + "\n    Try again. If it lasts, see who has the file open.",
                    e);
        }
        if (is(e, SQLiteErrorCode.SQLITE_FULL)) {
            return new JournalException(
                    "The journal " + file + " cannot be written: the disk is full.\n    Free space there.", e);
        }
        Path folder = file.toAbsolutePath().getParent();
        String why = folder != null && Files.exists(folder) && !Files.isWritable(folder)
                ? "the folder may not be written by this user"
                : String.valueOf(e.getMessage());
        return new JournalException(
                "The journal " + file + " cannot be used: " + why
                        + ".\n    Give this user the right to write there, free space on the disk, or name another state folder"
                        + " with --state.",
                e);
    }
}
