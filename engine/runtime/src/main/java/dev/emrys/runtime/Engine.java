package dev.emrys.runtime;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.emrys.drive.Driver;
import dev.emrys.drive.Listener;
import dev.emrys.drive.Ports;
import dev.emrys.drive.SnapshotPolicy;
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
import dev.emrys.journal.RecordedRun;
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
 * The engine of one state folder: starts and resumes runs, and reads their state. Thread-safe.
 *
 * <p>Closing it stops driving: clusters and steps keep running, and the runs can be resumed.
 */
public final class Engine implements AutoCloseable {
    /** Enough for the calls of a few clusters at once, few enough not to be throttled. */
    private static final int CONCURRENT_CALLS = 6;

    /** How many names are tried for a new run before the start fails. */
    private static final int MAX_NAMES = 100;

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

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
    private final ExecutorService snapshots;
    private final EmrAccount emr;
    private final InstantSource clock = InstantSource.system();
    private final SecureRandom random = new SecureRandom();
    private final Set<RunHandle> handles = ConcurrentHashMap.newKeySet();

    /**
     * Where an engine keeps its files, and how it starts the emulator.
     *
     * @param stateFolder the journal, the locks, and the local account
     * @param cacheFolder files that can be fetched or created again
     * @param ownerCommand starts the owner process of an account, whose folder is appended as the last argument
     * @param warnings receives messages for people, such as about a lock or an outage that lasts; called on any thread
     * @param by who drives the runs, for the history
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

    /** For tests: as {@link #open(Settings)}, with a wrapped journal, for example one that lets the engine crash at a chosen event. */
    static Engine open(Settings settings, UnaryOperator<Journal> journalWrapper) {
        return new Engine(settings, journalWrapper);
    }

    private Engine(Settings settings, UnaryOperator<Journal> journalWrapper) {
        this.settings = settings;
        this.account = Preflight.account(settings.stateFolder());
        this.distributions = distributions(settings.cacheFolder());
        this.secrets = new SecretSource(System.getenv(), settings.stateFolder());
        this.journal = journalWrapper.apply(SqliteJournal.open(settings.stateFolder(), settings.warnings()));
        this.calls = Executors.newFixedThreadPool(CONCURRENT_CALLS, daemon("emrys-calls"));
        this.timers = new SuspendAwareTimers(clock, System::nanoTime, this::in);
        this.timer = Executors.newSingleThreadScheduledExecutor(daemon("emrys-timer"));
        this.emr = new EmrAccount(
                new LocalEndpoint(owner()),
                new EmrDependencies(calls, clock, timers, secrets::find, settings.warnings(), random::nextDouble));
        this.turns = Executors.newSingleThreadExecutor(daemon("emrys-drive"));
        this.snapshots = Executors.newSingleThreadExecutor(daemon("emrys-snapshots"));
    }

    private static ThreadFactory daemon(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** The jars for steps; shared by all state folders of a user. */
    public static Distributions distributions(Path cacheFolder) {
        return new Distributions(cacheFolder.resolve("distributions"), new MavenDistributionResolver());
    }

    /** How long an owner process keeps running without a cluster. */
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
     * Fetches the distributions that the steps of a pipeline need, unless they are in the cache.
     *
     * @throws dev.emrys.local.LocalSetupException when one cannot be fetched
     */
    public void fetch(PipelineSpec spec, Distributions.Progress progress) {
        ImmutableSet<Distribution> needed = Preflight.distributions(spec);
        needed.forEach(distribution -> distributions.jars(distribution, progress));
    }

    /**
     * Starts a run.
     *
     * @param script the path of the script, for people
     * @throws dev.emrys.spec.InvalidSpecException with every error of the spec
     * @throws dev.emrys.local.LocalSetupException when the emulator of the local account cannot be started
     * @throws JournalException when the run cannot be recorded
     */
    public RunHandle start(PipelineSpec spec, String script, Listener listener) {
        TaskGraph graph = TaskGraph.compile(spec);
        requireEmulator();
        String id = RunNames.id(random);
        Created created = create(id, spec, script);
        try {
            RunRecord run = created.run();
            RunTags labels = new RunTags(id, run.name(), spec.name());
            return register(new RunHandle(
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

    /** Called before anything is recorded, because a recorded run retries for ever while the emulator cannot be reached. */
    private void requireEmulator() {
        var unused = owner().address();
    }

    private OwnerProcess owner() {
        ImmutableList<String> command = ImmutableList.<String>builder()
                .addAll(settings.ownerCommand())
                .add(account.folder().toString())
                .build();
        return new OwnerProcess(account, command);
    }

    /** Registers the handle until its run is done, so that {@link #close} can abandon it. */
    private RunHandle register(RunHandle handle) {
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
                if (tries >= MAX_NAMES) {
                    throw e;
                }
            }
        }
    }

    /** Another process drives the run. */
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
     * Continues a run: after a crash from where the journal ends, after a failure with the tasks that did not succeed. Tasks that succeeded
     * are not repeated. The spec is the one that the run started with.
     *
     * @throws HeldException when another process drives it
     * @throws dev.emrys.local.LocalSetupException when the emulator of the local account cannot be started
     * @throws JournalException when the journal cannot be read or written
     */
    public RunHandle resume(RunRecord run, Listener listener) {
        return take(run, true, listener);
    }

    /**
     * As {@link #resume}, but a run that has ended is not reopened: to cancel a run, or to complete an interrupted one.
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
            requireEmulator();
            if (reopen
                    && journal.runs()
                            .find(run.id())
                            .map(found -> found.outcome() != null)
                            .orElse(false)) {
                // A cancellation that came after the end must not cancel the reopened run.
                journal.inbox().drop(run.id());
            }
            PipelineSpec spec = spec(run);
            TaskGraph graph = TaskGraph.compileChecked(spec);
            RunTags labels = new RunTags(run.id(), run.name(), run.pipeline());
            return register(new RunHandle(
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
     * The state of a run, from its newest snapshot in the journal and the events after it.
     *
     * @throws JournalException when the journal cannot be read
     */
    public RunState state(RunRecord run) {
        return RecordedRun.read(journal, run.id(), TaskGraph.compileChecked(spec(run)))
                .state();
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
        return new Ports(
                journal,
                lease,
                new EmrEffects(emr, labels, spec.secrets()),
                clock,
                timers,
                turns,
                SnapshotPolicy.forTasks(spec.tasks().size(), snapshots));
    }

    private void in(Duration wait, Runnable action) {
        if (!timer.isShutdown()) {
            var unused = timer.schedule(action, wait.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /** Stops driving its runs, which can be resumed, and closes the journal. */
    @Override
    public void close() {
        CompletableFuture<?>[] left = handles.stream().map(RunHandle::abandon).toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(left).get(CLOSE_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // A call hangs; the process that takes the run over looks up what it may have done.
            settings.warnings().accept("An EMR call is still in flight; closing without waiting.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        emr.close();
        timer.shutdownNow();
        calls.shutdownNow();
        turns.shutdown();
        snapshots.shutdown();
        journal.close();
    }
}
