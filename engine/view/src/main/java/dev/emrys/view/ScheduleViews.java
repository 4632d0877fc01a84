package dev.emrys.view;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.Multimaps;
import dev.emrys.journal.FireRecord;
import dev.emrys.journal.JournalException;
import dev.emrys.journal.ScheduleRecord;
import dev.emrys.journal.ScheduleStore;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The schedules of a journal, for reading. Thread-safe. Every method throws {@link JournalException} when the journal
 * cannot be read.
 */
public final class ScheduleViews {
    /** After every fire: schedules end with the year 9999. */
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999999Z");

    /** The fires among which the last ones of most schedules are found with one query. */
    private static final int READ_TOGETHER = 10_000;

    private final ScheduleStore store;

    /** @param store is not closed with this */
    public ScheduleViews(ScheduleStore store) {
        this.store = store;
    }

    /** The ids of all schedules, in their order. */
    public ImmutableList<String> ids() {
        return store.schedules().stream().map(ScheduleRecord::id).collect(toImmutableList());
    }

    /**
     * The ids of the schedules with a name.
     *
     * @param name an id, as {@code daily-etl/main}, or the name of a pipeline, for all of its schedules
     */
    public ImmutableList<String> find(String name) {
        return store.schedules().stream()
                .filter(record -> record.id().equals(name)
                        || record.declaration().pipeline().equals(name))
                .map(ScheduleRecord::id)
                .collect(toImmutableList());
    }

    /** All schedules by id, also those that no script declares any more. */
    public ImmutableList<ScheduleView> list() {
        ImmutableListMultimap<String, FireRecord> open = Multimaps.index(store.openFires(), FireRecord::schedule);
        Map<String, FireRecord> newest = new LinkedHashMap<>();
        store.newestFires(Optional.empty(), LAST, READ_TOGETHER)
                .forEach(fire -> newest.putIfAbsent(fire.schedule(), fire));
        return store.schedules().stream()
                .map(record -> view(record, newest.get(record.id()), open.get(record.id())))
                .collect(toImmutableList());
    }

    private ScheduleView view(ScheduleRecord record, @Nullable FireRecord newest, ImmutableList<FireRecord> open) {
        // Beside frequent schedules the last fire of a rare one is not among the newest.
        FireRecord last = newest != null
                ? newest
                : store.newestFires(Optional.of(record.id()), LAST, 1).stream()
                        .findFirst()
                        .orElse(null);
        ScheduleRecord.Declaration declaration = record.declaration();
        return new ScheduleView(
                record.id(),
                declaration.pipeline(),
                declaration.script(),
                declaration.timing(),
                declaration.zone(),
                record.handledTo(),
                record.paused().map(ScheduleViews::pause).orElse(null),
                record.failures(),
                last == null ? null : view(last),
                open.stream().map(this::view).collect(toImmutableList()));
    }

    private static ScheduleView.Pause pause(ScheduleRecord.Pause pause) {
        return new ScheduleView.Pause(pause.since(), pause.by(), pause.reason().isEmpty() ? null : pause.reason());
    }

    private FireView view(FireRecord fire) {
        return switch (fire.cause()) {
            case SUCCESS, ARRIVAL -> FireView.of(fire, store.inputs(fire));
            case SCHEDULE, TRIGGER, BACKFILL -> FireView.of(fire);
        };
    }

    /**
     * What happened, the newest first, at most {@code limit} entries.
     *
     * @param schedule a schedule's id; empty for all
     */
    public ImmutableList<ScheduleEntry> history(Optional<String> schedule, int limit) {
        Stream<ScheduleEntry> fires =
                store.newestFires(schedule, LAST, limit).stream().map(this::view);
        Stream<ScheduleEntry> events =
                store.newestEvents(schedule, LAST, limit).stream().map(ScheduleEventView::of);
        return Stream.concat(fires, events)
                .sorted(Comparator.comparing(ScheduleEntry::at).reversed())
                .limit(limit)
                .collect(toImmutableList());
    }
}
