package dev.emrys.journal;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The tables of schedules, by statements that SQLite and PostgreSQL both have. */
final class ScheduleTables {
    private static final String SCHEDULE = "id, pipeline, script, timing, zone, tzdb, definition, version, handled_to,"
            + " last_nominal, paused_at, paused_by, pause_reason, failures";
    private static final String FIRE = "fire_at, schedule, cause, nominal, zone, tzdb, due, state, reason,"
            + " clock_change, merged, run, decided_by, decided_at, ended_at";
    private static final String EVENT = "schedule, at, type, reason, first_fire, last_fire, fires, caused_by";

    private static final String INSERT_EVENT = "INSERT INTO schedule_events (" + EVENT + ") VALUES (?,?,?,?,?,?,?,?)";

    private ScheduleTables() {}

    /**
     * Writes the changes whose records are those that they were made from. To be called within a transaction.
     *
     * @param isOnlyWriter whether nothing else is written to the database until the end of the transaction
     */
    static ImmutableList<Boolean> apply(
            Statements statements, boolean isOnlyWriter, ImmutableList<ScheduleChange> changes) throws SQLException {
        boolean[] applied = new boolean[changes.size()];
        // In one order for all processes, so that they do not wait for each other's rows in a circle.
        List<Integer> order = new ArrayList<>();
        for (int index = 0; index < changes.size(); index++) {
            order.add(index);
        }
        order.sort(Comparator.comparing(index -> changes.get(index).record().id()));
        new ScheduleRows(statements, isOnlyWriter, changes, applied).write(order);
        List<FireRecord> fires = new ArrayList<>();
        PreparedStatement events = statements.batch(INSERT_EVENT);
        boolean hasEvents = false;
        for (int index : order) {
            if (applied[index]) {
                fires.addAll(changes.get(index).fires());
                TriggerChange trigger = changes.get(index).trigger();
                if (trigger != null) {
                    TriggerTables.write(statements, changes.get(index).record().id(), trigger);
                }
                for (ScheduleEvent event : changes.get(index).events()) {
                    hasEvents = true;
                    add(events, event);
                }
            }
        }
        FireRows.write(statements, fires);
        if (hasEvents) {
            events.executeBatch();
        }
        ImmutableList.Builder<Boolean> result = ImmutableList.builder();
        for (boolean one : applied) {
            result.add(one);
        }
        return result.build();
    }

    private static void add(PreparedStatement statement, ScheduleEvent event) throws SQLException {
        statement.setString(1, event.schedule());
        statement.setString(2, Timestamps.text(event.at()));
        statement.setString(3, stored(event.type()));
        statement.setString(4, event.reason());
        statement.setString(5, text(event.first()));
        statement.setString(6, text(event.last()));
        statement.setLong(7, event.count());
        statement.setString(8, event.by());
        statement.addBatch();
    }

    private static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : Timestamps.text(instant);
    }

    private static String stored(Enum<?> value) {
        return Ascii.toLowerCase(value.name());
    }

    private static <E extends Enum<E>> E read(Class<E> type, String stored) {
        return Enum.valueOf(type, stored.toUpperCase(Locale.ROOT));
    }

    static ImmutableList<ScheduleRecord> schedules(Statements statements) throws SQLException {
        return schedules(statements.of("SELECT " + SCHEDULE + " FROM schedules ORDER BY id"));
    }

    static Optional<ScheduleRecord> schedule(Statements statements, String id) throws SQLException {
        PreparedStatement select = statements.of("SELECT " + SCHEDULE + " FROM schedules WHERE id = ?");
        select.setString(1, id);
        return schedules(select).stream().findFirst();
    }

    private static ImmutableList<ScheduleRecord> schedules(PreparedStatement select) throws SQLException {
        ImmutableList.Builder<ScheduleRecord> found = ImmutableList.builder();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                String nominal = row.getString(10);
                Instant paused = instant(row.getString(11));
                found.add(new ScheduleRecord(
                        row.getString(1),
                        new ScheduleRecord.Declaration(
                                row.getString(2),
                                row.getString(3),
                                row.getString(4),
                                row.getString(5),
                                row.getString(6),
                                row.getString(7)),
                        row.getLong(8),
                        Timestamps.instant(row.getString(9)),
                        nominal == null ? null : LocalDateTime.parse(nominal),
                        paused == null ? null : new ScheduleRecord.Pause(paused, row.getString(12), row.getString(13)),
                        row.getInt(14)));
            }
        }
        return found.build();
    }

    static ImmutableList<FireRecord> openFires(Statements statements) throws SQLException {
        return fires(statements.of(
                "SELECT " + FIRE + " FROM fires WHERE ended_at IS NULL ORDER BY schedule, decided_at, fire_at, cause"));
    }

    static ImmutableList<FireRecord> fires(Statements statements, String schedule, Instant from, Instant to, int limit)
            throws SQLException {
        PreparedStatement select = statements.of("SELECT " + FIRE + " FROM fires WHERE fire_at >= ? AND fire_at < ?"
                + " AND schedule = ? ORDER BY fire_at, cause LIMIT ?");
        select.setString(1, Timestamps.text(from));
        select.setString(2, Timestamps.text(to));
        select.setString(3, schedule);
        select.setInt(4, limit);
        return fires(select);
    }

    static ImmutableList<FireRecord> newestFires(
            Statements statements, Optional<String> schedule, Instant before, int limit) throws SQLException {
        PreparedStatement select = statements.of("SELECT " + FIRE + " FROM fires WHERE fire_at < ?"
                + (schedule.isPresent() ? " AND schedule = ?" : "")
                + " ORDER BY fire_at DESC, schedule, cause LIMIT ?");
        setPage(select, schedule, before, limit);
        return fires(select);
    }

    static ImmutableList<FireRecord> failedFires(Statements statements, Instant since, int limit) throws SQLException {
        PreparedStatement select = statements.of("SELECT " + FIRE
                + " FROM fires WHERE state = 'failed' AND ended_at >= ?"
                + " ORDER BY ended_at DESC, schedule DESC, fire_at DESC LIMIT ?");
        select.setString(1, Timestamps.text(since));
        select.setInt(2, limit);
        return fires(select).reverse();
    }

    private static ImmutableList<FireRecord> fires(PreparedStatement select) throws SQLException {
        ImmutableList.Builder<FireRecord> found = ImmutableList.builder();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                found.add(new FireRecord(
                        row.getString(2),
                        Timestamps.instant(row.getString(1)),
                        read(FireRecord.Cause.class, row.getString(3)),
                        LocalDateTime.parse(row.getString(4)),
                        row.getString(5),
                        row.getString(6),
                        Timestamps.instant(row.getString(7)),
                        read(FireRecord.State.class, row.getString(8)),
                        row.getString(9),
                        row.getString(10),
                        row.getString(11),
                        row.getString(12),
                        row.getString(13),
                        Timestamps.instant(row.getString(14)),
                        instant(row.getString(15))));
            }
        }
        return found.build();
    }

    static ImmutableList<ScheduleEvent> newestEvents(
            Statements statements, Optional<String> schedule, Instant before, int limit) throws SQLException {
        PreparedStatement select = statements.of("SELECT " + EVENT + " FROM schedule_events WHERE at < ?"
                + (schedule.isPresent() ? " AND schedule = ?" : "") + " ORDER BY at DESC, seq DESC LIMIT ?");
        setPage(select, schedule, before, limit);
        ImmutableList.Builder<ScheduleEvent> found = ImmutableList.builder();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                found.add(new ScheduleEvent(
                        row.getString(1),
                        Timestamps.instant(row.getString(2)),
                        read(ScheduleEvent.Type.class, row.getString(3)),
                        row.getString(4),
                        instant(row.getString(5)),
                        instant(row.getString(6)),
                        row.getLong(7),
                        row.getString(8)));
            }
        }
        return found.build();
    }

    private static void setPage(PreparedStatement select, Optional<String> schedule, Instant before, int limit)
            throws SQLException {
        select.setString(1, Timestamps.text(before));
        if (schedule.isPresent()) {
            select.setString(2, schedule.get());
        }
        select.setInt(schedule.isPresent() ? 3 : 2, limit);
    }

    static long changes(Statements statements) throws SQLException {
        try (ResultSet row = statements
                .of("SELECT CAST(coalesce(sum(version), 0) AS bigint) FROM schedules")
                .executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    static boolean isSent(Statements statements, String notice, String channel) throws SQLException {
        PreparedStatement select = statements.of("SELECT 1 FROM notices WHERE notice = ? AND channel = ?");
        select.setString(1, notice);
        select.setString(2, channel);
        try (ResultSet row = select.executeQuery()) {
            return row.next();
        }
    }

    static boolean sent(Statements statements, String notice, String channel, Instant at) throws SQLException {
        PreparedStatement insert =
                statements.of("INSERT INTO notices (notice, channel, sent_at) VALUES (?,?,?) ON CONFLICT DO NOTHING");
        insert.setString(1, notice);
        insert.setString(2, channel);
        insert.setString(3, Timestamps.text(at));
        return insert.executeUpdate() == 1;
    }

    private static @Nullable Instant instant(@Nullable String text) {
        return text == null ? null : Timestamps.instant(text);
    }
}
