package dev.emrys.journal;

import com.google.common.base.Joiner;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes the records of schedules whose versions follow the recorded ones. Schedules that fire together often differ
 * only in their id: where nothing else can be written meanwhile, one statement changes many rows, with the other values
 * given once.
 */
final class ScheduleRows {
    private static final String INSERT_SCHEDULE =
            "INSERT INTO schedules (pipeline, script, timing, zone, tzdb, definition,"
                    + " version, handled_to, last_nominal, paused_at, paused_by, pause_reason, failures, id)"
                    + " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING";
    private static final String UPDATE_SCHEDULE = "UPDATE schedules SET pipeline = ?, script = ?, timing = ?, zone = ?,"
            + " tzdb = ?, definition = ?, version = ?, handled_to = ?, last_nominal = ?, paused_at = ?, paused_by = ?,"
            + " pause_reason = ?, failures = ? WHERE id = ? AND version = ?";
    private static final String UPDATE_STATE = "UPDATE schedules SET version = ?, handled_to = ?, last_nominal = ?,"
            + " paused_at = ?, paused_by = ?, pause_reason = ?, failures = ? WHERE id = ? AND version = ?";

    private static final String UPDATE_MANY = updateAlike(AlikeRows.MANY);
    private static final String UPDATE_SOME = updateAlike(AlikeRows.SOME);

    private final Statements statements;
    private final boolean isOnlyWriter;
    private final List<ScheduleChange> changes;
    private final boolean[] applied;

    /**
     * To be used within one transaction.
     *
     * @param isOnlyWriter whether nothing else is written to the database until its end; otherwise rows are locked in
     *     the order of the changes
     * @param applied for each change whether its record was written
     */
    ScheduleRows(Statements statements, boolean isOnlyWriter, List<ScheduleChange> changes, boolean[] applied) {
        this.statements = statements;
        this.isOnlyWriter = isOnlyWriter;
        this.changes = changes;
        this.applied = applied;
    }

    private static String updateAlike(int rows) {
        return "UPDATE schedules SET version = ?, handled_to = ?, last_nominal = ?, paused_at = ?, paused_by = ?,"
                + " pause_reason = ?, failures = ? WHERE version = ? AND id IN ("
                + Joiner.on(',').join(Collections.nCopies(rows, "?")) + ")";
    }

    /** @param order the indexes of all changes */
    void write(List<Integer> order) throws SQLException {
        List<Integer> together = new ArrayList<>();
        for (int index : order) {
            if (!together.isEmpty() && kind(change(together.get(0))) != kind(change(index))) {
                writeOneKind(together);
                together.clear();
            }
            together.add(index);
        }
        if (!together.isEmpty()) {
            writeOneKind(together);
        }
    }

    private ScheduleChange change(int index) {
        return changes.get(index);
    }

    /** Which columns of a schedule's row are written. */
    private enum Kind {
        NEW,
        DECLARED,
        KEPT
    }

    private static Kind kind(ScheduleChange change) {
        if (change.record().version() == 1) {
            return Kind.NEW;
        }
        return change.keepsDeclaration() ? Kind.KEPT : Kind.DECLARED;
    }

    private void writeOneKind(List<Integer> indexes) throws SQLException {
        switch (kind(change(indexes.get(0)))) {
            case NEW -> writeEach(INSERT_SCHEDULE, ScheduleRows::setNew, indexes);
            case DECLARED -> writeEach(UPDATE_SCHEDULE, ScheduleRows::setDeclared, indexes);
            case KEPT -> writeKept(indexes);
        }
    }

    private void writeKept(List<Integer> indexes) throws SQLException {
        if (!isOnlyWriter || indexes.size() < AlikeRows.SOME) {
            writeEach(UPDATE_STATE, ScheduleRows::setKept, indexes);
            return;
        }
        List<Integer> rest = new ArrayList<>();
        List<List<Integer>> groups = AlikeRows.groups(
                indexes,
                (one, other) -> isAlike(change(one).record(), change(other).record()),
                rest);
        for (List<Integer> group : groups) {
            List<Integer> few = writeAlike(UPDATE_MANY, AlikeRows.MANY, group, rest);
            rest.addAll(writeAlike(UPDATE_SOME, AlikeRows.SOME, few, rest));
        }
        if (!rest.isEmpty()) {
            writeEach(UPDATE_STATE, ScheduleRows::setKept, rest);
        }
    }

    private static boolean isAlike(ScheduleRecord one, ScheduleRecord other) {
        return one.version() == other.version()
                && one.handledTo().equals(other.handledTo())
                && one.failures() == other.failures()
                && Objects.equals(one.lastNominal(), other.lastNominal())
                && Objects.equals(one.pause(), other.pause());
    }

    /**
     * @param rows how many rows the statement changes
     * @param refused gets those of which another version is recorded, or a part of them: the count does not tell which
     * @return those that are not written: fewer than its rows
     */
    private List<Integer> writeAlike(String sql, int rows, List<Integer> alike, List<Integer> refused)
            throws SQLException {
        int from = 0;
        for (; alike.size() - from >= rows; from += rows) {
            List<Integer> some = alike.subList(from, from + rows);
            statements.of("SAVEPOINT alike").execute();
            PreparedStatement update = statements.of(sql);
            int next = setState(update, 1, change(some.get(0)).record());
            update.setLong(next++, change(some.get(0)).record().version() - 1);
            for (int index : some) {
                update.setString(next++, change(index).record().id());
            }
            if (update.executeUpdate() == rows) {
                some.forEach(index -> applied[index] = true);
            } else {
                statements.of("ROLLBACK TO alike").execute();
                refused.addAll(some);
            }
            statements.of("RELEASE alike").execute();
        }
        return alike.subList(from, alike.size());
    }

    private interface Values {
        void set(PreparedStatement statement, ScheduleRecord record) throws SQLException;
    }

    private void writeEach(String sql, Values values, List<Integer> indexes) throws SQLException {
        PreparedStatement statement = statements.batch(sql);
        for (int index : indexes) {
            values.set(statement, change(index).record());
            statement.addBatch();
        }
        int[] counts = statement.executeBatch();
        for (int position = 0; position < counts.length; position++) {
            applied[indexes.get(position)] = counts[position] == 1;
        }
    }

    private static void setNew(PreparedStatement statement, ScheduleRecord record) throws SQLException {
        statement.setString(setState(statement, setDeclaration(statement, record), record), record.id());
    }

    private static void setDeclared(PreparedStatement statement, ScheduleRecord record) throws SQLException {
        setVersion(statement, setState(statement, setDeclaration(statement, record), record), record);
    }

    private static void setKept(PreparedStatement statement, ScheduleRecord record) throws SQLException {
        setVersion(statement, setState(statement, 1, record), record);
    }

    /** Of which row, and of which version of it. */
    private static void setVersion(PreparedStatement statement, int first, ScheduleRecord record) throws SQLException {
        statement.setString(first, record.id());
        statement.setLong(first + 1, record.version() - 1);
    }

    /** @return the index of the next value */
    private static int setDeclaration(PreparedStatement statement, ScheduleRecord record) throws SQLException {
        ScheduleRecord.Declaration declaration = record.declaration();
        statement.setString(1, declaration.pipeline());
        statement.setString(2, declaration.script());
        statement.setString(3, declaration.timing());
        statement.setString(4, declaration.zone());
        statement.setString(5, declaration.tzdb());
        statement.setString(6, declaration.definition());
        return 7;
    }

    /** @return the index of the next value */
    private static int setState(PreparedStatement statement, int first, ScheduleRecord record) throws SQLException {
        ScheduleRecord.Pause pause = record.pause();
        int index = first;
        statement.setLong(index++, record.version());
        statement.setString(index++, Timestamps.text(record.handledTo()));
        statement.setString(
                index++,
                record.lastNominal() == null ? null : record.lastNominal().toString());
        statement.setString(index++, text(pause == null ? null : pause.since()));
        statement.setString(index++, pause == null ? null : pause.by());
        statement.setString(index++, pause == null ? null : pause.reason());
        statement.setInt(index++, record.failures());
        return index;
    }

    private static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : Timestamps.text(instant);
    }
}
