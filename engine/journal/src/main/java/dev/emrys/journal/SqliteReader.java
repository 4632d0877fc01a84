package dev.emrys.journal;

import dev.emrys.sqlite.SqliteConnection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The one connection that this process reads by. Thread-safe: one query at a time. */
final class SqliteReader implements AutoCloseable {
    private final SqliteFile file;
    private @Nullable SqliteConnection connection;
    private boolean closed;

    SqliteReader(SqliteFile file) {
        this.file = file;
    }

    /** Reads all that it needs before it returns. */
    interface Query<T> {
        T on(SqliteConnection connection) throws SQLException;
    }

    synchronized <T> T read(Query<T> query) {
        if (closed) {
            throw new JournalException("The journal is closed.", null);
        }
        SqliteConnection open = connection == null ? file.connect() : connection;
        connection = open;
        try {
            return file.busyWait().call(() -> query.on(open));
        } catch (SQLException e) {
            try {
                open.closeStatements();
            } catch (SQLException alsoFailed) {
                e.addSuppressed(alsoFailed);
            }
            throw file.unusable(e);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                throw file.unusable(e);
            }
            connection = null;
        }
    }
}
