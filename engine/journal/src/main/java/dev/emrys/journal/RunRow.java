package dev.emrys.journal;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;

/** A run as the tables hold it. */
final class RunRow {
    /** What {@link #read} reads, in this order. */
    static final String COLUMNS = "id, name, pipeline, script, target, started_at, ended_at, outcome";

    private RunRow() {}

    static RunRecord read(ResultSet row) throws SQLException {
        String ended = row.getString(7);
        return new RunRecord(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                Instant.parse(row.getString(6)),
                ended == null ? null : Instant.parse(ended),
                row.getString(8));
    }
}
