package dev.emrys.runtime;

import com.google.common.collect.ImmutableList;
import dev.emrys.journal.FireInputs;
import dev.emrys.journal.FireRecord;
import dev.emrys.journal.JournalException;
import dev.emrys.journal.RunCatalog;
import dev.emrys.journal.ScheduleChange;
import dev.emrys.journal.ScheduleEvent;
import dev.emrys.journal.ScheduleRecord;
import dev.emrys.journal.ScheduleStore;
import dev.emrys.scheduler.ArrivalSource;
import dev.emrys.scheduler.FireRunner;
import dev.emrys.scheduler.FireRuns;
import dev.emrys.scheduler.Scheduler;
import dev.emrys.scheduler.SchedulerListener;
import dev.emrys.scheduler.ServedSchedule;
import dev.emrys.scheduler.TriggerPoller;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The schedules of a journal: for the processes that run them, and what a person may ask of these processes. People
 * read them through {@link dev.emrys.view.ScheduleViews}. Thread-safe; every method blocks, and throws {@link
 * JournalException} when the journal cannot be used.
 */
public final class Schedules {
    /** How often a change is tried again after another process was faster. */
    private static final int MAX_TRIES = 100;

    /** After every fire: schedules end with the year 9999. */
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999999Z");

    private final ScheduleStore store;
    private final RunCatalog runs;
    private final Path buckets;
    private final InstantSource clock;

    /** @param buckets the folder of the buckets of the local target */
    Schedules(ScheduleStore store, RunCatalog runs, Path buckets) {
        this.store = store;
        this.runs = runs;
        this.buckets = buckets;
        this.clock = InstantSource.system();
    }

    /** All schedules, by id. */
    public ImmutableList<ScheduleRecord> list() {
        return store.schedules();
    }

    /** The fires that have not ended, by schedule. */
    public ImmutableList<FireRecord> openFires() {
        return store.openFires();
    }

    /**
     * The fires of a schedule from {@code from}, inclusive, to {@code to}, exclusive, in their order; at most {@code
     * limit}.
     */
    public ImmutableList<FireRecord> fires(String schedule, Instant from, Instant to, int limit) {
        return store.fires(schedule, from, to, limit);
    }

    /**
     * The fires whose runs have failed at this instant or later, in the order of their ends; of more than {@code limit}
     * the newest.
     */
    public ImmutableList<FireRecord> failedFires(Instant since, int limit) {
        return store.failedFires(since, limit);
    }

    /** The newest events of one schedule or of all besides the fires, the newest first, at most {@code limit}. */
    public ImmutableList<ScheduleEvent> newestEvents(Optional<String> schedule, int limit) {
        return store.newestEvents(schedule, LAST, limit);
    }

    /**
     * Records that a script declares a schedule, if that is new: for a process that runs fires of it and serves none.
     *
     * @param by this process, for the history
     */
    public void declare(ServedSchedule schedule, String by) {
        for (int tries = 0; tries < MAX_TRIES; tries++) {
            if (store.schedule(schedule.id()).isPresent()
                    || applied(Scheduler.declaration(schedule, by, clock.instant()))) {
                return;
            }
        }
    }

    /**
     * Lets a schedule start no fire until it is resumed.
     *
     * @param by who pauses it, for people
     * @param reason why, for people; may be empty
     * @return false when it is paused already
     * @throws IllegalArgumentException when there is no such schedule
     */
    public boolean pause(String id, String by, String reason) {
        return change(id, record -> {
            Instant now = clock.instant();
            return record.pause() != null
                    ? Optional.empty()
                    : Optional.of(ScheduleChange.of(
                            record.next().paused(new ScheduleRecord.Pause(now, by, reason)),
                            ScheduleEvent.of(id, now, ScheduleEvent.Type.PAUSED, reason, by)));
        });
    }

    /**
     * Lets a schedule fire again, from now on. Its count of failures begins again.
     *
     * @return false when it is not paused
     * @throws IllegalArgumentException when there is no such schedule
     */
    public boolean resume(String id, String by) {
        return change(id, record -> {
            Instant now = clock.instant();
            ScheduleRecord.Pause pause = record.pause();
            if (pause == null) {
                return Optional.empty();
            }
            // While no process served it nothing was recorded as skipped: that is not caught up either.
            Instant handled = now.isAfter(record.handledTo()) ? now : record.handledTo();
            return Optional.of(ScheduleChange.of(
                    record.next().paused(null).failed(0).handled(handled, record.lastNominal()),
                    new ScheduleEvent(id, now, ScheduleEvent.Type.RESUMED, "", record.handledTo(), now, 0, by)));
        });
    }

    /**
     * Requests a run now, from the process that serves the schedule; the request waits while there is none.
     *
     * @return the request, with the name that its run will have
     * @throws IllegalArgumentException when there is no such schedule
     */
    public FireRecord trigger(String id, String by) {
        FireRecord[] requested = new FireRecord[1];
        boolean unused = change(id, record -> {
            Instant now = clock.instant();
            ScheduleRecord.Declaration declaration = record.declaration();
            FireRecord fire = new FireRecord(
                    id,
                    now,
                    FireRecord.Cause.TRIGGER,
                    now.atZone(ZoneId.of(declaration.zone())).toLocalDateTime(),
                    declaration.zone(),
                    declaration.tzdb(),
                    now,
                    FireRecord.State.REQUESTED,
                    "",
                    "",
                    "",
                    FireRuns.ofTrigger(declaration.pipeline(), now),
                    by,
                    now,
                    null);
            requested[0] = fire;
            return Optional.of(new ScheduleChange(record.next(), ImmutableList.of(fire), ImmutableList.of()));
        });
        return requested[0];
    }

    /**
     * Records a fire that this process runs itself, or its new state.
     *
     * @throws IllegalArgumentException when its schedule is not recorded
     */
    public void record(FireRecord fire) {
        boolean unused = change(
                fire.schedule(),
                record -> Optional.of(new ScheduleChange(record.next(), ImmutableList.of(fire), ImmutableList.of())));
    }

    /** What the params of a fire's run depend on; empty for a fire that neither a run nor an arrival has caused. */
    public Optional<FireInputs> inputs(FireRecord fire) {
        return store.inputs(fire);
    }

    /** Whether a message with this id was sent through a channel. */
    public boolean isSent(String notice, String channel) {
        return store.isSent(notice, channel);
    }

    /** Remembers that a message was sent through a channel. */
    public void sent(String notice, String channel, Instant at) {
        store.sent(notice, channel, at);
    }

    private boolean change(String id, Function<ScheduleRecord, Optional<ScheduleChange>> change) {
        for (int tries = 0; tries < MAX_TRIES; tries++) {
            ScheduleRecord record = store.schedule(id)
                    .orElseThrow(() -> new IllegalArgumentException("There is no schedule " + id + "."));
            Optional<ScheduleChange> next = change.apply(record);
            if (next.isEmpty()) {
                return false;
            }
            if (applied(next.get())) {
                return true;
            }
        }
        throw new JournalException("The schedule " + id + " is changed by other processes all the time.", null);
    }

    private boolean applied(ScheduleChange change) {
        try {
            return store.apply(ImmutableList.of(change)).join().get(0);
        } catch (CompletionException e) {
            throw JournalException.of(e);
        }
    }

    /**
     * A scheduler over these schedules; its ticks are the caller's.
     *
     * @param by this process, for the history
     * @param maxRuns how many runs it starts at most at the same time
     */
    public Scheduler scheduler(FireRunner runner, String by, int maxRuns, SchedulerListener listener, Runnable wakeUp) {
        return new Scheduler(store, runner, clock, by, maxRuns, listener, wakeUp);
    }

    /**
     * Looks for what schedules wait for: succeeded runs of this journal, files of this machine, and objects of the
     * local target.
     *
     * @param by this process, for the history
     * @param skipped is given each fire that this process has recorded as skipped, on the thread that looked
     * @param happened is given what this process has recorded besides fires, on the thread that looked
     */
    public TriggerPoller triggers(String by, Consumer<FireRecord> skipped, Consumer<ScheduleEvent> happened) {
        return new TriggerPoller(store, runs, new FolderArrivals(buckets), clock, by, change -> {
            change.events().forEach(happened);
            change.fires().stream()
                    .filter(fire -> fire.state() == FireRecord.State.SKIPPED)
                    .forEach(skipped);
        });
    }

    /** Looks for files of this machine, and for objects of the local target of a state folder; without a journal. */
    public static ArrivalSource arrivals(Path stateFolder) {
        return new FolderArrivals(LocalTarget.buckets(stateFolder));
    }
}
