package dev.emrys.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/** A connection with its transactions, and with its statements kept prepared. Not thread-safe. */
final class SqliteConnection implements AutoCloseable {
    private final Connection connection;
    private final Map<String, PreparedStatement> statements = new HashMap<>();
    private long dataVersion = -1;
    private long generation;

    SqliteConnection(Connection connection) {
        this.connection = connection;
    }

    /** The one statement of this connection for this text: do not close it, and close its results before the next use. */
    PreparedStatement statement(String sql) throws SQLException {
        PreparedStatement known = statements.get(sql);
        if (known == null) {
            known = connection.prepareStatement(sql);
            statements.put(sql, known);
        }
        return known;
    }

    /** Executes a statement that is used once. */
    void executeOnce(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void execute(String sql) throws SQLException {
        statement(sql).executeUpdate();
    }

    /**
     * Takes the write lock of the file, so that no statement of the transaction fails for a lock. Not by {@code
     * setAutoCommit(false)}: the driver would begin the next transaction within each commit, and so hold the lock while there is
     * nothing to write.
     */
    void begin() throws SQLException {
        execute("BEGIN IMMEDIATE");
        long version = dataVersion();
        if (version != dataVersion) {
            dataVersion = version;
            generation++;
        }
    }

    void commit() throws SQLException {
        execute("COMMIT");
    }

    /** Ends the transaction without effect. Fails when there is none. */
    void rollback() throws SQLException {
        generation++;
        closeStatements();
        execute("ROLLBACK");
    }

    /**
     * As long as this number stays the same, what a transaction of this connection read still holds, except for what its own commits
     * changed. Valid within a transaction.
     */
    long generation() {
        return generation;
    }

    /**
     * Changes when another connection has committed; reads shared memory only. See sqlite.org/pragma.html#pragma_data_version.
     */
    long dataVersion() throws SQLException {
        try (ResultSet row = statement("PRAGMA data_version").executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Needed after a failure: the driver closes a statement that failed, and a closed one must not be used again. */
    void closeStatements() throws SQLException {
        for (PreparedStatement statement : statements.values()) {
            statement.close();
        }
        statements.clear();
    }

    @Override
    public void close() throws SQLException {
        statements.clear();
        connection.close();
    }
}
