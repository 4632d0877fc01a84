package dev.emrys.journal;

import com.google.common.collect.ImmutableList;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/** A run as the tables hold it. */
final class RunRow {
    /** What {@link #read} reads, in this order. */
    static final String COLUMNS = "id, name, pipeline, script, target, started_at, ended_at, outcome,"
            + " logical_date, logical_time, logical_zone, interval_start, target_settings";

    /** What finds succeeded runs: a pipeline, an instant and a limit. */
    static final String SUCCEEDED =
            "WHERE pipeline = ? AND ended_at >= ? AND outcome = 'SUCCEEDED' ORDER BY ended_at, id LIMIT ?";

    private RunRow() {}

    /** @param first the index of the first of the four members */
    static void setLogicalTime(PreparedStatement statement, int first, @Nullable LogicalTime logical)
            throws SQLException {
        statement.setString(first, logical == null ? null : logical.date().toString());
        statement.setString(first + 1, logical == null ? null : Timestamps.text(logical.time()));
        statement.setString(first + 2, logical == null ? null : logical.zone());
        statement.setString(first + 3, logical == null ? null : Timestamps.text(logical.intervalStart()));
    }

    private static @Nullable LogicalTime logicalTime(ResultSet row) throws SQLException {
        String date = row.getString(9);
        return date == null
                ? null
                : new LogicalTime(
                        LocalDate.parse(date),
                        Instant.parse(row.getString(10)),
                        row.getString(11),
                        Instant.parse(row.getString(12)));
    }

    static void setSucceeded(PreparedStatement select, String pipeline, Instant from, int limit) throws SQLException {
        select.setString(1, pipeline);
        select.setString(2, Timestamps.text(from));
        select.setInt(3, limit);
    }

    static ImmutableList<RunRecord> readAll(PreparedStatement select) throws SQLException {
        ImmutableList.Builder<RunRecord> found = ImmutableList.builder();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                found.add(read(row));
            }
        }
        return found.build();
    }

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
                row.getString(8),
                logicalTime(row),
                TargetSettingsJson.read(row.getString(13)));
    }
}
