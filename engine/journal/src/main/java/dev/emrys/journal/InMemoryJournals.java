package dev.emrys.journal;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.annotations.VisibleForTesting;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import dev.emrys.run.Event;
import dev.emrys.run.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Journals in memory, for tests and simulations: every {@link #open opened} journal sees the same runs, as processes do
 * that share a file. An append is done when the method returns. A control request is handed out within {@code send} or
 * {@code receive}, on the caller's thread; one that its receiver failed to take is handed out again with the next.
 * Thread-safe.
 */
public final class InMemoryJournals {
    private final Map<String, Run> runs = new LinkedHashMap<>();
    private final InMemorySchedules schedules = new InMemorySchedules();
    private final InMemoryTokenBuckets tokens;
    private final List<Request> requests = new ArrayList<>();
    private final Map<String, Receiver> receivers = new LinkedHashMap<>();

    private static final class Run {
        RunRecord record;
        final String spec;
        final List<Event> events = new ArrayList<>();

        @Nullable
        Snapshot snapshot;

        long token;

        @Nullable
        LockHolder holder;

        Run(RunRecord record, String spec) {
            this.record = record;
            this.spec = spec;
        }

        void apply(Event event) {
            events.add(event);
            if (event instanceof Event.RunEnded ended) {
                record = ended(ended.at(), ended.outcome().name());
            } else if (event instanceof Event.RunReopened) {
                record = ended(null, null);
            }
        }

        private RunRecord ended(@Nullable Instant at, @Nullable String outcome) {
            return new RunRecord(
                    record.id(),
                    record.name(),
                    record.pipeline(),
                    record.script(),
                    record.target(),
                    record.startedAt(),
                    at,
                    outcome,
                    record.logicalTime(),
                    record.targetSettings());
        }
    }

    private static final class Request {
        final long id;
        final String run;
        final String kind;
        final String by;
        boolean acknowledged;

        Request(long id, String run, String kind, String by) {
            this.id = id;
            this.run = run;
            this.kind = kind;
            this.by = by;
        }
    }

    private static final class Receiver {
        final Consumer<ControlRequest> requests;
        final Consumer<String> warnings;
        final Set<Long> reported = new HashSet<>();

        Receiver(Consumer<ControlRequest> requests, Consumer<String> warnings) {
            this.requests = requests;
            this.warnings = warnings;
        }
    }

    /** With token buckets on the clock of this machine. */
    public InMemoryJournals() {
        this(InstantSource.system());
    }

    /** @param clock by which token buckets are filled */
    public InMemoryJournals(InstantSource clock) {
        this.tokens = new InMemoryTokenBuckets(clock);
    }

    /**
     * A journal, as one process has it.
     *
     * @param warnings receives a message for each control request of an unknown kind
     */
    public Journal open(Consumer<String> warnings) {
        return new Opened(warnings);
    }

    /** Releases every lease, as if all processes had crashed. */
    public synchronized void releaseAll() {
        runs.values().forEach(run -> run.holder = null);
    }

    /** For tests: also a kind that this version does not know. */
    @VisibleForTesting
    synchronized void storeRequest(String run, String kind, String by) {
        requests.add(new Request(requests.size() + 1L, run, kind, by));
        deliver(run);
    }

    private Run existing(String id) {
        Run run = runs.get(id);
        if (run == null) {
            throw JournalException.noSuchRun(id);
        }
        return run;
    }

    private Run leased(Lease lease) {
        Run run = existing(lease.run());
        if (run.token != lease.token()) {
            throw new LeaseLostException(lease, run.token);
        }
        return run;
    }

    private Lease lease(Run run) {
        long token = ++run.token;
        run.holder = LockHolder.thisProcess();
        return new Held(run.record.id(), token);
    }

    private final class Held implements Lease {
        private final String run;
        private final long token;

        Held(String run, long token) {
            this.run = run;
            this.token = token;
        }

        @Override
        public String run() {
            return run;
        }

        @Override
        public long token() {
            return token;
        }

        @Override
        public void close() {
            synchronized (InMemoryJournals.this) {
                Run held = existing(run);
                if (held.token == token) {
                    held.holder = null;
                }
            }
        }
    }

    private void deliver(String run) {
        Receiver receiver = receivers.get(run);
        if (receiver == null) {
            return;
        }
        for (Request request : ImmutableList.copyOf(requests)) {
            if (request.run.equals(run) && !request.acknowledged) {
                Optional<ControlRequest.Kind> kind = ControlRequest.kind(request.kind);
                if (kind.isEmpty()) {
                    if (receiver.reported.add(request.id)) {
                        receiver.warnings.accept(ControlRequest.unknown(run, request.kind, request.by));
                    }
                } else {
                    try {
                        receiver.requests.accept(new ControlRequest(request.id, run, kind.get(), request.by));
                    } catch (RuntimeException e) {
                        // It is handed out again with the next request: the sender is not concerned.
                    }
                }
            }
        }
    }

    private final class Opened implements Journal, EventLog, RunCatalog, RunLease, ControlInbox, SnapshotStore {
        private final Consumer<String> warnings;
        private final List<Receiver> subscribed = new ArrayList<>();
        private boolean closed;

        Opened(Consumer<String> warnings) {
            this.warnings = warnings;
        }

        @Override
        public EventLog events() {
            return this;
        }

        @Override
        public RunCatalog runs() {
            return this;
        }

        @Override
        public RunLease leases() {
            return this;
        }

        @Override
        public ControlInbox inbox() {
            return this;
        }

        @Override
        public SnapshotStore snapshots() {
            return this;
        }

        @Override
        public ScheduleStore schedules() {
            return schedules;
        }

        @Override
        public TokenBuckets tokens() {
            return this::take;
        }

        private CompletableFuture<ImmutableList<TokenGrant>> take(TokenRequest request) {
            synchronized (InMemoryJournals.this) {
                try {
                    refuseClosed();
                } catch (JournalException e) {
                    return CompletableFuture.failedFuture(e);
                }
            }
            return tokens.take(request);
        }

        private void refuseClosed() {
            if (closed) {
                throw closedException();
            }
        }

        private static JournalException closedException() {
            return new JournalException("The journal is closed.", null);
        }

        @Override
        public CompletableFuture<@Nullable Void> append(Lease lease, long firstSeq, ImmutableList<Event> events) {
            synchronized (InMemoryJournals.this) {
                try {
                    refuseClosed();
                    long seq = firstSeq;
                    for (List<Event> step : Lists.partition(events, MAX_EVENTS_PER_STEP)) {
                        Run run = leased(lease);
                        RunWriteState.refuseOutOfOrder(lease.run(), seq, run.events.size() + 1L);
                        step.forEach(run::apply);
                        seq += step.size();
                    }
                } catch (JournalException e) {
                    return CompletableFuture.failedFuture(e);
                }
                return CompletableFuture.completedFuture(null);
            }
        }

        @Override
        public ImmutableList<Event> read(String run, long fromSeq, int limit) {
            SqliteEventLog.checkPage(fromSeq, limit);
            synchronized (InMemoryJournals.this) {
                refuseClosed();
                Run found = runs.get(run);
                return found == null
                        ? ImmutableList.of()
                        : found.events.stream().skip(fromSeq - 1).limit(limit).collect(toImmutableList());
            }
        }

        @Override
        public long lastSeq(String run) {
            synchronized (InMemoryJournals.this) {
                refuseClosed();
                Run found = runs.get(run);
                return found == null ? 0 : found.events.size();
            }
        }

        @Override
        public CompletableFuture<@Nullable Void> write(Lease lease, Snapshot snapshot) {
            synchronized (InMemoryJournals.this) {
                try {
                    refuseClosed();
                    Run run = leased(lease);
                    RunWriteState.refuseUncovered(lease.run(), snapshot.seq(), run.events.size() + 1L);
                    run.snapshot = snapshot;
                } catch (JournalException e) {
                    return CompletableFuture.failedFuture(e);
                }
                return CompletableFuture.completedFuture(null);
            }
        }

        @Override
        public Optional<Snapshot> newest(String run, int version) {
            synchronized (InMemoryJournals.this) {
                refuseClosed();
                return Optional.ofNullable(runs.get(run))
                        .map(found -> found.snapshot)
                        .filter(snapshot -> snapshot.version() == version);
            }
        }

        @Override
        public CompletableFuture<Lease> begin(RunRecord run, String spec) {
            synchronized (InMemoryJournals.this) {
                if (closed) {
                    return CompletableFuture.failedFuture(closedException());
                }
                if (runs.containsKey(run.id())
                        || runs.values().stream()
                                .anyMatch(known -> known.record.name().equals(run.name()))) {
                    return CompletableFuture.failedFuture(new DuplicateRunException(run.id(), run.name()));
                }
                Run created = new Run(run, spec);
                runs.put(run.id(), created);
                return CompletableFuture.completedFuture(lease(created));
            }
        }

        @Override
        public Optional<RunRecord> find(String idOrName) {
            synchronized (InMemoryJournals.this) {
                refuseClosed();
                Optional<RunRecord> exact = records()
                        .filter(run -> run.id().equals(idOrName) || run.name().equals(idOrName))
                        .findFirst();
                if (exact.isPresent()) {
                    return exact;
                }
                ImmutableList<RunRecord> matches = records()
                        .filter(run ->
                                run.id().startsWith(idOrName) || run.name().startsWith(idOrName))
                        .collect(toImmutableList());
                if (matches.size() > 1) {
                    throw new AmbiguousRunException(idOrName, matches.get(0), matches.get(1));
                }
                return matches.stream().findFirst();
            }
        }

        private Stream<RunRecord> records() {
            return runs.values().stream().map(run -> run.record);
        }

        @Override
        public ImmutableList<RunRecord> succeeded(String pipeline, Instant from, int limit) {
            synchronized (InMemoryJournals.this) {
                refuseClosed();
                return records()
                        .filter(run -> run.pipeline().equals(pipeline)
                                && Objects.equals(run.outcome(), Outcome.SUCCEEDED.name())
                                && !Objects.requireNonNull(run.endedAt()).isBefore(from))
                        .sorted(Comparator.comparing((RunRecord run) -> Objects.requireNonNull(run.endedAt()))
                                .thenComparing(RunRecord::id))
                        .limit(limit)
                        .collect(toImmutableList());
            }
        }

        @Override
        public ImmutableList<RunRecord> list(int limit) {
            synchronized (InMemoryJournals.this) {
                refuseClosed();
                return records()
                        .sorted(Comparator.comparing(RunRecord::startedAt)
                                .reversed()
                                .thenComparing(RunRecord::id))
                        .limit(limit)
                        .collect(toImmutableList());
            }
        }

        @Override
        public byte[] spec(String run) {
            synchronized (InMemoryJournals.this) {
                refuseClosed();
                return existing(run).spec.getBytes(StandardCharsets.UTF_8);
            }
        }

        @Override
        public Optional<Lease> acquire(String run) {
            synchronized (InMemoryJournals.this) {
                refuseClosed();
                Run found = existing(run);
                return found.holder == null ? Optional.of(lease(found)) : Optional.empty();
            }
        }

        @Override
        public Optional<LockHolder> holder(String run) {
            synchronized (InMemoryJournals.this) {
                refuseClosed();
                return Optional.ofNullable(runs.get(run)).map(found -> found.holder);
            }
        }

        @Override
        public void send(String run, ControlRequest.Kind kind, String by) {
            synchronized (InMemoryJournals.this) {
                refuseClosed();
                storeRequest(run, kind.name(), by);
            }
        }

        @Override
        public Subscription receive(String run, Consumer<ControlRequest> receiver) {
            synchronized (InMemoryJournals.this) {
                refuseClosed();
                Receiver added = new Receiver(receiver, warnings);
                receivers.put(run, added);
                subscribed.add(added);
                deliver(run);
                return () -> {
                    synchronized (InMemoryJournals.this) {
                        receivers.remove(run, added);
                    }
                };
            }
        }

        @Override
        public void acknowledge(ControlRequest request) {
            synchronized (InMemoryJournals.this) {
                requests.stream().filter(known -> known.id == request.id()).forEach(known -> known.acknowledged = true);
            }
        }

        @Override
        public void drop(String run) {
            synchronized (InMemoryJournals.this) {
                refuseClosed();
                requests.stream()
                        .filter(known -> known.run.equals(run) && ControlRequest.KNOWN_KINDS.contains(known.kind))
                        .forEach(known -> known.acknowledged = true);
            }
        }

        @Override
        public void close() {
            synchronized (InMemoryJournals.this) {
                closed = true;
                receivers.values().removeAll(subscribed);
            }
        }
    }
}
