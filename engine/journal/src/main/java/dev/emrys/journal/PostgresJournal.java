package dev.emrys.journal;

import com.google.common.annotations.VisibleForTesting;
import java.util.function.Consumer;

/**
 * A journal in a PostgreSQL database (tested with version 15), for processes on several machines. A process drives its
 * runs by one timed lease of 30 s, which it renews every 5 s by the server's clock; so the runs of a process that died
 * are free after 30 s at most.
 *
 * <p>An append that is acknowledged is as durable as the server's setting {@code synchronous_commit} makes it.
 */
public final class PostgresJournal implements Journal {
    private final PostgresDatabase database;
    private final PostgresDriver driver;
    private final PostgresWriter writer;
    private final PostgresEventLog events;
    private final PostgresRunCatalog runs;
    private final PostgresRunLease leases;
    private final PostgresControlInbox inbox;
    private final PostgresSnapshotStore snapshots;
    private final PostgresScheduleStore schedules;
    private final PostgresTokenBuckets tokens;

    /**
     * Connects to the journal of a database. Makes its tables when they are missing, and changes those of an older
     * version to this version.
     *
     * @param warnings is given, for people, what lasts: a server that does not answer, and control requests that this
     *     version does not know; called on any thread
     * @throws JournalException when the database cannot be used, or was made by a newer version
     */
    public static PostgresJournal open(PostgresAddress address, Consumer<String> warnings) {
        return open(address, LeaseTimes.DEFAULT, PostgresTokenBuckets.Clock.SERVER, warnings);
    }

    @VisibleForTesting
    static PostgresJournal open(
            PostgresAddress address, LeaseTimes times, PostgresTokenBuckets.Clock clock, Consumer<String> warnings) {
        PostgresDatabase database = new PostgresDatabase(address);
        try {
            new PostgresMigrations(database).apply();
            return new PostgresJournal(database, times, clock, warnings);
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    private PostgresJournal(
            PostgresDatabase database, LeaseTimes times, PostgresTokenBuckets.Clock clock, Consumer<String> warnings) {
        this.database = database;
        this.driver = new PostgresDriver(database, times, warnings);
        this.writer = new PostgresWriter(database, warnings);
        this.events = new PostgresEventLog(database, writer);
        this.runs = new PostgresRunCatalog(database, driver);
        this.leases = new PostgresRunLease(database, driver, warnings);
        this.inbox = new PostgresControlInbox(database, warnings);
        this.snapshots = new PostgresSnapshotStore(database);
        this.schedules = new PostgresScheduleStore(database);
        this.tokens = new PostgresTokenBuckets(database, clock);
    }

    @Override
    public EventLog events() {
        return events;
    }

    @Override
    public RunCatalog runs() {
        return runs;
    }

    @Override
    public RunLease leases() {
        return leases;
    }

    @Override
    public ControlInbox inbox() {
        return inbox;
    }

    @Override
    public SnapshotStore snapshots() {
        return snapshots;
    }

    @Override
    public ScheduleStore schedules() {
        return schedules;
    }

    @Override
    public TokenBuckets tokens() {
        return tokens;
    }

    @Override
    public void close() {
        database.refuse();
        inbox.close();
        writer.close();
        runs.close();
        snapshots.close();
        schedules.close();
        tokens.close();
        driver.close();
    }
}
