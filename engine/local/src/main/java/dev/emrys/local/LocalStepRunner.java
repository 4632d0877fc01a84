package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import dev.emrys.emulator.BootstrapLaunch;
import dev.emrys.emulator.BootstrapListener;
import dev.emrys.emulator.StepExit;
import dev.emrys.emulator.StepLaunch;
import dev.emrys.emulator.StepListener;
import dev.emrys.emulator.StepRunner;
import dev.emrys.storage.logs.LogGroups;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs steps and bootstrap actions as processes, each under a supervisor in a session of its own. The step's folder
 * records its process and exit status, so that the next owner process finds a step that still runs, or how it ended. A
 * step with neither is lost, which is a failure, never a success. Thread-safe.
 */
public final class LocalStepRunner implements StepRunner, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalStepRunner.class);

    /** The exit code of a cancelled step whose supervisor was killed too. */
    private static final int KILLED = 137;

    /** For what is not pushed: that a step runs, and how one ends that an earlier owner process started. */
    private static final Duration POLL_INTERVAL = Duration.ofMillis(200);

    private static final String SEE_MESSAGE = "The message of the step's failure says more.";

    private static final long FIRST_RETRY_MILLIS = 500;
    private static final long LAST_RETRY_MILLIS = 30_000;
    /** How many polls a supervisor may take from its start to its claim. */
    private static final long CLAIM_TIMEOUT_POLLS = 100;

    private final Account account;
    private final Distributions distributions;
    private final ReleaseSoftware software;
    private final ArchiveMaker archiveMaker;
    private final InstantSource clock;
    private final Optional<LogGroups> logGroups;
    private final StepSpawner spawner;
    private final Map<String, RunningStep> running = new ConcurrentHashMap<>();

    /** By cluster: the configurations for which its files were written. */
    private final Map<String, ImmutableList<StepLaunch.Classification>> prepared = new ConcurrentHashMap<>();

    private final ScheduledExecutorService poller;
    private final ExecutorService publisher;
    private final LaunchThreads launchThreads = new LaunchThreads();

    /**
     * Starts to poll the account's steps.
     *
     * @throws IOException when the account's folder cannot be used
     */
    public LocalStepRunner(Account account, Distributions distributions, InstantSource clock) throws IOException {
        this(account, distributions, clock, POLL_INTERVAL);
    }

    /** @param storage the variables by which a step reaches S3 */
    LocalStepRunner(
            Account account, Distributions distributions, InstantSource clock, ImmutableMap<String, String> storage)
            throws IOException {
        this(account, distributions, clock, POLL_INTERVAL, storage, Optional.empty());
    }

    /** @param storage whose variables a step has, and in whose log groups its output is published */
    LocalStepRunner(Account account, Distributions distributions, InstantSource clock, AccountStorage storage)
            throws IOException {
        this(account, distributions, clock, POLL_INTERVAL, storage.stepVariables(), Optional.of(storage.logs()));
    }

    LocalStepRunner(Account account, Distributions distributions, InstantSource clock, Duration pollInterval)
            throws IOException {
        this(account, distributions, clock, pollInterval, ImmutableMap.of(), Optional.empty());
    }

    private LocalStepRunner(
            Account account,
            Distributions distributions,
            InstantSource clock,
            Duration pollInterval,
            ImmutableMap<String, String> storage,
            Optional<LogGroups> logGroups)
            throws IOException {
        this.account = account;
        this.logGroups = logGroups;
        this.distributions = distributions;
        this.software = new ReleaseSoftware(distributions);
        this.archiveMaker = new ArchiveMaker();
        this.clock = clock;
        account.create();
        this.spawner = new StepSpawner(account, storage);
        this.poller = Executors.newSingleThreadScheduledExecutor(daemon("emrys-steps"));
        this.publisher = Executors.newSingleThreadExecutor(daemon("emrys-logs"));
        var unused = poller.scheduleWithFixedDelay(this::pollAll, 0, pollInterval.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static ThreadFactory daemon(String name) {
        return new ThreadFactoryBuilder().setNameFormat(name).setDaemon(true).build();
    }

    /** Says so in the log of the owner process, and in the controller log of the step. */
    @Override
    public void waits(String clusterId, String stepId, String why) {
        LOG.info("Step {} of cluster {} is PENDING. {}", stepId, clusterId, why);
        Path folder = account.step(clusterId, stepId);
        try {
            PrivateFiles.createFolders(folder);
            new StepLogFiles(folder).controller(clock.instant(), why);
        } catch (IOException e) {
            LOG.debug("The controller log of step {} cannot be written.", stepId, e);
        }
    }

    @Override
    public void start(StepLaunch launch, StepListener listener) {
        Path folder = account.step(launch.clusterId(), launch.stepId());
        startOnce(new RunningStep(launch, listener, folder, "steps/" + launch.stepId(), false));
    }

    @Override
    public void startBootstrapAction(BootstrapLaunch launch, BootstrapListener listener) {
        StepLaunch step = BootstrapSteps.step(launch);
        Path folder = account.step(step.clusterId(), step.stepId());
        startOnce(new RunningStep(
                step, BootstrapSteps.listener(listener, folder), folder, BootstrapSteps.logFolder(launch), true));
    }

    private void startOnce(RunningStep step) {
        poller.execute(() -> {
            if (running.putIfAbsent(step.launch.stepId(), step) == null) {
                start(step);
            }
        });
    }

    private static LocalStep parse(StepLaunch launch) {
        return LocalStep.parse(launch.jar(), launch.mainClass(), launch.args(), launch.properties());
    }

    private void start(RunningStep step) {
        try {
            PrivateFiles.createFolders(step.folder.resolve("work"));
            if (!wasStarted(step, new StepLogFiles(step.folder))) {
                step.preparation = launchThreads.submit(step.launch.clusterId(), () -> prepare(step), poller);
            }
        } catch (RejectedExecutionException e) {
            LOG.debug("The next owner process starts step {}.", step.launch.stepId(), e);
        } catch (IOException | RuntimeException e) {
            reject(step, e);
        }
    }

    /** Returns what follows, on the poller's thread. */
    private Runnable prepare(RunningStep step) {
        StepLaunch launch = step.launch;
        try {
            prepareCluster(launch);
            LaunchCommandFactory factory =
                    new LaunchCommandFactory(account, software.of(launch.releaseLabel()), launch);
            LaunchCommand command =
                    step.isBootstrapAction ? BootstrapSteps.command(launch, factory) : factory.create(parse(launch));
            return () -> launch(step, command);
        } catch (IOException | LaunchCommand.UnsupportedStepException | RuntimeException | Error e) {
            // Also an Error: a step that is neither started nor rejected would never end.
            return () -> rejectUnlessBlocked(step, e);
        }
    }

    private void launch(RunningStep step, LaunchCommand command) {
        if (isBlocked(step)) {
            return;
        }
        StepLaunch launch = step.launch;
        StepLogFiles logs = new StepLogFiles(step.folder);
        try {
            for (String warning : command.warnings()) {
                logs.controller(clock.instant(), "WARNING " + warning);
            }
            for (String note : command.notes()) {
                logs.controller(clock.instant(), note);
            }
            logs.controller(
                    clock.instant(),
                    "Starting " + (step.isBootstrapAction ? launch.name() : StepLogFiles.describe(launch)));
            var unused = spawner.spawn(launch, command).onExit().thenRun(() -> pollNow(step));
        } catch (IOException | RuntimeException e) {
            reject(step, e);
        }
        prepareSupervisor();
    }

    private void rejectUnlessBlocked(RunningStep step, Throwable why) {
        if (!isBlocked(step)) {
            reject(step, why);
        }
    }

    /** Whether the step was cancelled, or lost its folder, while it was prepared. Then nothing of it is left. */
    private boolean isBlocked(RunningStep step) {
        step.preparation = null;
        if (!step.ending && Files.notExists(step.folder.resolve("claim"))) {
            return false;
        }
        Leftovers.ofStart(step.folder);
        Leftovers.ofStep(step.folder, step.launch.stepId());
        pollIfRunning(step);
        return true;
    }

    private void reject(RunningStep step, Throwable e) {
        StepLogFiles logs = new StepLogFiles(step.folder);
        String message = String.valueOf(e.getMessage());
        if (e instanceof LocalSetupException) {
            reject(step, logs, message, message);
        } else if (e instanceof LaunchCommand.UnsupportedStepException) {
            reject(
                    step,
                    logs,
                    message,
                    "This machine does not run such a step, or it has no such file. " + SEE_MESSAGE);
        } else {
            reject(
                    step,
                    logs,
                    "The step could not be started: " + e,
                    "The step could not be started: " + e.getClass().getSimpleName() + ". " + SEE_MESSAGE);
        }
    }

    private void prepareSupervisor() {
        try {
            spawner.prepare();
        } catch (IOException e) {
            LOG.warn("No supervisor could be started in advance; the next step tries again.", e);
        }
    }

    /** Writes what the steps of a cluster share, unless this process has written the same before. */
    private void prepareCluster(StepLaunch launch) throws IOException {
        Path folder = account.cluster(launch.clusterId());
        if (launch.configurations().equals(prepared.get(launch.clusterId()))
                && Files.isDirectory(ShellPrograms.folder(folder))
                && new ClusterMetastore(folder).hasPort()) {
            return;
        }
        PrivateFiles.createFolders(folder.resolve("home"));
        ConfigurationFolder.write(folder, folder.resolve("conf"), launch.configurations());
        ShellPrograms.install(account, distributions.cacheFolder(), launch);
        SudoProgram.install(ShellPrograms.folder(folder));
        prepared.put(launch.clusterId(), launch.configurations());
    }

    /** Whether an earlier owner process started the step. Then it is polled, even if its logs cannot be written. */
    private boolean wasStarted(RunningStep step, StepLogFiles logs) throws IOException {
        StepProcess process = new StepProcess(step.folder, step.launch.stepId());
        if (process.claim().isEmpty() && process.exit().isEmpty()) {
            return false;
        }
        Leftovers.ofStart(step.folder);
        try {
            logs.controller(clock.instant(), "The owner process was restarted and continues to watch the step.");
        } catch (IOException e) {
            LOG.warn("The controller log of step {} cannot be written.", step.launch.stepId(), e);
        }
        return true;
    }

    /** @param logged without what the step was given, which may be confidential */
    private void reject(RunningStep step, StepLogFiles logs, String why, String logged) {
        step.ending = true;
        Leftovers.ofStart(step.folder);
        writeLogs(step, logs, "FAILED " + logged);
        report(step, failed("The step was not started.", why, step.folder.resolve("controller")), FIRST_RETRY_MILLIS);
    }

    /** A log that could not be written, on a full disk for instance, is not named. */
    private StepExit failed(String reason, @Nullable String message, Path log) {
        return Files.exists(log)
                ? new StepExit.Failed(clock.instant(), reason, message, log.toString())
                : StepExit.Failed.withoutLog(clock.instant(), reason, message);
    }

    /** A failure is logged only: the end of the step must be reported in any case. */
    private void writeLogs(RunningStep step, StepLogFiles logs, String lastLine) {
        try {
            logs.controller(clock.instant(), lastLine);
            logs.publish(account, step.launch.logUri(), step.launch.clusterId(), step.logFolder);
        } catch (IOException | RuntimeException e) {
            LOG.warn("The logs of step {} are only in {}.", step.launch.stepId(), step.folder, e);
        }
    }

    /** As {@link #writeLogs}. */
    private void writeEvents(RunningStep step) {
        StepLaunch.CloudWatch cloudWatch = step.launch.cloudWatch();
        if (cloudWatch == null || logGroups.isEmpty()) {
            return;
        }
        try {
            new StepLogEvents(logGroups.get(), cloudWatch, step.folder, clock.millis()).publish();
        } catch (IOException | RuntimeException e) {
            LOG.warn("The output of step {} is not in CloudWatch Logs.", step.launch.stepId(), e);
        }
    }

    private void pollAll() {
        ImmutableList.copyOf(running.values()).forEach(this::pollIfRunning);
    }

    /** Called when the supervisor has ended. */
    private void pollNow(RunningStep step) {
        try {
            poller.execute(() -> pollIfRunning(step));
        } catch (RejectedExecutionException e) {
            // The next owner process will poll it.
            LOG.debug("Step {} ended after the runner was closed.", step.launch.stepId(), e);
        }
    }

    private void pollIfRunning(RunningStep step) {
        if (step.ending) {
            return;
        }
        try {
            poll(step);
        } catch (IOException | RuntimeException e) {
            // The disk may be full for a time: poll again.
            step.pollsWithoutClaim++;
        }
    }

    private void poll(RunningStep step) throws IOException {
        StepProcess process = new StepProcess(step.folder, step.launch.stepId());
        OptionalInt exit = process.exit();
        if (exit.isPresent()) {
            ended(step, exit.getAsInt());
            return;
        }
        Optional<StepProcess.Claim> claim = process.claim();
        if (!Files.isDirectory(step.folder)) {
            lost(step, "its folder was deleted");
            return;
        }
        if (claim.isEmpty()) {
            boolean isStarting = step.preparation == null;
            if (isStarting && ++step.pollsWithoutClaim > CLAIM_TIMEOUT_POLLS && process.blockStart()) {
                lost(step, "its supervisor did not start");
            }
            return;
        }
        if (StepProcess.alive(claim.get()).isPresent()) {
            if (!step.reportedRunning) {
                step.reportedRunning = true;
                step.listener.running(process.claimed());
            }
            return;
        }
        // The supervisor may have written the status after it was read above.
        exit = process.exit();
        if (exit.isPresent()) {
            ended(step, exit.getAsInt());
        } else if (Files.exists(step.folder.resolve("cancel"))) {
            ended(step, KILLED);
        } else {
            lost(step, "its supervisor died");
        }
    }

    private void lost(RunningStep step, String how) throws IOException {
        new StepProcess(step.folder, step.launch.stepId()).signal(true);
        finish(
                step,
                "Lost: " + how + ".",
                failed(
                        "The step was lost: " + how + ", and it left no exit status.",
                        "It is not known whether the step finished its work.",
                        new StepLogFiles(step.folder).stderr()));
    }

    private void ended(RunningStep step, int code) {
        boolean cancelled = Files.exists(step.folder.resolve("cancel"));
        StepLogFiles logs = new StepLogFiles(step.folder);
        StepExit exit;
        if (code == 0) {
            exit = new StepExit.Completed(clock.instant());
        } else if (cancelled) {
            exit = new StepExit.Cancelled(clock.instant());
        } else {
            String excerpt = logs.failureExcerpt();
            exit = failed(ExitCodes.describe(code), excerpt.isEmpty() ? null : excerpt, logs.failureLog());
        }
        finish(step, (cancelled && code != 0 ? "Cancelled. " : "") + ExitCodes.describe(code), exit);
    }

    /** Publishes the logs on another thread: they may be large, and other steps start and end meanwhile. */
    private void finish(RunningStep step, String line, StepExit exit) {
        if (!step.ending) {
            step.ending = true;
            publisher.execute(() -> {
                Leftovers.ofStart(step.folder);
                writeLogs(step, new StepLogFiles(step.folder), line);
                writeEvents(step);
                report(step, exit, FIRST_RETRY_MILLIS);
                Leftovers.ofStep(step.folder, step.launch.stepId());
                if (!step.isBootstrapAction) {
                    String release = step.launch.releaseLabel();
                    archiveMaker.stepEnded(parse(step.launch), release, software.of(release)::makeClassArchive);
                }
            });
        }
    }

    /** Retries until the listener has stored the end of the step. */
    private void report(RunningStep step, StepExit exit, long retryMillis) {
        try {
            step.listener.ended(exit);
            running.remove(step.launch.stepId());
        } catch (RuntimeException e) {
            LOG.warn("The end of step {} cannot be reported yet.", step.launch.stepId(), e);
            retryLater(next -> report(step, exit, next), retryMillis);
        }
    }

    /** With growing intervals, so that a lasting failure does not fill the log. */
    private void retryLater(LongConsumer action, long retryMillis) {
        if (!poller.isShutdown()) {
            var unused = poller.schedule(
                    () -> action.accept(Math.min(retryMillis * 2, LAST_RETRY_MILLIS)),
                    retryMillis,
                    TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void cancel(String clusterId, String stepId, boolean force) {
        poller.execute(() -> cancel(clusterId, stepId, force, FIRST_RETRY_MILLIS));
    }

    @Override
    public void cancelBootstrapAction(String clusterId, int number) {
        cancel(clusterId, BootstrapSteps.stepId(clusterId, number), true);
    }

    private void cancel(String clusterId, String stepId, boolean force, long retryMillis) {
        Path folder = account.step(clusterId, stepId);
        StepProcess process = new StepProcess(folder, stepId);
        try {
            PrivateFiles.createFolders(folder);
            PrivateFiles.write(folder.resolve("cancel"), "");
            if (process.claim().isEmpty() && process.blockStart()) {
                // The step was not started, and now never starts.
                Leftovers.ofStart(folder);
                endPreparation(stepId);
                return;
            }
            process.signal(force);
        } catch (IOException e) {
            LOG.warn("Step {} cannot be cancelled yet.", stepId, e);
            retryLater(next -> cancel(clusterId, stepId, force, next), retryMillis);
        }
    }

    private void endPreparation(String stepId) {
        RunningStep step = running.get(stepId);
        if (step != null) {
            if (step.preparation != null) {
                step.preparation.cancel(true);
            }
            pollIfRunning(step);
        }
    }

    /**
     * Kills the processes that the cluster's steps left, as the end of a cluster's machines does, and deletes temporary
     * files.
     *
     * @throws IllegalStateException while a step is still prepared that was cancelled: it may write files of the
     *     cluster
     */
    @Override
    public void clusterEnded(String clusterId) {
        if (launchThreads.isBusy(clusterId)) {
            throw new IllegalStateException("A step of cluster " + clusterId + " is still prepared.");
        }
        prepared.remove(clusterId);
        try {
            StepProcess.killCluster(account, clusterId);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Path folder = account.cluster(clusterId);
        Leftovers.ofCluster(
                folder,
                ImmutableList.of(
                        folder.resolve("conf"), ShellPrograms.settings(folder), new ClusterMetastore(folder).secret()));
    }

    /** Whether something is prepared in the background that the end of this process would stop. */
    boolean isPreparing() {
        return archiveMaker.isBusy();
    }

    /** Stops polling. The steps continue to run. */
    @Override
    public void close() {
        poller.shutdownNow();
        launchThreads.close();
        publisher.shutdownNow();
        archiveMaker.close();
        spawner.close();
    }
}
