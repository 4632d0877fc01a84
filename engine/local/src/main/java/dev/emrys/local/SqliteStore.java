package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import dev.emrys.emulator.EmulatorStore;
import dev.emrys.emulator.StoredDocument;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.SQLiteConfig;

/** Keeps the emulator's documents in an SQLite file that only the owner process opens. Thread-safe. */
final class SqliteStore implements EmulatorStore, AutoCloseable {
    private final Connection connection;

    SqliteStore(Path file) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        config.setBusyTimeout(10_000);
        this.connection = config.createConnection("jdbc:sqlite:" + file);
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE IF NOT EXISTS documents (kind TEXT NOT NULL, id TEXT NOT NULL, json TEXT NOT NULL,"
                            + " PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID");
        }
        connection.setAutoCommit(false);
    }

    @Override
    public synchronized ImmutableList<StoredDocument> load() {
        ImmutableList.Builder<StoredDocument> all = ImmutableList.builder();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT kind, id, json FROM documents ORDER BY kind, id")) {
            while (row.next()) {
                all.add(new StoredDocument(row.getString(1), row.getString(2), row.getString(3)));
            }
            connection.commit();
        } catch (SQLException e) {
            throw rolledBack(e);
        }
        return all.build();
    }

    @Override
    public synchronized void save(ImmutableList<StoredDocument> documents) {
        String sql = "INSERT INTO documents (kind, id, json) VALUES (?,?,?)"
                + " ON CONFLICT (kind, id) DO UPDATE SET json = excluded.json";
        try (PreparedStatement upsert = connection.prepareStatement(sql)) {
            for (StoredDocument document : documents) {
                upsert.setString(1, document.kind());
                upsert.setString(2, document.id());
                upsert.setString(3, document.json());
                upsert.addBatch();
            }
            upsert.executeBatch();
            connection.commit();
        } catch (SQLException e) {
            throw rolledBack(e);
        }
    }

    @Override
    public synchronized void delete(String kind, ImmutableList<String> ids) {
        try (PreparedStatement delete =
                connection.prepareStatement("DELETE FROM documents WHERE kind = ? AND id = ?")) {
            for (String id : ids) {
                delete.setString(1, kind);
                delete.setString(2, id);
                delete.addBatch();
            }
            delete.executeBatch();
            connection.commit();
        } catch (SQLException e) {
            throw rolledBack(e);
        }
    }

    private IllegalStateException rolledBack(SQLException cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
        return new IllegalStateException("The emulator's state cannot be stored: " + cause.getMessage(), cause);
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
