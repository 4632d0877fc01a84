package dev.emrys.acceptance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.spark.sql.SparkSession;

/** A Spark job that appends one line to a ledger and counts some rows. Arguments: the ledger, the step, the attempt. */
public final class LedgerJob {
    private static final long ROWS = 200_000;

    private LedgerJob() {}

    public static void main(String[] args) throws IOException {
        String line = args[1] + " " + args[2] + " " + ProcessHandle.current().pid() + "\n";
        Files.writeString(
                Path.of(args[0]), line, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        try (SparkSession spark = SparkSession.builder().appName("ledger").getOrCreate()) {
            System.out.println(
                    "counted " + spark.range(ROWS).filter("id % 3 = 0").count());
        }
    }
}
