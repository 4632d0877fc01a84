package dev.emrys.journal;

import dev.emrys.sqlite.SqliteConnection;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Brings the tables to this version: {@code sqlite/V1.sql} makes them, each further file changes them. {@code PRAGMA
 * user_version} holds the version of a file. A released file of these is never changed.
 */
final class SqliteMigrations {
    static final int NEWEST = 9;

    private final SqliteFile file;
    private final SqliteConnection connection;
    private final Runnable beforeChange;

    /**
     * @param beforeChange runs before the tables of an older version are changed, within the transaction, and may throw
     */
    SqliteMigrations(SqliteFile file, SqliteConnection connection, Runnable beforeChange) {
        this.file = file;
        this.connection = connection;
        this.beforeChange = beforeChange;
    }

    /** Several processes may do this at the same time. */
    void apply() {
        try {
            while (file.busyWait().call(() -> version()) != NEWEST) {
                step();
            }
        } catch (SQLException e) {
            throw file.unusable(e);
        }
    }

    /** One version further, in one transaction. */
    private void step() throws SQLException {
        file.busyWait().call(() -> {
            connection.begin();
            return true;
        });
        boolean done = false;
        try {
            // Only now: with the lock, no other process changes the version.
            int version = version();
            if (version > NEWEST) {
                throw new JournalException(
                        "The journal " + file + " was written by a newer Emrys (version " + version
                                + " of its tables; this one knows " + NEWEST
                                + ").\n    Use that Emrys, or name another state folder with --state.",
                        null);
            }
            if (version < NEWEST) {
                if (version == 0) {
                    refuseForeign();
                } else {
                    beforeChange.run();
                }
                for (String sql : script(version + 1).split(";\\s*\n", -1)) {
                    if (!sql.isBlank()) {
                        connection.executeOnce(sql);
                    }
                }
                connection.executeOnce("PRAGMA user_version = " + (version + 1));
            }
            connection.commit();
            done = true;
        } finally {
            if (!done) {
                connection.rollback();
            }
        }
    }

    /** Version 0 is a file that was empty until now, or one that another program made. */
    private void refuseForeign() throws SQLException {
        try (ResultSet rows =
                connection.statement("SELECT count(*) FROM sqlite_schema").executeQuery()) {
            rows.next();
            if (rows.getInt(1) > 0) {
                throw new JournalException(
                        "The file " + file + " is not a journal: it is a database of another program."
                                + "\n    Move it away, or name another state folder with --state.",
                        null);
            }
        }
    }

    private int version() throws SQLException {
        try (ResultSet rows = connection.statement("PRAGMA user_version").executeQuery()) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private static String script(int version) {
        String name = "sqlite/V" + version + ".sql";
        try (InputStream in = SqliteMigrations.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing from the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(name + " cannot be read", e);
        }
    }
}
