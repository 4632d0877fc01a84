package dev.emrys.scheduler;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
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
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Decides about the fires of schedules when they are due, and starts their runs. Every decision is recorded first, against the version of the
 * schedule's record that it was made from; so several processes may serve the same schedules, and a process that dies leaves nothing that the
 * next one does not see.
 *
 * <p>{@link #tick} does what is due, on the caller's thread, and says when to call it again; it is not to be called by two threads at once. The
 * other methods are thread-safe and take effect with the next tick.
 */
public final class Scheduler {
    /** How often the journal is asked for changes of other processes, and the wall clock for having been set. */
    static final Duration POLL = Duration.ofSeconds(1);

    /** A fire that another process has decided is left to it for so long before this one looks after its run. */
    static final Duration LEFT_TO_OTHERS = Duration.ofSeconds(10);

    /** How many schedules are decided in one commit. */
    private static final int CHUNK = 500;

    private final ScheduleStore store;
    private final InstantSource clock;
    private final String by;
    private final SchedulerListener listener;
    private final Runs runs;
    private final Runnable wakeUp;

    private final Queue<Runnable> mailbox = new ConcurrentLinkedQueue<>();
    /** The ends of runs: what is due comes first. */
    private final Queue<Runnable> completions = new ConcurrentLinkedQueue<>();

    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final PriorityQueue<Wake> wakes = new PriorityQueue<>();
    private final Set<String> withEnds = new LinkedHashSet<>();
    private volatile SchedulerStatus status = SchedulerStatus.NONE;

    /** The versions of all records of the journal, also of schedules that are not served here. */
    private final Map<String, Long> versions = new LinkedHashMap<>();

    private int changesInFlight;
    private boolean mustLoad = true;
    private Instant nextPoll = Instant.MIN;
    private boolean stopping;

    /** When a schedule has its next fire; outdated when the entry has another one by now. */
    private record Wake(Instant at, String id) implements Comparable<Wake> {
        @Override
        public int compareTo(Wake other) {
            int order = at.compareTo(other.at);
            return order == 0 ? id.compareTo(other.id) : order;
        }
    }

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
        if (mustLoad && changesInFlight == 0) {
            load(now);
        }
        if (!stopping) {
            decide(now);
        }
        for (int count = 0; count < CHUNK && !completions.isEmpty(); count++) {
            completions.remove().run();
        }
        recordEnds();
        runs.startDue(now);
        boolean recording = changesInFlight > 0 || !withEnds.isEmpty();
        Wake wake = wakes.peek();
        status = new SchedulerStatus(
                entries.size(),
                runs.running(),
                runs.queued(),
                recording,
                !mustLoad,
                now,
                wake == null ? null : wake.at());
        return next(now);
    }

    private Instant next(Instant now) {
        if (!mailbox.isEmpty() || !completions.isEmpty()) {
            return now;
        }
        Instant next = nextPoll;
        Wake wake = wakes.peek();
        if (!stopping && wake != null && wake.at().isBefore(next)) {
            next = wake.at();
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
        if (changesInFlight > 0) {
            return;
        }
        try {
            long known = versions.values().stream().mapToLong(Long::longValue).sum();
            mustLoad |= store.changes() != known;
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
                pending.add(new Pending(entry, Decision.of(declared.get())));
            } else if (record.isPresent()) {
                decideRequested(entry, now).ifPresent(pending::add);
                schedule(entry);
            }
        }
        apply(pending);
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
        entry.record().flatMap(entry.decisions()::wake).ifPresent(at -> wakes.add(new Wake(at, entry.id())));
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
        for (Wake wake = wakes.peek(); wake != null && !wake.at().isAfter(now); wake = wakes.peek()) {
            wakes.remove();
            Entry entry = entries.get(wake.id());
            // While a change is not recorded yet the next decision cannot be made: its completion looks again.
            if (entry != null && !entry.isChanging() && entry.record().isPresent()) {
                ScheduleRecord record = entry.record().get();
                Optional<Decision> decision = entry.decisions().due(record, entry.open(), now);
                decision.ifPresent(due -> pending.add(new Pending(entry, due)));
                if (decision.isEmpty()) {
                    laterThan(entry, now);
                }
                // The first ones are written while the next ones are decided.
                if (pending.size() == CHUNK) {
                    apply(pending);
                    pending.clear();
                }
            }
        }
        apply(pending);
    }

    /** An outdated wake, or a clock that was set back. */
    private void laterThan(Entry entry, Instant now) {
        entry.record()
                .flatMap(entry.decisions()::wake)
                .filter(at -> at.isAfter(now))
                .ifPresent(at -> wakes.add(new Wake(at, entry.id())));
    }

    /** @param end the end of a run that the decision records; null for none */
    private record Pending(Entry entry, Decision decision, Entry.@Nullable Ended end) {
        Pending(Entry entry, Decision decision) {
            this(entry, decision, null);
        }
    }

    private void apply(List<Pending> all) {
        for (List<Pending> chunk : Lists.partition(ImmutableList.copyOf(all), CHUNK)) {
            chunk.forEach(pending -> pending.entry().changing(true));
            changesInFlight++;
            ImmutableList<ScheduleChange> changes =
                    chunk.stream().map(pending -> pending.decision().change()).collect(ImmutableList.toImmutableList());
            var unused = store.apply(changes)
                    .whenComplete((applied, failure) -> post(() -> {
                        changesInFlight--;
                        chunk.forEach(pending -> pending.entry().changing(false));
                        if (failure != null) {
                            chunk.forEach(this::keepEnd);
                            failed(failure);
                            return;
                        }
                        for (int index = 0; index < chunk.size(); index++) {
                            applied(chunk.get(index), applied.get(index));
                        }
                    }));
        }
    }

    /** The end of a run that is not recorded is recorded when everything was read again. */
    private void keepEnd(Pending pending) {
        Entry entry = entries.get(pending.entry().id());
        if (entry != null && pending.end() != null) {
            end(entry, pending.end());
        }
    }

    private void applied(Pending pending, boolean recorded) {
        Entry entry = pending.entry();
        if (!recorded) {
            // Another process was faster.
            keepEnd(pending);
            mustLoad = true;
            return;
        }
        Instant now = clock.instant();
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
                listener.decided(fire, Duration.between(fire.due(), now));
            }
        }
        change.events().forEach(listener::happened);
        decision.cancel().forEach(runs::cancel);
        if (entries.get(entry.id()) == entry) {
            decision.start().forEach(fire -> runs.start(entry.served(), fire));
            schedule(entry);
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
            end(entry, new Entry.Ended(fire, result));
        }
    }

    private void end(Entry entry, Entry.Ended end) {
        entry.end(end);
        withEnds.add(entry.id());
    }

    /** Records ends of runs, of each schedule one at a time, and of one for which nothing else is being recorded. */
    private void recordEnds() {
        List<Pending> pending = new ArrayList<>();
        for (Iterator<String> ids = withEnds.iterator(); ids.hasNext(); ) {
            Entry entry = entries.get(ids.next());
            if (entry == null) {
                ids.remove();
            } else if (!entry.isChanging() && entry.record().isPresent() && !mustLoad) {
                nextEnd(entry).ifPresent(pending::add);
                if (!entry.hasEnds()) {
                    ids.remove();
                }
            }
        }
        apply(pending);
    }

    private Optional<Pending> nextEnd(Entry entry) {
        for (Optional<Entry.Ended> next = entry.pollEnd(); next.isPresent(); next = entry.pollEnd()) {
            // When another process has recorded it, it is not open.
            Optional<FireRecord> open = entry.find(next.get().fire());
            if (open.isPresent()) {
                ScheduleRecord record = entry.record().orElseThrow();
                FireResult result = next.get().result();
                Decision decision = entry.decisions().ended(record, entry.open(), open.get(), result, clock.instant());
                return Optional.of(new Pending(entry, decision, next.get()));
            }
        }
        return Optional.empty();
    }
}
