package dev.emrys.journal;

import com.google.common.collect.ImmutableList;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The one statement that appends the events of many runs to a PostgreSQL database, with the check of their leases and
 * numbers.
 */
final class AppendStatement {
    private static final String SQL = """
            WITH appends AS (
              SELECT * FROM unnest(?::text[], ?::bigint[], ?::bigint[], ?::bigint[], ?::boolean[], ?::text[], ?::text[])
                AS a(run, token, before, newest, ends, ended_at, outcome)
            ), accepted AS (
              UPDATE runs r SET last_seq = a.newest,
                ended_at = CASE WHEN a.ends THEN a.ended_at ELSE r.ended_at END,
                outcome = CASE WHEN a.ends THEN a.outcome ELSE r.outcome END
              FROM appends a WHERE r.id = a.run AND r.lease_token = a.token AND r.last_seq = a.before
              RETURNING r.id
            ), written AS (
              INSERT INTO events (run, seq, at, type, task, attempt, json)
              SELECT e.run, e.seq, e.at, e.type, e.task, e.attempt, e.json
              FROM unnest(?::text[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::integer[], ?::text[])
                AS e(run, seq, at, type, task, attempt, json)
              JOIN accepted ON accepted.id = e.run
            )
            SELECT id FROM accepted
            """;

    private AppendStatement() {}

    /**
     * @param appends of one run only some that follow each other, with the same lease
     * @return the ids of the runs whose appends were written
     */
    static Set<String> execute(Connection connection, ImmutableList<Append> appends) throws SQLException {
        Map<String, List<Append>> byRun = new LinkedHashMap<>();
        appends.forEach(append -> byRun.computeIfAbsent(append.lease().run(), run -> new ArrayList<>())
                .add(append));
        List<List<Append>> runs = ImmutableList.copyOf(byRun.values());
        try (PreparedStatement statement = connection.prepareStatement(SQL)) {
            bindRuns(connection, statement, runs);
            bindEvents(connection, statement, appends);
            Set<String> accepted = new HashSet<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    accepted.add(rows.getString(1));
                }
            }
            return accepted;
        }
    }

    private static void bindRuns(Connection connection, PreparedStatement statement, List<List<Append>> runs)
            throws SQLException {
        statement.setArray(
                1,
                array(
                        connection,
                        "text",
                        runs,
                        appends -> appends.get(0).lease().run()));
        statement.setArray(
                2,
                array(
                        connection,
                        "bigint",
                        runs,
                        appends -> appends.get(0).lease().token()));
        statement.setArray(
                3, array(connection, "bigint", runs, appends -> appends.get(0).firstSeq() - 1));
        statement.setArray(
                4, array(connection, "bigint", runs, appends -> last(appends).newestSeq()));
        List<EventRow.@Nullable RunEnd> ends = new ArrayList<>();
        for (List<Append> appends : runs) {
            EventRow.@Nullable RunEnd end = null;
            for (Append append : appends) {
                end = append.end() == null ? end : append.end();
            }
            ends.add(end);
        }
        statement.setArray(5, array(connection, "boolean", ends, end -> end != null));
        statement.setArray(6, array(connection, "text", ends, end -> end == null ? null : end.at()));
        statement.setArray(7, array(connection, "text", ends, end -> end == null ? null : end.outcome()));
    }

    private static Append last(List<Append> appends) {
        return appends.get(appends.size() - 1);
    }

    private record NumberedRow(String run, long seq, EventRow row) {}

    private static void bindEvents(Connection connection, PreparedStatement statement, ImmutableList<Append> group)
            throws SQLException {
        List<NumberedRow> events = new ArrayList<>();
        for (Append append : group) {
            long seq = append.firstSeq();
            for (EventRow row : append.rows()) {
                events.add(new NumberedRow(append.lease().run(), seq++, row));
            }
        }
        statement.setArray(8, array(connection, "text", events, NumberedRow::run));
        statement.setArray(9, array(connection, "bigint", events, NumberedRow::seq));
        statement.setArray(
                10, array(connection, "text", events, event -> event.row().at()));
        statement.setArray(
                11, array(connection, "text", events, event -> event.row().type()));
        statement.setArray(
                12, array(connection, "text", events, event -> event.row().task()));
        statement.setArray(
                13, array(connection, "integer", events, event -> event.row().attempt()));
        statement.setArray(
                14, array(connection, "text", events, event -> event.row().json()));
    }

    static <T extends @Nullable Object> Array array(
            Connection connection, String type, List<T> items, Function<T, @Nullable Object> value)
            throws SQLException {
        return connection.createArrayOf(type, items.stream().map(value).toArray());
    }
}
