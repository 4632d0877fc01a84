package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import dev.emrys.emulator.EmulatorStore;
import dev.emrys.emulator.StoredDocument;
import dev.emrys.sqlite.FileIdentity;
import dev.emrys.sqlite.SqliteConnection;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.SQLiteConfig;

/**
 * Keeps the emulator's documents in an SQLite file that only the owner process opens. After a failure, such as a full
 * disk, what was to be stored is not, and the next call works again as soon as the file can be written. Thread-safe.
 */
final class SqliteStore implements EmulatorStore, AutoCloseable {
    private static final String UPSERT = "INSERT INTO documents (kind, id, json) VALUES (?,?,?)"
            + " ON CONFLICT (kind, id) DO UPDATE SET json = excluded.json";

    private final SqliteConnection connection;
    private final FileIdentity lock;

    private interface Transaction {
        void on(SqliteConnection connection) throws SQLException;
    }

    /** @param lock nothing is written once it is replaced: another process may use the file */
    SqliteStore(Path file, FileIdentity lock) throws SQLException {
        this.lock = lock;
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        // The driver would ask for them after each statement.
        config.setGetGeneratedKeys(false);
        config.setBusyTimeout(10_000);
        this.connection = new SqliteConnection(file, () -> open(config, file));
        connection.executeOnce(
                "CREATE TABLE IF NOT EXISTS documents (kind TEXT NOT NULL, id TEXT NOT NULL, json TEXT NOT NULL,"
                        + " PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID");
    }

    /**
     * What was replaced or deleted is overwritten, because it may contain secrets. See
     * sqlite.org/pragma.html#pragma_secure_delete.
     */
    private static Connection open(SQLiteConfig config, Path file) throws SQLException {
        Connection connection = config.createConnection("jdbc:sqlite:" + file);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA secure_delete=ON");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Empties the write-ahead log, which has earlier contents of the pages that were changed. */
    @Override
    public synchronized void purge() {
        try {
            connection.executeOnce("PRAGMA wal_checkpoint(TRUNCATE)");
        } catch (SQLException e) {
            throw new IllegalStateException("The emulator's state cannot be purged: " + e.getMessage(), e);
        }
    }

    @Override
    public synchronized ImmutableList<StoredDocument> load() {
        ImmutableList.Builder<StoredDocument> all = ImmutableList.builder();
        transact(open -> {
            try (ResultSet row = open.statement("SELECT kind, id, json FROM documents ORDER BY kind, id")
                    .executeQuery()) {
                while (row.next()) {
                    all.add(new StoredDocument(row.getString(1), row.getString(2), row.getString(3)));
                }
            }
        });
        return all.build();
    }

    @Override
    public synchronized void save(ImmutableList<StoredDocument> documents) {
        transact(open -> {
            PreparedStatement upsert = open.statement(UPSERT);
            for (StoredDocument document : documents) {
                upsert.setString(1, document.kind());
                upsert.setString(2, document.id());
                upsert.setString(3, document.json());
                upsert.executeUpdate();
            }
        });
    }

    @Override
    public synchronized void delete(String kind, ImmutableList<String> ids) {
        transact(open -> {
            PreparedStatement delete = open.statement("DELETE FROM documents WHERE kind = ? AND id = ?");
            for (String id : ids) {
                delete.setString(1, kind);
                delete.setString(2, id);
                delete.executeUpdate();
            }
        });
    }

    private void transact(Transaction body) {
        boolean committed = false;
        try {
            connection.begin();
            body.on(connection);
            if (!lock.isCurrent()) {
                throw new IllegalStateException("The lock " + lock + " was removed or replaced. Nothing was stored.");
            }
            connection.commit();
            committed = true;
        } catch (SQLException e) {
            throw new IllegalStateException("The emulator's state cannot be stored: " + e.getMessage(), e);
        } finally {
            if (!committed) {
                connection.rollback();
            }
        }
    }

    @Override
    public synchronized void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
