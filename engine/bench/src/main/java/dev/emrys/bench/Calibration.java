package dev.emrys.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import org.sqlite.SQLiteConfig;

/**
 * What a durable write costs at the moment: every figure of a durable engine depends on it, and it changes with the
 * load of the machine.
 *
 * @param syncMillis to append 4 KiB to a file and make it durable with fdatasync, median
 * @param commitMillis to commit one row to SQLite (WAL, synchronous=FULL), median
 */
record Calibration(double syncMillis, double commitMillis) {
    private static final int WRITES = 200;
    private static final int BLOCK = 4096;

    static Calibration measure(Path folder) throws IOException, SQLException {
        Files.createDirectories(folder);
        return new Calibration(sync(folder.resolve("sync")), commit(folder.resolve("commit.db")));
    }

    private static double sync(Path file) throws IOException {
        double[] millis = new double[WRITES];
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            for (int i = 0; i < WRITES; i++) {
                long begin = System.nanoTime();
                channel.write(ByteBuffer.allocate(BLOCK));
                channel.force(false);
                millis[i] = (System.nanoTime() - begin) / 1e6;
            }
        }
        Files.delete(file);
        return median(millis);
    }

    private static double commit(Path file) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        double[] millis = new double[WRITES];
        try (Connection connection = config.createConnection("jdbc:sqlite:" + file);
                PreparedStatement create = connection.prepareStatement("CREATE TABLE IF NOT EXISTS t (x TEXT)")) {
            create.execute();
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO t VALUES ('x')")) {
                for (int i = 0; i < WRITES; i++) {
                    long begin = System.nanoTime();
                    insert.execute();
                    millis[i] = (System.nanoTime() - begin) / 1e6;
                }
            }
        }
        return median(millis);
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
