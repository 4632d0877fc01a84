package dev.emrys.scheduler;

import com.google.common.collect.ImmutableList;
import dev.emrys.journal.FireRecord;
import dev.emrys.journal.FireRecord.State;
import dev.emrys.journal.ScheduleChange;
import dev.emrys.journal.ScheduleRecord;
import dev.emrys.journal.ScheduleStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Decides about the fires of schedules when they are due, and starts their runs. Every decision is recorded first,
 * against the version of the schedule's record that it was made from; so several processes may serve the same
 * schedules, and a process that dies leaves nothing that the next one does not see.
 *
 * <p>{@link #tick} does what is due, on the caller's thread, and says when to call it again; it is not to be called by
 * two threads at once. The other methods are thread-safe and take effect with the next tick.
 */
public final class Scheduler {
    /** How often the journal is asked for changes of other processes, and the wall clock for having been set. */
    static final Duration POLL = Duration.ofSeconds(1);

    /** A fire that another process has decided is left to it for so long before this one looks after its run. */
    static final Duration LEFT_TO_OTHERS = Duration.ofSeconds(10);

    /** How many ends of runs are taken up in one tick. */
    private static final int COMPLETIONS = 500;

    private final ScheduleStore store;
    private final InstantSource clock;
    private final String by;
    private final SchedulerListener listener;
    private final Runs runs;
    private final ChangeRecorder recorder;
    private final Runnable wakeUp;

    private final Queue<Runnable> mailbox = new ConcurrentLinkedQueue<>();
    /** The ends of runs: what is due comes first. */
    private final Queue<Runnable> completions = new ConcurrentLinkedQueue<>();

    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Wakes wakes = new Wakes();
    private final RunEnds ends = new RunEnds();
    private volatile SchedulerStatus status = SchedulerStatus.NONE;

    /** The versions of all records of the journal, also of schedules that are not served here. */
    private final Map<String, Long> versions = new LinkedHashMap<>();

    private boolean mustLoad = true;
    private Instant nextPoll = Instant.MIN;
    private boolean stopping;

    /**
     * A scheduler that serves nothing yet.
     *
     * @param by this process, for the history
     * @param maxRuns how many runs it starts at most at the same time; further ones wait, the schedules in turn
     * @param wakeUp called on any thread when a tick has something to do before the time that the last one said
     */
    public Scheduler(
            ScheduleStore store,
            FireRunner runner,
            InstantSource clock,
            String by,
            int maxRuns,
            SchedulerListener listener,
            Runnable wakeUp) {
        this.store = store;
        this.clock = clock;
        this.by = by;
        this.listener = listener;
        this.wakeUp = wakeUp;
        this.runs = new Runs(runner, clock, maxRuns, this::complete, this::isOpen, this::ended, listener);
        this.recorder = new ChangeRecorder(store, clock, this::post, new Recorded());
    }

    /**
     * How a schedule that is not recorded yet is recorded: it fires from then on.
     *
     * @param by who records it, for the history
     */
    public static ScheduleChange declaration(ServedSchedule schedule, String by, Instant now) {
        return new Decisions(schedule, by).declared(Optional.empty(), now).orElseThrow();
    }

    /** Serves these schedules from now on, and no others. Their ids must differ. */
    public void serve(Collection<ServedSchedule> schedules) {
        ImmutableList<ServedSchedule> copy = ImmutableList.copyOf(schedules);
        post(() -> replace(copy));
    }

    /** Decides and starts nothing any more. Ends of runs that were started are still recorded. */
    public void stop() {
        post(() -> {
            stopping = true;
            runs.stop();
        });
    }

    /** What is served and running, as of the last tick. */
    public SchedulerStatus status() {
        return status;
    }

    private void post(Runnable action) {
        mailbox.add(action);
        wakeUp.run();
    }

    private void complete(Runnable action) {
        completions.add(action);
        wakeUp.run();
    }

    /**
     * Does what is due now.
     *
     * @return when to call this again at the latest
     */
    public Instant tick() {
        Instant now = clock.instant();
        for (Runnable action = mailbox.poll(); action != null; action = mailbox.poll()) {
            action.run();
        }
        if (!now.isBefore(nextPoll) || nextPoll.isAfter(now.plus(POLL))) {
            nextPoll = now.plus(POLL);
            poll();
        }
        if (mustLoad && !recorder.isRecording()) {
            load(now);
        }
        if (!stopping) {
            decide(now);
        }
        for (int count = 0; count < COMPLETIONS && !completions.isEmpty(); count++) {
            completions.remove().run();
        }
        if (!mustLoad) {
            recorder.record(ends.decide(entries, now));
        }
        runs.startDue(now);
        status = new SchedulerStatus(
                entries.size(),
                runs.running(),
                runs.queued(),
                recorder.isRecording() || !ends.isEmpty(),
                !mustLoad,
                now,
                wakes.next());
        return next(now);
    }

    private Instant next(Instant now) {
        if (!mailbox.isEmpty() || !completions.isEmpty()) {
            return now;
        }
        Instant next = nextPoll;
        Instant wake = wakes.next();
        if (!stopping && wake != null && wake.isBefore(next)) {
            next = wake;
        }
        Instant run = runs.nextStart();
        if (run.isBefore(next)) {
            next = run;
        }
        return next.isBefore(now) ? now : next;
    }

    private void replace(ImmutableList<ServedSchedule> schedules) {
        Map<String, Entry> before = new LinkedHashMap<>(entries);
        entries.clear();
        for (ServedSchedule schedule : schedules) {
            Entry known = before.get(schedule.id());
            entries.put(schedule.id(), known == null ? new Entry(schedule, by) : known.with(schedule));
        }
        mustLoad = true;
    }

    private void poll() {
        if (mustLoad || recorder.isRecording()) {
            return;
        }
        try {
            long known = versions.values().stream().mapToLong(Long::longValue).sum();
            mustLoad = store.changes() != known;
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    private void failed(Throwable failure) {
        mustLoad = true;
        listener.journalFailed(failure);
    }

    /** Reads everything again, and declares what is new. */
    private void load(Instant now) {
        ImmutableList<ScheduleRecord> records;
        ImmutableList<FireRecord> open;
        try {
            records = store.schedules();
            open = store.openFires();
        } catch (RuntimeException e) {
            nextPoll = now.plus(POLL);
            failed(e);
            return;
        }
        mustLoad = false;
        versions.clear();
        wakes.clear();
        Map<String, ScheduleRecord> byId = new LinkedHashMap<>();
        for (ScheduleRecord record : records) {
            versions.put(record.id(), record.version());
            byId.put(record.id(), record);
        }
        Map<String, List<FireRecord>> fires = new LinkedHashMap<>();
        open.forEach(fire ->
                fires.computeIfAbsent(fire.schedule(), id -> new ArrayList<>()).add(fire));
        List<Pending> pending = new ArrayList<>();
        for (Entry entry : entries.values()) {
            Optional<ScheduleRecord> record = Optional.ofNullable(byId.get(entry.id()));
            entry.load(record, fires.getOrDefault(entry.id(), List.of()));
            Optional<ScheduleChange> declared = entry.decisions().declared(record, now);
            adopt(entry, now);
            if (!stopping && declared.isPresent()) {
                entry.unschedule();
                pending.add(new Pending(entry, Decision.of(declared.get())));
            } else if (record.isPresent()) {
                decideRequested(entry, now).ifPresent(pending::add);
                var unused = entry.scheduleNext();
                entry.scheduled().ifPresent(wakes::add);
            }
        }
        recorder.record(pending);
    }

    /** Looks after runs that another process was to start, or that this one did before it was restarted. */
    private void adopt(Entry entry, Instant now) {
        for (FireRecord fire : entry.open()) {
            if (fire.state() == State.STARTED && fire.cause() != FireRecord.Cause.BACKFILL && !entry.hasEnd(fire)) {
                Instant from = fire.by().equals(by) || !entry.isKnown()
                        ? now
                        : fire.decidedAt().plus(LEFT_TO_OTHERS);
                runs.adopt(entry.served(), fire, from.isBefore(now) ? now : from);
            }
        }
        entry.known();
    }

    private void schedule(Entry entry) {
        entry.scheduleNext().ifPresent(wakes::add);
    }

    /** What a person has requested, and what waits although nothing runs. */
    private Optional<Pending> decideRequested(Entry entry, Instant now) {
        ScheduleRecord record = entry.record().orElse(null);
        if (stopping || record == null || entry.open().isEmpty()) {
            return Optional.empty();
        }
        return entry.decisions()
                .requested(record, entry.open(), now)
                .or(() -> entry.decisions().ready(record, entry.open(), now))
                .map(decision -> new Pending(entry, decision));
    }

    private void decide(Instant now) {
        List<Pending> pending = new ArrayList<>();
        for (Upcoming upcoming : wakes.removeDue(now)) {
            Entry entry = entries.get(upcoming.schedule());
            if (entry == null || !entry.scheduled().equals(Optional.of(upcoming))) {
                continue;
            }
            entry.unschedule();
            // While a change is not recorded yet the next decision cannot be made: its completion looks again.
            if (!entry.isChanging() && entry.record().isPresent()) {
                Optional<Decision> decision =
                        entry.decisions().due(entry.record().get(), entry.open(), now, upcoming);
                if (decision.isEmpty()) {
                    // The fire was decided by another process, or the clock was set back.
                    entry.scheduleNext().filter(next -> next.due().isAfter(now)).ifPresent(wakes::add);
                } else {
                    pending.add(new Pending(entry, decision.get()));
                }
                // The first ones are written while the next ones are decided.
                if (pending.size() == ChangeRecorder.CHUNK) {
                    recorder.record(pending);
                    pending.clear();
                }
            }
        }
        recorder.record(pending);
    }

    /** What follows when it is known what has become of a decision. */
    private final class Recorded implements ChangeRecorder.Outcomes {
        @Override
        public void recorded(Pending pending, Instant at) {
            Entry entry = pending.entry();
            Decision decision = pending.decision();
            ScheduleChange change = decision.change();
            int failuresBefore = entry.record().map(ScheduleRecord::failures).orElse(0);
            versions.put(entry.id(), change.record().version());
            entry.apply(change);
            for (FireRecord fire : change.fires()) {
                boolean ended = fire.state().isFinal() && fire.state() != State.SKIPPED;
                if (ended) {
                    listener.ended(fire, change.record().failures(), failuresBefore);
                } else if (fire.state() != State.REQUESTED) {
                    listener.decided(fire, Duration.between(fire.due(), at));
                }
            }
            change.events().forEach(listener::happened);
            decision.cancel().forEach(runs::cancel);
            if (entries.get(entry.id()) == entry) {
                decision.start().forEach(fire -> runs.start(entry.served(), fire));
                schedule(entry);
            }
        }

        @Override
        public void refused(Pending pending) {
            keepEnd(pending);
            mustLoad = true;
        }

        @Override
        public void failed(List<Pending> all, Throwable failure) {
            all.forEach(this::keepEnd);
            Scheduler.this.failed(failure);
        }

        /** The end of a run that is not recorded is recorded when everything was read again. */
        private void keepEnd(Pending pending) {
            Entry entry = entries.get(pending.entry().id());
            if (entry != null && pending.end() != null) {
                ends.add(entry, pending.end());
            }
        }
    }

    private boolean isOpen(FireRecord fire) {
        Entry entry = entries.get(fire.schedule());
        return entry != null && entry.find(fire).isPresent();
    }

    private void ended(FireRecord fire, FireResult result) {
        Entry entry = entries.get(fire.schedule());
        // Where its script is not served any more the run's own record says how it ended.
        if (entry != null) {
            ends.add(entry, new Entry.Ended(fire, result));
        }
    }
}
