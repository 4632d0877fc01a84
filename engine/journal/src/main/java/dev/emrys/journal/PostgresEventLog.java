package dev.emrys.journal;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import dev.emrys.run.Event;
import dev.emrys.run.EventJson;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

final class PostgresEventLog implements EventLog {
    private final PostgresDatabase database;
    private final PostgresWriter writer;

    PostgresEventLog(PostgresDatabase database, PostgresWriter writer) {
        this.database = database;
        this.writer = writer;
    }

    @Override
    public CompletableFuture<@Nullable Void> append(Lease lease, long firstSeq, ImmutableList<Event> events) {
        return AppendSteps.append(firstSeq, events, (seq, step) -> {
            ImmutableList<EventRow> rows = step.stream().map(EventRow::of).collect(ImmutableList.toImmutableList());
            return writer.append(lease, seq, rows, EventRow.RunEnd.of(step));
        });
    }

    private record NumberedJson(long seq, String json) {}

    @Override
    public ImmutableList<Event> read(String run, long fromSeq, int limit) {
        SqliteEventLog.checkPage(fromSeq, limit);
        List<NumberedJson> rows = database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(
                    "SELECT seq, json FROM events WHERE run = ? AND seq >= ? ORDER BY seq LIMIT ?")) {
                select.setString(1, run);
                select.setLong(2, fromSeq);
                select.setInt(3, limit);
                List<NumberedJson> found = new ArrayList<>();
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        found.add(new NumberedJson(row.getLong(1), row.getString(2)));
                    }
                }
                return found;
            }
        });
        return events(run, rows);
    }

    private static ImmutableList<Event> events(String run, List<NumberedJson> rows) {
        String lines = String.join("\n", Lists.transform(rows, NumberedJson::json));
        // One text is read faster than each event by itself, which names the one that cannot be read.
        return EventJson.readAll(lines.getBytes(StandardCharsets.UTF_8), rows.size())
                .orElseGet(() -> rows.stream()
                        .map(row -> EventRow.read(run, row.seq(), row.json()))
                        .collect(ImmutableList.toImmutableList()));
    }

    @Override
    public long lastSeq(String run) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement("SELECT last_seq FROM runs WHERE id = ?")) {
                select.setString(1, run);
                try (ResultSet row = select.executeQuery()) {
                    return row.next() ? row.getLong(1) : 0L;
                }
            }
        });
    }
}
