package dev.emrys.sqlite;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A connection with its transactions, and with its statements kept prepared.
 *
 * <p>After a failure, such as a full disk, SQLite may have ended the transaction itself, and the connection may be of
 * no more use: one that cannot be rolled back is closed, and the next transaction opens another. See
 * sqlite.org/lang_transaction.html, "Response To Errors Within A Transaction".
 *
 * <p>A commit fails with a {@link FileReplacedException} when the file is no longer the one that was opened: SQLite
 * itself would write on into a file that has no name any more.
 *
 * <p>Not thread-safe.
 */
public final class SqliteConnection implements AutoCloseable {
    /** Opens a connection to the file, in the driver's auto-commit mode. */
    public interface Opener {
        Connection open() throws SQLException;
    }

    private final Opener opener;
    private final FileIdentity file;
    /** Null from a failed rollback until the next transaction. */
    private @Nullable Connection connection;

    private boolean closed;
    private final Map<String, PreparedStatement> statements = new HashMap<>();
    private long dataVersion = -1;
    private long generation;

    /**
     * Opens the first connection.
     *
     * @param file which the opener creates when it is missing
     */
    public SqliteConnection(Path file, Opener opener) throws SQLException {
        this.opener = opener;
        this.connection = opener.open();
        this.file = identity(file);
    }

    private FileIdentity identity(Path path) throws SQLException {
        try {
            return FileIdentity.of(path);
        } catch (IOException e) {
            abandon();
            throw new SQLException("the file " + path + " cannot be found after it was opened: " + e.getMessage(), e);
        }
    }

    /** Whether the file is still the one that was opened. */
    public boolean isFileCurrent() {
        return file.isCurrent();
    }

    private void checkFile() throws SQLException {
        if (!isFileCurrent()) {
            throw new FileReplacedException(file);
        }
    }

    private Connection open() throws SQLException {
        Connection open = connection;
        if (open == null) {
            if (closed) {
                throw new SQLException("The connection is closed.");
            }
            checkFile();
            open = opener.open();
            connection = open;
            dataVersion = -1;
        }
        return open;
    }

    /**
     * The one statement of this connection for this text: do not close it, and close its results before the next use.
     */
    public PreparedStatement statement(String sql) throws SQLException {
        PreparedStatement known = statements.get(sql);
        if (known == null) {
            known = open().prepareStatement(sql);
            statements.put(sql, known);
        }
        return known;
    }

    /** Executes a statement that is used once. */
    public void executeOnce(String sql) throws SQLException {
        try (Statement statement = open().createStatement()) {
            statement.execute(sql);
        }
    }

    private void execute(String sql) throws SQLException {
        statement(sql).executeUpdate();
    }

    /**
     * Takes the write lock of the file, so that no statement of the transaction fails for a lock. Not by {@code
     * setAutoCommit(false)}: the driver would begin the next transaction within each commit, and so hold the lock while
     * there is nothing to write.
     */
    public void begin() throws SQLException {
        execute("BEGIN IMMEDIATE");
        long version = dataVersion();
        if (version != dataVersion) {
            dataVersion = version;
            generation++;
        }
    }

    public void commit() throws SQLException {
        checkFile();
        execute("COMMIT");
    }

    /**
     * Ends the transaction without effect, and may be called when SQLite has already ended it. Where that cannot be
     * done, the connection is closed, which has the same effect.
     */
    public void rollback() {
        generation++;
        if (connection == null) {
            return;
        }
        try {
            closeStatements();
            execute("ROLLBACK");
        } catch (SQLException | RuntimeException | Error e) {
            // Errors too: a transaction that stays open holds the lock of the file.
            abandon();
        }
    }

    private void abandon() {
        statements.clear();
        Connection useless = connection;
        connection = null;
        if (useless != null) {
            try {
                useless.close();
            } catch (SQLException | RuntimeException | Error e) {
                // It is not used again. Its file descriptors may stay open until the process ends.
                return;
            }
        }
    }

    /**
     * As long as this number stays the same, what a transaction of this connection read still holds, except for what
     * its own commits changed. Valid within a transaction.
     */
    public long generation() {
        return generation;
    }

    /**
     * Changes when another connection has committed; reads shared memory only. See
     * sqlite.org/pragma.html#pragma_data_version.
     */
    public long dataVersion() throws SQLException {
        try (ResultSet row = statement("PRAGMA data_version").executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Needed after a failure: the driver closes a statement that failed, and a closed one must not be used again. */
    public void closeStatements() throws SQLException {
        for (PreparedStatement statement : statements.values()) {
            statement.close();
        }
        statements.clear();
    }

    @Override
    public void close() throws SQLException {
        closed = true;
        statements.clear();
        Connection open = connection;
        connection = null;
        if (open != null) {
            open.close();
        }
    }
}
