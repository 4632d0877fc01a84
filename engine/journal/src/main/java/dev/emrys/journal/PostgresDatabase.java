package dev.emrys.journal;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import javax.sql.DataSource;

/** The connections to one database. Thread-safe. */
final class PostgresDatabase implements AutoCloseable {
    /** The writer, the renewal of the lease, a snapshot, and readers; what comes beyond that waits for one. */
    private static final int MAX_CONNECTIONS = 8;

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(1);

    private final PostgresAddress address;
    private final HikariDataSource pool;
    private volatile boolean refused;

    /** @throws JournalException when it cannot be reached */
    PostgresDatabase(PostgresAddress address) {
        this.address = address;
        HikariConfig config = new HikariConfig();
        config.setPoolName("emrys-journal");
        config.setJdbcUrl(address.jdbcUrl());
        address.properties().forEach(config::addDataSourceProperty);
        config.setMaximumPoolSize(MAX_CONNECTIONS);
        config.setMinimumIdle(0);
        config.setIdleTimeout(IDLE_TIMEOUT.toMillis());
        config.setConnectionTimeout(CONNECT_TIMEOUT.toMillis());
        try {
            this.pool = new HikariDataSource(config);
        } catch (PoolInitializationException e) {
            throw unusable(e.getCause() instanceof SQLException sql ? sql : new SQLException(e.getMessage(), e));
        }
    }

    String schema() {
        return address.schema();
    }

    DataSource pool() {
        return pool;
    }

    /** Uses a connection, which is returned to the pool afterwards. */
    interface Use<T> {
        T on(Connection connection) throws SQLException;
    }

    /** Each statement is a transaction of its own. */
    <T> T use(Use<T> use) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            return use.on(connection);
        }
    }

    <T> T inTransaction(Use<T> use) throws SQLException {
        return use(connection -> {
            // The pool sets it back.
            connection.setAutoCommit(false);
            boolean done = false;
            try {
                T result = use.on(connection);
                connection.commit();
                done = true;
                return result;
            } finally {
                if (!done) {
                    rollback(connection);
                }
            }
        });
    }

    /** The failure that led here is the one to report. */
    private static void rollback(Connection connection) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            // The connection is broken: the server has rolled back, and the pool closes it.
        }
    }

    /**
     * For a query of a caller who waits.
     *
     * @throws JournalException when the database cannot be used
     */
    <T> T read(Use<T> query) {
        refuseClosed();
        try {
            return use(query);
        } catch (SQLException e) {
            if (!isTransient(e)) {
                throw unusable(e);
            }
        }
        // The server was restarted since the connection was made: a new one is tried once.
        try {
            return use(query);
        } catch (SQLException e) {
            throw unusable(e);
        }
    }

    /** From now on callers are refused; what is in flight, and the lease of this process, still has connections. */
    void refuse() {
        refused = true;
    }

    void refuseClosed() {
        if (refused) {
            throw closed();
        }
    }

    static JournalException closed() {
        return new JournalException("The journal is closed.", null);
    }

    /**
     * For a change of a caller who waits, in one transaction. It is not tried again: whether it has happened may not be
     * known.
     *
     * @throws JournalException when the database cannot be used
     */
    <T> T write(Use<T> change) {
        refuseClosed();
        try {
            return inTransaction(change);
        } catch (SQLException e) {
            throw unusable(e);
        }
    }

    /** A connection that does not come from the pool, to be kept for long; its caller closes it. */
    Connection connect() throws SQLException {
        Properties properties = new Properties();
        address.properties().forEach(properties::setProperty);
        return DriverManager.getConnection(address.jdbcUrl(), properties);
    }

    /**
     * Whether the same statement may succeed later: the server cannot be reached, is starting or stopping, or has ended
     * a transaction for another one's sake. See https://www.postgresql.org/docs/current/errcodes-appendix.html.
     */
    static boolean isTransient(SQLException e) {
        String state = Optional.ofNullable(e.getSQLState()).orElse("");
        return state.startsWith("08")
                || state.startsWith("40")
                || state.startsWith("57P")
                || state.equals("53300")
                || state.equals("55P03")
                || e instanceof SQLTransientException
                || e instanceof SQLRecoverableException;
    }

    JournalException unusable(SQLException failure) {
        // The pool's own exception says only that no connection came in time.
        SQLException e =
                failure instanceof SQLTransientConnectionException && failure.getCause() instanceof SQLException cause
                        ? cause
                        : failure;
        String state = Optional.ofNullable(e.getSQLState()).orElse("");
        String why = Optional.ofNullable(e.getMessage())
                .orElse(e.getClass().getSimpleName())
                .strip();
        return new JournalException(
                "The journal in " + address + " cannot be used: " + firstLine(why) + "\n    " + fix(state), e);
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }

    private String fix(String state) {
        return switch (state) {
            case "28P01", "28000" ->
                "Check the user in the URL, and its password: write it to ~/.pgpass, or set PGPASSWORD.";
            case "3D000" -> "Create the database, or correct its name in the URL.";
            case "42501" ->
                "Give the user the right to create the schema " + address.schema()
                        + " in the database, or create it and make the user its owner.";
            case "53100" -> "The server's disk is full: make room there, then continue the runs with emrys resume.";
            case "53300" -> "The server has no connection left: raise its max_connections, or end other clients.";
            case "25006" -> "The server is read-only: name the primary server in the URL.";
            default ->
                state.startsWith("08")
                        ? "Check that the server runs, and that this machine may connect to it."
                        : "See the server's log for more.";
        };
    }

    /** For people. */
    @Override
    public String toString() {
        return address.toString();
    }

    @Override
    public void close() {
        pool.close();
    }
}
