package dev.emrys.journal;

import dev.emrys.sqlite.SqliteConnection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * What the writer knows of each run's newest token and next event number, so that an append need not ask the tables. It
 * is valid as long as no other connection has committed and no transaction was rolled back; see {@link
 * SqliteConnection#generation}. Used by the writer's thread only.
 */
final class RunWriteState {
    /** Bounds the memory of a process that drives many runs, one after the other. */
    private static final int MAX_RUNS = 10_000;

    private static final class Entry {
        final long token;
        long nextSeq;

        Entry(long token, long nextSeq) {
            this.token = token;
            this.nextSeq = nextSeq;
        }
    }

    private final Map<String, Entry> runs = new HashMap<>();
    private long generation = -1;

    /**
     * @throws LeaseLostException when the lease is not the newest of its run
     * @throws JournalException when the number is not the next one
     */
    void check(SqliteConnection connection, Lease lease, long firstSeq) throws SQLException {
        String run = lease.run();
        Entry entry = entry(connection, run);
        if (lease.token() != entry.token) {
            throw new LeaseLostException(lease, entry.token);
        }
        refuseOutOfOrder(run, firstSeq, entry.nextSeq);
    }

    /**
     * For a snapshot, which includes the run's events up to a number.
     *
     * @throws LeaseLostException when the lease is not the newest of its run
     * @throws JournalException when the run has no event of that number
     */
    void checkCovered(SqliteConnection connection, Lease lease, long seq) throws SQLException {
        Entry entry = entry(connection, lease.run());
        if (lease.token() != entry.token) {
            throw new LeaseLostException(lease, entry.token);
        }
        refuseUncovered(lease.run(), seq, entry.nextSeq);
    }

    static void refuseUncovered(String run, long seq, long next) {
        if (seq >= next) {
            throw new JournalException(
                    "A snapshot of run " + run + " at event " + seq + " cannot be stored before that event.", null);
        }
    }

    /**
     * A number that exists belongs to another writer; a number too high would leave a gap where an append before this
     * one failed.
     */
    static void refuseOutOfOrder(String run, long firstSeq, long next) {
        if (firstSeq < next) {
            throw new JournalException(
                    "Event " + firstSeq + " of run " + run
                            + " is already in the journal, so something else writes to this run."
                            + "\n    See what it is: emrys show " + run,
                    null);
        }
        if (firstSeq > next) {
            throw new JournalException(
                    "Event " + firstSeq + " of run " + run + " cannot be written before event " + next + "."
                            + "\n    Continue the run with: emrys resume " + run,
                    null);
        }
    }

    /** To be called within the transaction that wrote them. */
    void appended(SqliteConnection connection, String run, int count) throws SQLException {
        entry(connection, run).nextSeq += count;
    }

    /** The run was acquired: its token and its events are read anew. */
    void forget(String run) {
        runs.remove(run);
    }

    private Entry entry(SqliteConnection connection, String run) throws SQLException {
        if (generation != connection.generation() || runs.size() >= MAX_RUNS) {
            runs.clear();
            generation = connection.generation();
        }
        Entry known = runs.get(run);
        if (known == null) {
            known = read(connection, run);
            runs.put(run, known);
        }
        return known;
    }

    private static Entry read(SqliteConnection connection, String run) throws SQLException {
        PreparedStatement select = connection.statement(
                "SELECT lease_token, (SELECT coalesce(max(seq), 0) + 1 FROM events WHERE run = ?1) FROM runs WHERE id = ?1");
        select.setString(1, run);
        try (ResultSet row = select.executeQuery()) {
            if (!row.next()) {
                throw JournalException.noSuchRun(run);
            }
            return new Entry(row.getLong(1), row.getLong(2));
        }
    }
}
