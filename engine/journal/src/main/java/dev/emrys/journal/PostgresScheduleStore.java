package dev.emrys.journal;

import com.google.common.collect.ImmutableList;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Changes are written by a thread of their own, one transaction for each {@link #apply}. */
final class PostgresScheduleStore implements ScheduleStore, AutoCloseable {
    private final PostgresDatabase database;
    private final PostgresThreads thread;

    PostgresScheduleStore(PostgresDatabase database) {
        this.database = database;
        this.thread = new PostgresThreads(database, "emrys-journal-schedules", 1);
    }

    @Override
    public ImmutableList<ScheduleRecord> schedules() {
        return database.read(connection -> ScheduleTables.schedules(connection::prepareStatement));
    }

    @Override
    public Optional<ScheduleRecord> schedule(String id) {
        return database.read(connection -> ScheduleTables.schedule(connection::prepareStatement, id));
    }

    @Override
    public ImmutableList<FireRecord> openFires() {
        return database.read(connection -> ScheduleTables.openFires(connection::prepareStatement));
    }

    @Override
    public ImmutableList<FireRecord> fires(String schedule, Instant from, Instant to, int limit) {
        return database.read(
                connection -> ScheduleTables.fires(connection::prepareStatement, schedule, from, to, limit));
    }

    @Override
    public ImmutableList<FireRecord> newestFires(Optional<String> schedule, Instant before, int limit) {
        return database.read(
                connection -> ScheduleTables.newestFires(connection::prepareStatement, schedule, before, limit));
    }

    @Override
    public ImmutableList<FireRecord> failedFires(Instant since, int limit) {
        return database.read(connection -> ScheduleTables.failedFires(connection::prepareStatement, since, limit));
    }

    @Override
    public ImmutableList<ScheduleEvent> newestEvents(Optional<String> schedule, Instant before, int limit) {
        return database.read(
                connection -> ScheduleTables.newestEvents(connection::prepareStatement, schedule, before, limit));
    }

    /**
     * When the reply to a commit is lost it fails, whether or not the changes are recorded: the versions of the records
     * say it.
     */
    @Override
    public CompletableFuture<ImmutableList<Boolean>> apply(ImmutableList<ScheduleChange> changes) {
        return thread.submit(() -> database.inTransaction(
                connection -> ScheduleTables.apply(connection::prepareStatement, false, changes)));
    }

    @Override
    public long changes() {
        return database.read(connection -> ScheduleTables.changes(connection::prepareStatement));
    }

    @Override
    public Optional<TriggerState> triggerState(String schedule) {
        return database.read(connection -> TriggerTables.state(connection::prepareStatement, schedule));
    }

    @Override
    public Optional<FireInputs> inputs(FireRecord fire) {
        return database.read(connection -> TriggerTables.inputs(connection::prepareStatement, fire));
    }

    @Override
    public boolean isSent(String notice, String channel) {
        return database.read(connection -> ScheduleTables.isSent(connection::prepareStatement, notice, channel));
    }

    @Override
    public void sent(String notice, String channel, Instant at) {
        boolean unused =
                database.write(connection -> ScheduleTables.sent(connection::prepareStatement, notice, channel, at));
    }

    /** Writes what was given before. */
    @Override
    public void close() {
        thread.close();
    }
}
