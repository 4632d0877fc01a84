package dev.emrys.runtime;

import com.google.common.base.Throwables;
import com.google.common.collect.ImmutableMap;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import dev.emrys.drive.Driver;
import dev.emrys.drive.Listener;
import dev.emrys.drive.Ports;
import dev.emrys.drive.RunIdentity;
import dev.emrys.drive.SnapshotPolicy;
import dev.emrys.drive.Target;
import dev.emrys.drive.TargetUnavailableException;
import dev.emrys.graph.TaskGraph;
import dev.emrys.journal.ControlRequest;
import dev.emrys.journal.DuplicateRunException;
import dev.emrys.journal.Journal;
import dev.emrys.journal.JournalException;
import dev.emrys.journal.Lease;
import dev.emrys.journal.LockHolder;
import dev.emrys.journal.LogicalTime;
import dev.emrys.journal.PostgresJournal;
import dev.emrys.journal.RunRecord;
import dev.emrys.journal.SqliteJournal;
import dev.emrys.journal.SqliteLibrary;
import dev.emrys.spec.PipelineSpec;
import dev.emrys.spec.SpecJson;
import dev.emrys.view.RunViews;
import dev.emrys.view.ScheduleViews;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;

/**
 * The engine of one state folder: starts and resumes runs, and reads their state. Thread-safe.
 *
 * <p>Closing it stops driving: clusters and steps keep running, and the runs can be resumed.
 */
public final class Engine implements AutoCloseable {
    /** How many names are tried for a new run before the start fails. */
    private static final int MAX_NAMES = 100;

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

    private final EngineSettings settings;
    private final Journal journal;
    private final RunViews views;
    private final SystemTimers timers;
    private final ExecutorService turns;
    private final ExecutorService snapshots;
    private final Budgets budgets;
    private final InstantSource clock = InstantSource.system();
    private final SecureRandom random = new SecureRandom();
    private final Set<RunHandle> handles = ConcurrentHashMap.newKeySet();
    private final EngineTargets targets;

    /**
     * Opens the journal, and prepares the state folder, which is created for this user only when it is missing.
     *
     * @throws UntrustedStateException when the folder or a file of the journal belongs to another user, or other users
     *     may write it
     * @throws JournalException when the state folder or the database cannot be used
     */
    public static Engine open(EngineSettings settings) {
        return new Engine(settings, journal -> journal);
    }

    /**
     * For tests: as {@link #open(EngineSettings)}, with a wrapped journal, such as one that lets the engine crash at a
     * chosen event.
     */
    static Engine open(EngineSettings settings, UnaryOperator<Journal> journalWrapper) {
        return new Engine(settings, journalWrapper);
    }

    private Engine(EngineSettings settings, UnaryOperator<Journal> journalWrapper) {
        this.settings = settings;
        this.journal = journalWrapper.apply(openJournal(settings));
        this.targets = new EngineTargets(settings, journal.tokens());
        this.views = new RunViews(journal);
        this.timers = new SystemTimers(clock, "emrys-timer");
        this.turns = thread("emrys-drive");
        this.snapshots = thread("emrys-snapshots");
        this.budgets = new Budgets(views, settings.prices(), timers, clock, snapshots, settings.warnings());
    }

    private static Journal openJournal(EngineSettings settings) {
        if (settings.database().isPresent()) {
            // It is created with the first run that is driven from here: to look at runs needs none.
            StateFolder.check(settings.stateFolder());
            return PostgresJournal.open(settings.database().get().address(), settings.warnings());
        }
        StateFolder.prepare(settings.stateFolder());
        SqliteLibrary.use(settings.cacheFolder());
        return SqliteJournal.open(settings.stateFolder(), settings.warnings());
    }

    private static ExecutorService thread(String name) {
        return Executors.newSingleThreadExecutor(
                new ThreadFactoryBuilder().setNameFormat(name).setDaemon(true).build());
    }

    /** Absolute. */
    public Path stateFolder() {
        return settings.stateFolder().toAbsolutePath().normalize();
    }

    /** Where the journal is, when it is not in the state folder. */
    public Optional<JournalDatabase> database() {
        return settings.database();
    }

    /** The runs of the journal, for reading. */
    public RunViews runs() {
        return views;
    }

    /** What the runs of the journal have cost. */
    public RunCosts costs() {
        return new RunCosts(views, settings.prices());
    }

    /** The schedules of the journal, for reading. */
    public ScheduleViews scheduleViews() {
        return new ScheduleViews(journal.schedules());
    }

    /** The schedules of the journal, for the processes that run them and to change them. */
    public Schedules schedules() {
        return new Schedules(journal.schedules(), journal.runs(), LocalTarget.buckets(settings.stateFolder()));
    }

    /**
     * The value of a secret now, from the environment or the file {@code secrets.properties} of the state folder.
     *
     * @throws UntrustedStateException when another user owns the file or its folder, or may write them
     */
    public Optional<String> secret(String name) {
        return new SecretSource(System.getenv(), settings.stateFolder()).find(name);
    }

    /** For tests. */
    Journal journal() {
        return journal;
    }

    /** The target of new runs. */
    public Target defaultTarget() {
        return targets.first();
    }

    /**
     * The target that a run was started on.
     *
     * @param name as {@link Target#name}
     * @throws TargetUnavailableException when this engine does not have it
     */
    public Target target(String name) {
        return target(name, ImmutableMap.of());
    }

    /**
     * The target that a run was started on, or that one is to be started on.
     *
     * @param name as {@link Target#name}
     * @param wanted as {@link Target#settings}
     * @throws TargetUnavailableException when this engine does not have it
     */
    public Target target(String name, ImmutableMap<String, String> wanted) {
        return targets.find(name, wanted);
    }

    /**
     * Starts a run on the default target.
     *
     * @param script the path of the script, for people
     * @param changed called after the run has changed, within the driver's turns: it must be quick and must not throw
     * @throws dev.emrys.spec.InvalidSpecException with every error of the spec
     * @throws TargetUnavailableException when the target cannot be reached
     * @throws JournalException when the run cannot be recorded
     */
    public RunHandle start(PipelineSpec spec, String script, Runnable changed) {
        return start(spec, script, Optional.empty(), changed);
    }

    /**
     * As {@link #start(PipelineSpec, String, Runnable)}.
     *
     * @param logicalTime the day and the time that the run is for, which runs that it triggers take over
     */
    public RunHandle start(PipelineSpec spec, String script, Optional<LogicalTime> logicalTime, Runnable changed) {
        NewRuns runs = prepare(spec, script, logicalTime);
        for (int tries = 0; ; tries++) {
            try {
                RunRecord run = runs.named(RunNames.name(random, tries));
                return runs.start(run, journal.runs().create(run, runs.json()), changed);
            } catch (DuplicateRunException e) {
                if (tries >= MAX_NAMES) {
                    throw e;
                }
            }
        }
    }

    private void prepareStateFolder() {
        if (settings.database().isPresent()) {
            StateFolder.prepareWithoutJournal(settings.stateFolder());
        }
    }

    /**
     * As {@link #start(PipelineSpec, String, Runnable)}, with a name that says what the run is for, such as the fire of
     * a schedule: a journal has one run of a name.
     *
     * @param logicalTime the day and the time that the run is for
     * @return empty when there is one already; nothing is started then
     */
    public Optional<RunHandle> startOnce(
            PipelineSpec spec, String script, String name, LogicalTime logicalTime, Runnable changed) {
        NewRuns runs = prepare(spec, script, Optional.of(logicalTime));
        RunRecord run = runs.named(name);
        try {
            return Optional.of(runs.start(run, journal.runs().create(run, runs.json()), changed));
        } catch (DuplicateRunException e) {
            return Optional.empty();
        }
    }

    /**
     * As {@link #startOnce(PipelineSpec, String, String, LogicalTime, Runnable)}, but does not wait until the run is
     * recorded: runs that begin at the same time share a commit. What it throws itself is what happens before.
     *
     * @param executor begins to drive the recorded run: not the thread that writes the journal. When it refuses, the
     *     run is released, and can be resumed
     * @return completes when the run is recorded and driven; fails with {@link JournalException} when it cannot be
     *     recorded, and with {@link RejectedExecutionException} when the executor refuses
     */
    public CompletableFuture<Optional<RunHandle>> startOnce(
            PipelineSpec spec,
            String script,
            String name,
            LogicalTime logicalTime,
            Runnable changed,
            Executor executor) {
        return startOnce(defaultTarget(), spec, script, name, logicalTime, changed, executor);
    }

    /**
     * As {@link #startOnce(PipelineSpec, String, String, LogicalTime, Runnable, Executor)}.
     *
     * @param target one of this engine's: {@link #target(String, ImmutableMap)}
     */
    public CompletableFuture<Optional<RunHandle>> startOnce(
            Target target,
            PipelineSpec spec,
            String script,
            String name,
            LogicalTime logicalTime,
            Runnable changed,
            Executor executor) {
        NewRuns runs = prepare(target, spec, script, Optional.of(logicalTime));
        RunRecord run = runs.named(name);
        CompletableFuture<Lease> begun = journal.runs().begin(run, runs.json());
        return begun.thenApplyAsync(lease -> Optional.of(runs.start(run, lease, changed)), executor)
                .exceptionally(failure -> {
                    Throwable cause = Throwables.getRootCause(failure);
                    if (cause instanceof DuplicateRunException) {
                        return Optional.empty();
                    }
                    if (cause instanceof RejectedExecutionException) {
                        begun.join().close();
                    }
                    throw failure instanceof CompletionException e ? e : new CompletionException(failure);
                });
    }

    private NewRuns prepare(PipelineSpec spec, String script, Optional<LogicalTime> logicalTime) {
        return prepare(defaultTarget(), spec, script, logicalTime);
    }

    /** With a target that is connected. */
    private NewRuns prepare(Target target, PipelineSpec spec, String script, Optional<LogicalTime> logicalTime) {
        TaskGraph graph = TaskGraph.compile(spec);
        budgets.check(spec, target);
        prepareStateFolder();
        target.connect();
        PipelineSpec placed = target.placed(spec);
        return placed.equals(spec)
                ? new NewRuns(graph, SpecJson.write(spec), script, target, logicalTime)
                : new NewRuns(TaskGraph.compile(placed), SpecJson.write(placed), script, target, logicalTime);
    }

    private final class NewRuns {
        private final TaskGraph graph;
        private final String json;
        private final String script;
        private final Target target;
        private final Optional<LogicalTime> logicalTime;

        NewRuns(TaskGraph graph, String json, String script, Target target, Optional<LogicalTime> logicalTime) {
            this.graph = graph;
            this.json = json;
            this.script = script;
            this.target = target;
            this.logicalTime = logicalTime;
        }

        String json() {
            return json;
        }

        RunRecord named(String name) {
            String pipeline = graph.spec().name();
            return new RunRecord(
                    RunNames.id(random),
                    name,
                    pipeline,
                    script,
                    target.name(),
                    clock.instant(),
                    null,
                    null,
                    logicalTime.orElse(null),
                    target.settings());
        }

        RunHandle start(RunRecord run, Lease lease, Runnable changed) {
            try {
                RunHandle handle = register(new RunHandle(
                        run,
                        lease,
                        journal,
                        ports -> Driver.start(ports, run.id(), run.name(), graph, listener(changed)),
                        ports(lease, target, run, graph.spec())));
                budgets.watch(handle, graph.spec(), target);
                return handle;
            } catch (RuntimeException e) {
                lease.close();
                throw e;
            }
        }
    }

    private static Listener listener(Runnable changed) {
        return (events, state) -> changed.run();
    }

    /**
     * Registers the handle until its run is done and its last snapshot is stored, so that {@link #close} can abandon
     * it.
     */
    private RunHandle register(RunHandle handle) {
        handles.add(handle);
        var unused = handle.done().whenComplete((outcome, failure) -> removeWhenReleased(handle));
        return handle;
    }

    private void removeWhenReleased(RunHandle handle) {
        var unused = handle.abandon().whenComplete((nothing, failure) -> handles.remove(handle));
    }

    /** Another process drives the run. */
    public static final class HeldException extends RuntimeException {
        private final transient LockHolder holder;
        private final String run;

        HeldException(RunRecord run, LockHolder holder) {
            super("The run " + run.name() + " (" + run.id() + ") is driven by process " + holder.pid() + " on "
                    + holder.host() + " since " + holder.since().truncatedTo(ChronoUnit.SECONDS)
                    + ". Nothing was changed.");
            this.holder = holder;
            this.run = run.name();
        }

        /** The name of the run. */
        public String run() {
            return run;
        }

        public LockHolder holder() {
            return holder;
        }
    }

    /**
     * Continues a run: after a crash from where the journal ends, after a failure with the tasks that did not succeed.
     * Tasks that succeeded are not repeated. The spec is the one that the run started with.
     *
     * @param run its id
     * @param changed as for {@link #start}
     * @throws HeldException when another process drives it
     * @throws TargetUnavailableException when its target cannot be reached
     * @throws JournalException when the journal cannot be read or written
     */
    public RunHandle resume(String run, Runnable changed) {
        return resume(run, Optional.empty(), changed);
    }

    /**
     * As {@link #resume(String, Runnable)}.
     *
     * @param budget US dollars for the whole run, instead of the budget of its spec
     * @throws dev.emrys.spec.InvalidSpecException when the run has ended and has cost as much as its budget
     */
    public RunHandle resume(String run, Optional<BigDecimal> budget, Runnable changed) {
        return take(run, true, budget, changed);
    }

    /**
     * As {@link #resume}, but a run that has ended is not reopened: to cancel a run, or to complete an interrupted one.
     */
    public RunHandle takeOver(String run, Runnable changed) {
        return take(run, false, Optional.empty(), changed);
    }

    private RunHandle take(String id, boolean reopen, Optional<BigDecimal> budget, Runnable changed) {
        RunRecord run = record(id);
        Lease lease = journal.leases()
                .acquire(id)
                .orElseThrow(() -> new HeldException(
                        run, journal.leases().holder(id).orElse(new LockHolder(0, "?", Instant.EPOCH))));
        try {
            Target target = target(run.target(), run.targetSettings());
            PipelineSpec spec = Budgets.with(spec(run), budget);
            boolean hasEnded = reopen && record(id).outcome() != null;
            if (hasEnded) {
                budgets.checkLeft(run, spec);
            }
            prepareStateFolder();
            target.connect();
            if (hasEnded) {
                // A cancellation that came after the end must not cancel the reopened run.
                journal.inbox().drop(id);
            }
            TaskGraph graph = TaskGraph.compileChecked(spec);
            RunHandle handle = register(new RunHandle(
                    run,
                    lease,
                    journal,
                    ports -> Driver.resume(ports, id, run.name(), graph, settings.by(), reopen, listener(changed)),
                    ports(lease, target, run, spec)));
            budgets.watch(handle, spec, target);
            return handle;
        } catch (RuntimeException e) {
            lease.close();
            throw e;
        }
    }

    /**
     * Requests the cancellation of a run from the process that drives it; while there is none the request waits.
     *
     * @param run its id
     * @param by who requests it, for the history
     */
    public void requestCancellation(String run, String by) {
        journal.inbox().send(run, new ControlRequest.Cancel(), by);
    }

    private RunRecord record(String id) {
        return journal.runs()
                .find(id)
                .orElseThrow(() -> new JournalException("There is no run " + id + " in this journal.", null));
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

    private Ports ports(Lease lease, Target target, RunRecord run, PipelineSpec spec) {
        RunIdentity identity = new RunIdentity(run.id(), run.name(), run.pipeline(), run.startedAt());
        return new Ports(
                journal,
                lease,
                target.effects(identity, spec, lease),
                clock,
                timers,
                turns,
                SnapshotPolicy.standard(snapshots),
                settings.warnings());
    }

    /** Stops driving its runs, which can be resumed, and closes the journal. */
    @Override
    public void close() {
        CompletableFuture<?>[] left = handles.stream().map(RunHandle::abandon).toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(left).get(CLOSE_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // A call hangs; the process that takes the run over looks up what it may have done.
            settings.warnings().accept("A call to the target is still in flight; closing without waiting.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        targets.close();
        timers.close();
        turns.shutdown();
        snapshots.shutdown();
        journal.close();
    }
}
