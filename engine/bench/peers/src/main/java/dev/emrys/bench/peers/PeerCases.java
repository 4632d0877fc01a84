package dev.emrys.bench.peers;

import com.sun.management.OperatingSystemMXBean;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * What is measured of other products, over a PostgreSQL of their own that makes each commit durable. Arguments: case,
 * folder. Prints the same lines as the engine's own cases; the CPU time is that of this process, without PostgreSQL.
 */
public final class PeerCases {
    private static final int CONNECTIONS = 40;

    private PeerCases() {}

    public static void main(String[] args) throws Exception {
        try (EmbeddedPostgres postgres = postgres(Path.of(args[1]));
                HikariDataSource database = pool(postgres)) {
            requireDurable(database);
            switch (args[0]) {
                case "db-scheduler" -> DbSchedulerCase.measure(database);
                case "schedules-quartz" -> SchedulesCase.quartz();
                case "schedules-db-scheduler" -> SchedulesCase.dbScheduler(database);
                case "dbos" -> DbosCase.measure(database);
                default -> throw new IllegalArgumentException("No case " + args[0]);
            }
        }
        // The products leave threads behind.
        System.exit(0);
    }

    /** The library switches durability off by default. */
    private static EmbeddedPostgres postgres(Path folder) throws IOException {
        return EmbeddedPostgres.builder()
                .setOverrideWorkingDirectory(folder.resolve("binaries").toFile())
                .setDataDirectory(folder.resolve("data"))
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .start();
    }

    private static HikariDataSource pool(EmbeddedPostgres postgres) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(postgres.getJdbcUrl("postgres", "postgres"));
        config.setMaximumPoolSize(CONNECTIONS);
        return new HikariDataSource(config);
    }

    private static void requireDurable(HikariDataSource database) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            for (String setting : new String[] {"fsync", "synchronous_commit"}) {
                try (ResultSet row = statement.executeQuery("SHOW " + setting)) {
                    row.next();
                    if (!row.getString(1).equals("on")) {
                        throw new IllegalStateException(setting + " is " + row.getString(1));
                    }
                }
            }
        }
    }

    static double cpuSeconds() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime() / 1e9;
    }

    static void print(String row, double value, double cpuSeconds) {
        System.out.println(String.join("\t", "sample", row, Double.toString(value), Double.toString(cpuSeconds)));
    }
}
