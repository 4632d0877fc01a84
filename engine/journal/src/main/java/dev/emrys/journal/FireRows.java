package dev.emrys.journal;

import com.google.common.base.Ascii;
import com.google.common.base.Joiner;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Writes fires. Those that are decided together often differ only in their schedule and run: a statement for many rows
 * is given the other values once.
 */
final class FireRows {
    /** In this order the statements below have the values. */
    private static final String SHARED =
            "fire_at, cause, nominal, zone, tzdb, due, state, reason, clock_change, merged,"
                    + " decided_by, decided_at, ended_at";

    private static final int SHARED_VALUES = 13;

    private static final String UPSERT_MANY = upsert(AlikeRows.MANY);
    private static final String UPSERT_SOME = upsert(AlikeRows.SOME);
    private static final String UPSERT_ONE = upsert(1);

    private FireRows() {}

    private static String upsert(int rows) {
        return "INSERT INTO fires (" + SHARED + ", schedule, run) SELECT " + placeholders(SHARED_VALUES)
                + ", column1, column2 FROM (VALUES "
                + Joiner.on(',').join(Collections.nCopies(rows, "(?,?)"))
                + ") AS v WHERE true ON CONFLICT (fire_at, schedule, cause) DO UPDATE SET state = excluded.state,"
                + " reason = excluded.reason, run = excluded.run, decided_by = excluded.decided_by,"
                + " decided_at = excluded.decided_at, ended_at = excluded.ended_at";
    }

    private static String placeholders(int count) {
        return Joiner.on(',').join(Collections.nCopies(count, "?"));
    }

    /**
     * Writes fires, new ones and those in new states. To be called within a transaction.
     *
     * @param fires of which no two are of the same schedule, instant and cause
     */
    static void write(Statements statements, List<FireRecord> fires) throws SQLException {
        List<FireRecord> singles = new ArrayList<>();
        List<List<FireRecord>> groups = AlikeRows.groups(fires, FireRows::isAlike, singles);
        for (List<FireRecord> group : groups) {
            List<FireRecord> rest = writeAlike(statements, UPSERT_MANY, group, AlikeRows.MANY);
            singles.addAll(writeAlike(statements, UPSERT_SOME, rest, AlikeRows.SOME));
        }
        writeSingles(statements, singles);
    }

    private static boolean isAlike(FireRecord one, FireRecord other) {
        return isDecidedAlike(one, other)
                && one.at().equals(other.at())
                && one.cause() == other.cause()
                && one.nominal().equals(other.nominal())
                && one.zone().equals(other.zone())
                && one.tzdb().equals(other.tzdb())
                && one.due().equals(other.due())
                && one.clockChange().equals(other.clockChange())
                && one.merged().equals(other.merged());
    }

    private static boolean isDecidedAlike(FireRecord one, FireRecord other) {
        return one.state() == other.state()
                && one.reason().equals(other.reason())
                && one.by().equals(other.by())
                && one.decidedAt().equals(other.decidedAt())
                && (one.endedAt() == null
                        ? other.endedAt() == null
                        : one.endedAt().equals(other.endedAt()));
    }

    /**
     * @param rows how many rows the statement writes
     * @return those that are not written: fewer than its rows
     */
    private static List<FireRecord> writeAlike(Statements statements, String sql, List<FireRecord> fires, int rows)
            throws SQLException {
        int from = 0;
        for (; fires.size() - from >= rows; from += rows) {
            PreparedStatement upsert = statements.of(sql);
            set(upsert, fires.subList(from, from + rows));
            upsert.executeUpdate();
        }
        return fires.subList(from, fires.size());
    }

    private static void writeSingles(Statements statements, List<FireRecord> fires) throws SQLException {
        if (fires.isEmpty()) {
            return;
        }
        PreparedStatement upsert = statements.batch(UPSERT_ONE);
        for (FireRecord fire : fires) {
            set(upsert, List.of(fire));
            upsert.addBatch();
        }
        upsert.executeBatch();
    }

    private static void set(PreparedStatement upsert, List<FireRecord> alike) throws SQLException {
        FireRecord shared = alike.get(0);
        upsert.setString(1, Timestamps.text(shared.at()));
        upsert.setString(2, Ascii.toLowerCase(shared.cause().name()));
        upsert.setString(3, shared.nominal().toString());
        upsert.setString(4, shared.zone());
        upsert.setString(5, shared.tzdb());
        upsert.setString(6, Timestamps.text(shared.due()));
        upsert.setString(7, Ascii.toLowerCase(shared.state().name()));
        upsert.setString(8, shared.reason());
        upsert.setString(9, shared.clockChange());
        upsert.setString(10, shared.merged());
        upsert.setString(11, shared.by());
        upsert.setString(12, Timestamps.text(shared.decidedAt()));
        upsert.setString(13, shared.endedAt() == null ? null : Timestamps.text(shared.endedAt()));
        int index = SHARED_VALUES;
        for (FireRecord fire : alike) {
            upsert.setString(++index, fire.schedule());
            upsert.setString(++index, fire.run());
        }
    }
}
