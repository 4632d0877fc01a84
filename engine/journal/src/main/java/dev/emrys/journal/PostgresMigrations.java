package dev.emrys.journal;

import com.google.common.collect.ImmutableSet;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/**
 * Brings the tables to this version by Flyway: {@code postgresql/V1__tables.sql} makes them, each further file changes
 * them. A released file of these is never changed. Flyway holds a lock meanwhile, so several processes may do this at
 * the same time.
 */
final class PostgresMigrations {
    /** The version of the last file. */
    static final int NEWEST = 6;

    /** Flyway's history of this schema. */
    private static final String HISTORY = "journal_versions";

    /** Of a schema, found before its creation and by the unique index. */
    private static final ImmutableSet<String> DUPLICATES = ImmutableSet.of("42P06", "23505");

    private final PostgresDatabase database;

    PostgresMigrations(PostgresDatabase database) {
        this.database = database;
    }

    /** @throws JournalException also when the tables were made by a newer version */
    void apply() {
        // To ask first is faster by far than to load Flyway.
        int version = database.read(this::version).orElse(0);
        if (version > NEWEST) {
            throw new JournalException(
                    "The journal in " + database + " was written by a newer Emrys (version " + version
                            + " of its tables; this one knows " + NEWEST
                            + ").\n    Use that Emrys, or name another schema"
                            + " with the parameter currentSchema of the URL.",
                    null);
        }
        if (version < NEWEST) {
            migrate();
        }
    }

    private void migrate() {
        try {
            // Flyway would try this for 10 s where the right is missing.
            database.use(this::createSchema);
        } catch (SQLException e) {
            throw database.unusable(e);
        }
        try {
            var unused = Flyway.configure(PostgresMigrations.class.getClassLoader())
                    .dataSource(database.pool())
                    .defaultSchema(database.schema())
                    .createSchemas(false)
                    .table(HISTORY)
                    .locations("classpath:dev/emrys/journal/postgresql")
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
                if (cause instanceof SQLException sql) {
                    throw database.unusable(sql);
                }
            }
            throw new JournalException(
                    "The tables of the journal in " + database + " cannot be made: " + e.getMessage()
                            + "\n    Name another schema with the parameter currentSchema of the URL.",
                    e);
        }
    }

    private boolean createSchema(Connection connection) throws SQLException {
        // To create it needs a right that a user of an existing one may lack.
        try (PreparedStatement exists = connection.prepareStatement("SELECT 1 FROM pg_namespace WHERE nspname = ?")) {
            exists.setString(1, database.schema());
            try (ResultSet row = exists.executeQuery()) {
                if (row.next()) {
                    return false;
                }
            }
        }
        try (Statement create = connection.createStatement()) {
            return create.execute("CREATE SCHEMA " + create.enquoteIdentifier(database.schema(), true));
        } catch (SQLException e) {
            if (DUPLICATES.contains(e.getSQLState())) {
                // Another process was faster.
                return false;
            }
            throw e;
        }
    }

    /** Empty when there are no tables. */
    private Optional<Integer> version(Connection connection) throws SQLException {
        try (PreparedStatement exists =
                connection.prepareStatement("SELECT 1 FROM pg_tables WHERE schemaname = ? AND tablename = ?")) {
            exists.setString(1, database.schema());
            exists.setString(2, HISTORY);
            try (ResultSet row = exists.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
            }
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT max(version::integer) FROM " + HISTORY + " WHERE success AND version IS NOT NULL")) {
            row.next();
            int version = row.getInt(1);
            return row.wasNull() ? Optional.empty() : Optional.of(version);
        }
    }
}
