package dev.emrys.journal;

import com.google.common.collect.ImmutableList;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

final class SqliteScheduleStore implements ScheduleStore {
    /** About how many rows a change writes. */
    private static final int ROWS = 2;

    private final GroupCommit writer;
    private final SqliteReader reader;

    SqliteScheduleStore(GroupCommit writer, SqliteReader reader) {
        this.writer = writer;
        this.reader = reader;
    }

    @Override
    public ImmutableList<ScheduleRecord> schedules() {
        return reader.read(connection -> ScheduleTables.schedules(connection::statement));
    }

    @Override
    public Optional<ScheduleRecord> schedule(String id) {
        return reader.read(connection -> ScheduleTables.schedule(connection::statement, id));
    }

    @Override
    public ImmutableList<FireRecord> openFires() {
        return reader.read(connection -> ScheduleTables.openFires(connection::statement));
    }

    @Override
    public ImmutableList<FireRecord> fires(String schedule, Instant from, Instant to, int limit) {
        return reader.read(connection -> ScheduleTables.fires(connection::statement, schedule, from, to, limit));
    }

    @Override
    public ImmutableList<FireRecord> newestFires(Optional<String> schedule, Instant before, int limit) {
        return reader.read(connection -> ScheduleTables.newestFires(connection::statement, schedule, before, limit));
    }

    @Override
    public ImmutableList<FireRecord> failedFires(Instant since, int limit) {
        return reader.read(connection -> ScheduleTables.failedFires(connection::statement, since, limit));
    }

    @Override
    public ImmutableList<ScheduleEvent> newestEvents(Optional<String> schedule, Instant before, int limit) {
        return reader.read(connection -> ScheduleTables.newestEvents(connection::statement, schedule, before, limit));
    }

    @Override
    public CompletableFuture<ImmutableList<Boolean>> apply(ImmutableList<ScheduleChange> changes) {
        return writer.submit(
                ROWS * changes.size(), connection -> ScheduleTables.apply(connection::statement, true, changes));
    }

    @Override
    public long changes() {
        return reader.read(connection -> ScheduleTables.changes(connection::statement));
    }

    @Override
    public Optional<TriggerState> triggerState(String schedule) {
        return reader.read(connection -> TriggerTables.state(connection::statement, schedule));
    }

    @Override
    public Optional<FireInputs> inputs(FireRecord fire) {
        return reader.read(connection -> TriggerTables.inputs(connection::statement, fire));
    }

    @Override
    public boolean isSent(String notice, String channel) {
        return reader.read(connection -> ScheduleTables.isSent(connection::statement, notice, channel));
    }

    @Override
    public void sent(String notice, String channel, Instant at) {
        boolean unused = writer.run(connection -> ScheduleTables.sent(connection::statement, notice, channel, at));
    }
}
