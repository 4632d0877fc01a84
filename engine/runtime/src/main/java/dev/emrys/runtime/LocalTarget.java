package dev.emrys.runtime;

import com.google.common.collect.ImmutableList;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import dev.emrys.drive.AttemptLogs;
import dev.emrys.drive.Effects;
import dev.emrys.drive.RunIdentity;
import dev.emrys.drive.TargetUnavailableException;
import dev.emrys.emr.ClusterReaper;
import dev.emrys.emr.EmrAccount;
import dev.emrys.emr.EmrDependencies;
import dev.emrys.emr.EmrEffects;
import dev.emrys.emr.RunTags;
import dev.emrys.journal.Lease;
import dev.emrys.journal.SqliteLibrary;
import dev.emrys.local.Account;
import dev.emrys.local.Distribution;
import dev.emrys.local.Distributions;
import dev.emrys.local.LocalSetupException;
import dev.emrys.local.MachineSize;
import dev.emrys.local.MavenDistributionResolver;
import dev.emrys.local.Owner;
import dev.emrys.local.OwnerProcess;
import dev.emrys.local.PySpark;
import dev.emrys.local.ReleaseSpark;
import dev.emrys.local.UntrustedFileException;
import dev.emrys.spec.Diagnostic;
import dev.emrys.spec.PipelineSpec;
import dev.emrys.spec.StepSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The emulator on this machine, whose account is the folder {@code local} of a state folder. It starts nothing until a
 * run needs it. Its methods throw {@link UntrustedStateException} when the state folder or a file in it belongs to
 * another user, or other users may write it. Thread-safe.
 */
public final class LocalTarget implements ReapTarget {
    /** Its name in the records of runs. */
    public static final String NAME = "local";

    /** How many running steps of an account a user may allow at most. */
    public static final int MOST_STEPS = MachineSize.MOST_STEPS;

    private static final String DISTRIBUTIONS = "distributions";

    /** Enough for the calls of a few clusters at once. */
    private static final int CONCURRENT_CALLS = 6;

    /** How long the owner process keeps running without a cluster. */
    private static final Duration OWNER_IDLE = Duration.ofSeconds(30);

    private final Settings settings;
    private final Account account;
    private final SecretSource secrets;
    private @Nullable Connection connection;

    /**
     * Where the account is, and how its emulator is started.
     *
     * @param stateFolder holds the account and {@code secrets.properties}
     * @param cacheFolder files that can be fetched again
     * @param ownerCommand starts the owner process of an account, whose folder is appended as the last argument; it
     *     calls {@link #runOwner}
     * @param warnings receives messages for people, such as about an outage that lasts; called on any thread
     */
    public record Settings(
            Path stateFolder, Path cacheFolder, ImmutableList<String> ownerCommand, Consumer<String> warnings) {}

    /** What the first run needs, for all runs of this process. */
    private record Connection(EmrAccount emr, ExecutorService calls, SystemTimers timers) {
        void close() {
            emr.close();
            timers.close();
            calls.shutdownNow();
        }
    }

    public LocalTarget(Settings settings) {
        this.settings = settings;
        this.account = account(settings.stateFolder());
        this.secrets = new SecretSource(System.getenv(), settings.stateFolder());
    }

    /** The account of a state folder. */
    static Account account(Path stateFolder) {
        return new Account(accountFolder(stateFolder));
    }

    /** The folder in which {@code s3://bucket/key} is {@code bucket/key} for this target. */
    static Path buckets(Path stateFolder) {
        return account(stateFolder).s3();
    }

    /** The folder of the account of a state folder; absolute. */
    public static Path accountFolder(Path stateFolder) {
        return stateFolder.toAbsolutePath().normalize().resolve(NAME);
    }

    static Distributions distributions(Path cacheFolder) {
        return new Distributions(cacheFolder.resolve(DISTRIBUTIONS), new MavenDistributionResolver());
    }

    /**
     * Runs the emulator of an account in this process until it has had no cluster for 30 seconds. Returns at once when
     * another process does so.
     *
     * @throws IOException when the account's folder cannot be used
     * @throws UntrustedStateException when it belongs to another user, or other users may write it
     */
    public static void runOwner(Path accountFolder, Path cacheFolder) throws IOException {
        runOwner(accountFolder, cacheFolder, OWNER_IDLE);
    }

    /**
     * As {@link #runOwner(Path, Path)}.
     *
     * @param maxRunningSteps how many steps of the account run at the same time, 1 to {@link #MOST_STEPS}; the others
     *     wait. Empty: as many as this machine's processors and memory allow
     */
    public static void runOwner(Path accountFolder, Path cacheFolder, OptionalInt maxRunningSteps) throws IOException {
        runOwner(accountFolder, cacheFolder, OWNER_IDLE, maxRunningSteps);
    }

    /**
     * As {@link #runOwner(Path, Path)}.
     *
     * @param idle how long it runs without a cluster
     */
    public static void runOwner(Path accountFolder, Path cacheFolder, Duration idle) throws IOException {
        runOwner(accountFolder, cacheFolder, idle, OptionalInt.empty());
    }

    private static void runOwner(Path accountFolder, Path cacheFolder, Duration idle, OptionalInt maxRunningSteps)
            throws IOException {
        SqliteLibrary.use(cacheFolder);
        try {
            Owner.run(
                    new Account(accountFolder.toAbsolutePath()),
                    distributions(cacheFolder),
                    idle,
                    maxRunningSteps.orElseGet(MachineSize::steps));
        } catch (UntrustedFileException e) {
            throw new UntrustedStateException(e);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public ImmutableList<Diagnostic> preflight(PipelineSpec spec, Predicate<StepSpec> submitted) {
        StateFolder.check(settings.stateFolder());
        return new LocalPreflight(account, secrets, pySpark(), () -> distributions(settings.cacheFolder()))
                .diagnostics(spec, submitted);
    }

    @Override
    public void fetch(PipelineSpec spec, FetchProgress progress) {
        ImmutableList<LocalPreflight.Needed> needed = LocalPreflight.needed(spec);
        // Made here: a plan needs no resolver, and its classes cost a part of its time.
        Distributions distributions = distributions(settings.cacheFolder());
        available(() -> needed.forEach(one -> fetch(one, distributions, progress)));
    }

    /** Writes arguments that are longer than EMR takes into scripts. */
    @Override
    public PipelineSpec placed(PipelineSpec spec) {
        try {
            return new LongArguments(settings.stateFolder()).replaced(spec, ImmutableList.of("bash"), false);
        } catch (UncheckedIOException e) {
            throw new TargetUnavailableException(e.getMessage(), e);
        }
    }

    private void fetch(LocalPreflight.Needed needed, Distributions distributions, FetchProgress progress) {
        if (needed.spark()) {
            ReleaseSpark expected = ReleaseSpark.expected(needed.release(), () -> distributions);
            ReleaseSpark spark = ReleaseSpark.of(needed.release(), distributions, progress::fetched);
            if (!spark.equals(expected)) {
                settings.warnings().accept(spark.warning());
            }
            var unused = distributions.jars(spark.distribution(), progress::fetched);
            if (needed.pySpark()) {
                pySpark().fetch(spark.version(), progress::fetched);
            }
        }
        needed.distributions().stream()
                .filter(distribution -> !distribution.equals(Distribution.SPARK))
                .forEach(distribution -> distributions.jars(distribution, progress::fetched));
    }

    private PySpark pySpark() {
        return new PySpark(settings.cacheFolder().resolve(DISTRIBUTIONS));
    }

    @Override
    public void connect() {
        StateFolder.check(settings.stateFolder());
        available(() -> {
            var unused = owner().address();
        });
    }

    private static void available(Runnable action) {
        try {
            action.run();
        } catch (UntrustedFileException e) {
            throw new UntrustedStateException(e);
        } catch (LocalSetupException e) {
            throw new TargetUnavailableException(e.getMessage(), e);
        }
    }

    private OwnerProcess owner() {
        ImmutableList<String> command = ImmutableList.<String>builder()
                .addAll(settings.ownerCommand())
                .add(account.folder().toString())
                .build();
        return new OwnerProcess(account, command);
    }

    @Override
    public Effects effects(RunIdentity run, PipelineSpec spec, Lease lease) {
        return new EmrEffects(
                emr(),
                new RunTags(run.id(), run.name(), run.pipeline()),
                run.begun(),
                spec.secrets(),
                lease::isValidFor);
    }

    @Override
    public ClusterReaper reaper() {
        return new ClusterReaper(emr());
    }

    private synchronized EmrAccount emr() {
        Connection open = connection;
        if (open == null) {
            InstantSource clock = InstantSource.system();
            ExecutorService calls = Executors.newFixedThreadPool(
                    CONCURRENT_CALLS,
                    new ThreadFactoryBuilder()
                            .setNameFormat("emrys-calls-%d")
                            .setDaemon(true)
                            .build());
            SystemTimers timers = new SystemTimers(clock, "emrys-calls-timer");
            SecureRandom random = new SecureRandom();
            EmrAccount emr = new EmrAccount(
                    new LocalEndpoint(owner()),
                    new EmrDependencies(calls, clock, timers, secrets::find, settings.warnings(), random::nextDouble));
            open = new Connection(emr, calls, timers);
            connection = open;
        }
        return open.emr();
    }

    @Override
    public ImmutableList<String> logNames() {
        return ImmutableList.of("stdout", "stderr", "controller");
    }

    @Override
    public Optional<AttemptLogs> logs(@Nullable String scopeId, String remoteId) {
        return Optional.ofNullable(scopeId)
                .map(cluster -> account.step(cluster, remoteId))
                .filter(Files::isDirectory)
                .map(FolderLogs::new);
    }

    @Override
    public ImmutableList<String> notes(PipelineSpec spec) {
        boolean usesS3 = spec.steps().stream()
                .anyMatch(step -> step.jarStep().args().stream().anyMatch(argument -> argument.contains("s3://")));
        return usesS3 ? ImmutableList.of("s3:// is " + account.s3() + " on this machine") : ImmutableList.of();
    }

    @Override
    public synchronized void close() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }
}
