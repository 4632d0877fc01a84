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
import org.sqlite.SQLiteConfig;

/**
 * The database file: WAL, synchronous=FULL (an acknowledged commit survives a loss of power), every transaction {@code
 * IMMEDIATE} (so none fails halfway for a lock). See sqlite.org/wal.html and sqlite.org/pragma.html#pragma_synchronous.
 */
final class SqliteFile {
    private static final int VERSION = 1;
    private static final int BUSY_MILLIS = 60_000;

    private final Path file;

    SqliteFile(Path file) {
        this.file = file;
    }

    Connection connect() {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        config.setBusyTimeout(BUSY_MILLIS);
        try {
            return config.createConnection("jdbc:sqlite:" + file.toAbsolutePath());
        } catch (SQLException e) {
            throw unusable(e);
        }
    }

    /** Creates the tables when they are not there. Two processes may do so at once. */
    void prepare(Connection connection) {
        try {
            // The transaction begins IMMEDIATE, with the lock: of two processes only one finds version 0.
            connection.setAutoCommit(false);
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
                    for (String sql : schema().split(";\\s*\n", -1)) {
                        if (!sql.isBlank()) {
                            statement.execute(sql);
                        }
                    }
                    statement.execute("PRAGMA user_version = " + VERSION);
                }
            }
            connection.commit();
        } catch (SQLException e) {
            throw unusable(e);
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

    JournalException unusable(SQLException e) {
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
