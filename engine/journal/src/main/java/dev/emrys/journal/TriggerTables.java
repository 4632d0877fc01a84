package dev.emrys.journal;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;

/** The tables of schedules that fire when something happens, by statements that SQLite and PostgreSQL both have. */
final class TriggerTables {
    private static final String KEY = " WHERE fire_at = ? AND schedule = ? AND cause = ?";

    private TriggerTables() {}

    /** To be called within the transaction that records the change. */
    static void write(Statements statements, String schedule, TriggerChange change) throws SQLException {
        PreparedStatement state = statements.of(
                "INSERT INTO trigger_states (schedule, baseline, problem) VALUES (?,?,?)"
                        + " ON CONFLICT (schedule) DO UPDATE SET baseline = excluded.baseline, problem = excluded.problem");
        state.setString(1, schedule);
        state.setString(2, Timestamps.text(change.baseline()));
        state.setString(3, change.problem());
        state.executeUpdate();
        forget(statements, schedule, change);
        consume(statements, schedule, change);
        for (Map.Entry<FireRecord, FireInputs> entry : change.inputs().entrySet()) {
            insert(statements, entry.getKey(), entry.getValue());
        }
    }

    private static void forget(Statements statements, String schedule, TriggerChange change) throws SQLException {
        if (change.forgotten().isEmpty()) {
            return;
        }
        PreparedStatement delete = batch(statements, "DELETE FROM consumed WHERE schedule = ? AND name = ?");
        for (String name : change.forgotten()) {
            delete.setString(1, schedule);
            delete.setString(2, name);
            delete.addBatch();
        }
        delete.executeBatch();
    }

    private static void consume(Statements statements, String schedule, TriggerChange change) throws SQLException {
        if (change.consumed().isEmpty()) {
            return;
        }
        PreparedStatement insert = batch(
                statements,
                "INSERT INTO consumed (schedule, name, version) VALUES (?,?,?)"
                        + " ON CONFLICT (schedule, name) DO UPDATE SET version = excluded.version");
        for (Map.Entry<String, String> entry : change.consumed().entrySet()) {
            insert.setString(1, schedule);
            insert.setString(2, entry.getKey());
            insert.setString(3, entry.getValue());
            insert.addBatch();
        }
        insert.executeBatch();
    }

    private static void insert(Statements statements, FireRecord fire, FireInputs inputs) throws SQLException {
        LogicalTime logical = inputs.logicalTime();
        PreparedStatement insert = statements.of("INSERT INTO fire_inputs (fire_at, schedule, cause, logical_date,"
                + " logical_time, logical_zone, interval_start, triggering_run) VALUES (?,?,?,?,?,?,?,?)");
        setKey(insert, fire);
        insert.setString(4, logical.date().toString());
        insert.setString(5, Timestamps.text(logical.time()));
        insert.setString(6, logical.zone());
        insert.setString(7, Timestamps.text(logical.intervalStart()));
        insert.setString(8, inputs.triggeringRun());
        insert.executeUpdate();
        if (inputs.arrived().isEmpty()) {
            return;
        }
        PreparedStatement arrived = batch(
                statements, "INSERT INTO fire_arrivals (fire_at, schedule, cause, position, name) VALUES (?,?,?,?,?)");
        for (int position = 0; position < inputs.arrived().size(); position++) {
            setKey(arrived, fire);
            arrived.setInt(4, position);
            arrived.setString(5, inputs.arrived().get(position));
            arrived.addBatch();
        }
        arrived.executeBatch();
    }

    /** A statement that was used before may have the rows of a batch that failed. */
    private static PreparedStatement batch(Statements statements, String sql) throws SQLException {
        PreparedStatement statement = statements.of(sql);
        statement.clearBatch();
        return statement;
    }

    private static void setKey(PreparedStatement statement, FireRecord fire) throws SQLException {
        statement.setString(1, Timestamps.text(fire.at()));
        statement.setString(2, fire.schedule());
        statement.setString(3, Ascii.toLowerCase(fire.cause().name()));
    }

    static Optional<TriggerState> state(Statements statements, String schedule) throws SQLException {
        PreparedStatement select = statements.of("SELECT baseline, problem FROM trigger_states WHERE schedule = ?");
        select.setString(1, schedule);
        try (ResultSet row = select.executeQuery()) {
            if (!row.next()) {
                return Optional.empty();
            }
            return Optional.of(new TriggerState(
                    Instant.parse(row.getString(1)), row.getString(2), consumed(statements, schedule)));
        }
    }

    private static ImmutableMap<String, String> consumed(Statements statements, String schedule) throws SQLException {
        PreparedStatement select = statements.of("SELECT name, version FROM consumed WHERE schedule = ?");
        select.setString(1, schedule);
        ImmutableMap.Builder<String, String> found = ImmutableMap.builder();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                found.put(row.getString(1), row.getString(2));
            }
        }
        return found.buildOrThrow();
    }

    static Optional<FireInputs> inputs(Statements statements, FireRecord fire) throws SQLException {
        PreparedStatement select =
                statements.of("SELECT logical_date, logical_time, logical_zone, interval_start, triggering_run"
                        + " FROM fire_inputs" + KEY);
        setKey(select, fire);
        try (ResultSet row = select.executeQuery()) {
            if (!row.next()) {
                return Optional.empty();
            }
            LogicalTime logical = new LogicalTime(
                    LocalDate.parse(row.getString(1)),
                    Instant.parse(row.getString(2)),
                    row.getString(3),
                    Instant.parse(row.getString(4)));
            return Optional.of(new FireInputs(logical, row.getString(5), arrived(statements, fire)));
        }
    }

    private static ImmutableList<String> arrived(Statements statements, FireRecord fire) throws SQLException {
        PreparedStatement select = statements.of("SELECT name FROM fire_arrivals" + KEY + " ORDER BY position");
        setKey(select, fire);
        ImmutableList.Builder<String> found = ImmutableList.builder();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                found.add(row.getString(1));
            }
        }
        return found.build();
    }
}
