package dev.emrys.runtime;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.emrys.drive.Driver;
import dev.emrys.drive.Listener;
import dev.emrys.drive.Ports;
import dev.emrys.emr.EmrAccount;
import dev.emrys.emr.EmrDependencies;
import dev.emrys.emr.EmrEffects;
import dev.emrys.emr.RunTags;
import dev.emrys.graph.TaskGraph;
import dev.emrys.journal.DuplicateRunException;
import dev.emrys.journal.Journal;
import dev.emrys.journal.JournalException;
import dev.emrys.journal.Lease;
import dev.emrys.journal.LockHolder;
import dev.emrys.journal.RunRecord;
import dev.emrys.journal.SqliteJournal;
import dev.emrys.local.Account;
import dev.emrys.local.Distribution;
import dev.emrys.local.Distributions;
import dev.emrys.local.MavenDistributionResolver;
import dev.emrys.local.OwnerProcess;
import dev.emrys.run.RunState;
import dev.emrys.spec.PipelineSpec;
import dev.emrys.spec.SpecJson;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The engine of one state folder: starts runs, takes them over, and tells of them. Thread-safe.
 *
 * <p>Closing it stops driving: what runs on EMR goes on, and the runs can be resumed.
 */
public final class Engine implements AutoCloseable {
    /** Enough to keep a few clusters' calls from waiting for each other, few enough not to ask for a throttle. */
    private static final int CALLS_AT_ONCE = 6;

    /** The names that are tried for a new run: among so many one is free. */
    private static final int MOST_NAMES = 100;

    private static final Duration LONGEST_CLOSING = Duration.ofSeconds(30);

    private static final Duration OWNER_IDLE = Duration.ofSeconds(30);

    private final Settings settings;
    private final Account account;
    private final Distributions distributions;
    private final SecretSource secrets;
    private final Journal journal;
    private final ExecutorService calls;
    private final ScheduledExecutorService timer;
    private final SuspendAwareTimers timers;
    private final ExecutorService turns;
    private final EmrAccount emr;
    private final InstantSource clock = InstantSource.system();
    private final SecureRandom random = new SecureRandom();
    private final Set<RunHandle> handles = ConcurrentHashMap.newKeySet();

    /**
     * Where an engine keeps its things and how it starts the emulator.
     *
     * @param stateFolder the journal, the locks, and the local account
     * @param cacheFolder what can be fetched or made again
     * @param ownerCommand starts the owner process of an account, whose folder is appended as the last argument
     * @param warnings hears, for people, of what lasts and is waited for
     * @param by who drives, for the history
     */
    public record Settings(
            Path stateFolder,
            Path cacheFolder,
            ImmutableList<String> ownerCommand,
            Consumer<String> warnings,
            String by) {}

    /** @throws JournalException when the state folder cannot be used */
    public static Engine open(Settings settings) {
        return new Engine(settings, journal -> journal);
    }

    /** As {@link #open}, with a journal that a test wraps, to let the engine die at a chosen event say. */
    static Engine open(Settings settings, UnaryOperator<Journal> wrapped) {
        return new Engine(settings, wrapped);
    }

    private Engine(Settings settings, UnaryOperator<Journal> wrapped) {
        this.settings = settings;
        this.account = Preflight.account(settings.stateFolder());
        this.distributions = distributions(settings.cacheFolder());
        this.secrets = new SecretSource(System.getenv(), settings.stateFolder());
        this.journal = wrapped.apply(SqliteJournal.open(settings.stateFolder(), settings.warnings()));
        this.calls = Executors.newFixedThreadPool(CALLS_AT_ONCE, daemon("emrys-calls"));
        this.timers = new SuspendAwareTimers(clock, System::nanoTime, this::in);
        this.timer = Executors.newSingleThreadScheduledExecutor(daemon("emrys-timer"));
        this.emr = new EmrAccount(
                new LocalEndpoint(owner()),
                new EmrDependencies(calls, clock, timers, secrets::find, settings.warnings(), random::nextDouble));
        this.turns = Executors.newSingleThreadExecutor(daemon("emrys-drive"));
    }

    private static ThreadFactory daemon(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Where steps' jars are found; shared by all state folders of a user. */
    public static Distributions distributions(Path cacheFolder) {
        return new Distributions(cacheFolder.resolve("distributions"), new MavenDistributionResolver());
    }

    /** How long an owner process stays without a cluster. */
    public static Duration ownerIdle() {
        return OWNER_IDLE;
    }

    /** Absolute. */
    public Path stateFolder() {
        return settings.stateFolder().toAbsolutePath().normalize();
    }

    public Journal journal() {
        return journal;
    }

    /**
     * Fetches what the steps of a pipeline run on, once.
     *
     * @throws dev.emrys.local.LocalSetupException when it cannot be had
     */
    public void fetch(PipelineSpec spec, Distributions.Progress progress) {
        ImmutableSet<Distribution> needed = Preflight.distributions(spec);
        needed.forEach(distribution -> distributions.jars(distribution, progress));
    }

    /**
     * Starts a run.
     *
     * @param script where it was read from, for people
     * @throws dev.emrys.spec.InvalidSpecException with all mistakes of the spec
     * @throws dev.emrys.local.LocalSetupException when the emulator of the local account cannot be started
     * @throws JournalException when the run cannot be written down
     */
    public RunHandle start(PipelineSpec spec, String script, Listener listener) {
        TaskGraph graph = TaskGraph.compile(spec);
        reach();
        String id = RunNames.id(random);
        Created created = create(id, spec, script);
        try {
            RunRecord run = created.run();
            RunTags labels = new RunTags(id, run.name(), spec.name());
            return kept(new RunHandle(
                    run,
                    created.lease(),
                    journal,
                    ports -> Driver.start(ports, id, run.name(), graph, listener),
                    ports(created.lease(), labels, spec)));
        } catch (RuntimeException e) {
            created.lease().close();
            throw e;
        }
    }

    /** Before anything is written down: once it is, what cannot be reached is waited for. */
    private void reach() {
        var unused = owner().address();
    }

    private OwnerProcess owner() {
        ImmutableList<String> command = ImmutableList.<String>builder()
                .addAll(settings.ownerCommand())
                .add(account.folder().toString())
                .build();
        return new OwnerProcess(account, command);
    }

    /** Until it is done: whoever closes the engine leaves it in order. */
    private RunHandle kept(RunHandle handle) {
        handles.add(handle);
        var unused = handle.done().whenComplete((outcome, failure) -> handles.remove(handle));
        return handle;
    }

    private record Created(RunRecord run, Lease lease) {}

    private Created create(String id, PipelineSpec spec, String script) {
        Instant now = clock.instant();
        String json = SpecJson.write(spec);
        for (int tries = 0; ; tries++) {
            String name = RunNames.name(random, tries);
            RunRecord run = new RunRecord(id, name, spec.name(), script, "local", now, null, null);
            try {
                return new Created(run, journal.runs().create(run, json));
            } catch (DuplicateRunException e) {
                if (tries >= MOST_NAMES) {
                    throw e;
                }
            }
        }
    }

    /** The run cannot be driven by us: somebody else does. */
    public static final class HeldException extends RuntimeException {
        private final transient LockHolder holder;

        HeldException(RunRecord run, LockHolder holder) {
            super("The run " + run.name() + " (" + run.id() + ") is driven by process " + holder.pid() + " on "
                    + holder.host() + " since " + holder.since() + ". Nothing was changed.");
            this.holder = holder;
        }

        public LockHolder holder() {
            return holder;
        }
    }

    /**
     * Goes on with a run: after a crash from where the journal ends, after a failure with what did not succeed. What succeeded is
     * kept. The spec is the one that the run started with.
     *
     * @throws HeldException when somebody drives it
     * @throws dev.emrys.local.LocalSetupException when the emulator of the local account cannot be started
     * @throws JournalException when the journal cannot be read or written
     */
    public RunHandle resume(RunRecord run, Listener listener) {
        return take(run, true, listener);
    }

    /**
     * As {@link #resume}, but what has ended meanwhile stays as it ended: for whoever came to cancel it, or to bring an interrupted run
     * to its end.
     */
    public RunHandle takeOver(RunRecord run, Listener listener) {
        return take(run, false, listener);
    }

    private RunHandle take(RunRecord run, boolean reopen, Listener listener) {
        Optional<Lease> lease = journal.leases().acquire(run.id());
        if (lease.isEmpty()) {
            throw new HeldException(
                    run, journal.leases().holder(run.id()).orElse(new LockHolder(0, "?", Instant.EPOCH)));
        }
        try {
            reach();
            if (reopen
                    && journal.runs()
                            .find(run.id())
                            .map(found -> found.outcome() != null)
                            .orElse(false)) {
                // A cancellation that came too late for the run must not meet it when it goes on.
                journal.inbox().drop(run.id());
            }
            PipelineSpec spec = spec(run);
            TaskGraph graph = TaskGraph.compile(spec);
            RunTags labels = new RunTags(run.id(), run.name(), run.pipeline());
            return kept(new RunHandle(
                    run,
                    lease.get(),
                    journal,
                    ports -> Driver.resume(ports, run.id(), run.name(), graph, settings.by(), reopen, listener),
                    ports(lease.get(), labels, spec)));
        } catch (RuntimeException e) {
            lease.get().close();
            throw e;
        }
    }

    /**
     * Where a run stands, as the journal has it.
     *
     * @throws JournalException when the journal cannot be read
     */
    public RunState state(RunRecord run) {
        RunState state = new RunState(TaskGraph.compile(spec(run)));
        var unused = journal.events().forEach(run.id(), 1, state::apply);
        return state;
    }

    private PipelineSpec spec(RunRecord run) {
        try {
            return SpecJson.read(journal.runs().spec(run.id()));
        } catch (IllegalArgumentException e) {
            throw new JournalException(
                    "The spec of run " + run.name() + " cannot be read: " + e.getMessage()
                            + "\n    It is damaged, or was written by a newer Emrys: use that one, or restore the journal from a copy.",
                    e);
        }
    }

    private Ports ports(Lease lease, RunTags labels, PipelineSpec spec) {
        return new Ports(journal, lease, new EmrEffects(emr, labels, spec.secrets()), clock, timers, turns);
    }

    private void in(Duration wait, Runnable action) {
        if (!timer.isShutdown()) {
            var unused = timer.schedule(action, wait.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /** Leaves the runs that it drives to be resumed, and closes the journal. */
    @Override
    public void close() {
        CompletableFuture<?>[] left = handles.stream().map(RunHandle::abandon).toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(left).get(LONGEST_CLOSING.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // A call that hangs; whoever takes over looks for what it may have done.
            settings.warnings().accept("A call to EMR is still under way, and is left to itself.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        emr.close();
        timer.shutdownNow();
        calls.shutdownNow();
        turns.shutdown();
        journal.close();
    }
}
