package dev.emrys.runtime;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import dev.emrys.aws.AwsAccess;
import dev.emrys.aws.AwsEndpoint;
import dev.emrys.aws.AwsException;
import dev.emrys.aws.AwsIdentity;
import dev.emrys.aws.AwsSettings;
import dev.emrys.aws.RegionLists;
import dev.emrys.aws.S3FailureLogs;
import dev.emrys.aws.S3StepLogs;
import dev.emrys.drive.AttemptLogs;
import dev.emrys.drive.Effects;
import dev.emrys.drive.RunIdentity;
import dev.emrys.drive.TargetUnavailableException;
import dev.emrys.emr.ClusterReaper;
import dev.emrys.emr.EmrAccount;
import dev.emrys.emr.EmrDependencies;
import dev.emrys.emr.EmrEffects;
import dev.emrys.emr.FailureLogs;
import dev.emrys.emr.RunTags;
import dev.emrys.emr.SharedBudget;
import dev.emrys.journal.Lease;
import dev.emrys.journal.TokenBuckets;
import dev.emrys.spec.AwsCode;
import dev.emrys.spec.Diagnostic;
import dev.emrys.spec.PipelineSpec;
import dev.emrys.spec.StepSpec;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Amazon EMR on EC2, in one account and region. It asks AWS nothing until it is connected. Its methods throw {@link
 * UntrustedStateException} when the state folder or a file in it belongs to another user, or other users may write it.
 * Thread-safe.
 */
public final class AwsTarget implements ReapTarget {
    /** Its name in the records of runs. */
    public static final String NAME = "aws";

    /** The name under which a role is assumed to ask who the caller is. */
    private static final String SESSION = "emrys";

    /** Enough for EMR's default quota of 5 calls a second. */
    private static final int CONCURRENT_CALLS = 10;

    /** So many logs of failed steps are read at once. */
    private static final int CONCURRENT_READS = 4;

    /** Runs a script on S3, which is the next argument, with those after it. */
    private static final ImmutableList<String> SCRIPT_FROM_S3 = ImmutableList.of(
            "bash", "-c", "f=$(mktemp) && aws s3 cp --only-show-errors \"$0\" \"$f\" && exec bash \"$f\" \"$@\"");

    private final Settings settings;
    private final SecretSource secrets;
    private @Nullable SharedBudget budget;
    private @Nullable AwsIdentity identity;
    private @Nullable Connection connection;
    private @Nullable AwsFiles files;

    /**
     * Which account it is, and who hears of it.
     *
     * @param stateFolder holds {@code secrets.properties}
     * @param aws the account, region, role and endpoint
     * @param account twelve digits: the account in which the runs were started; empty for new runs
     * @param notices receives whose credentials are used, once; called on any thread
     * @param warnings receives messages for people, such as about credentials that have expired; called on any thread
     */
    public record Settings(
            Path stateFolder,
            AwsSettings aws,
            Optional<String> account,
            Consumer<String> notices,
            Consumer<String> warnings) {}

    /** What the first run needs, for all runs of this process. */
    private record Connection(EmrAccount emr, ExecutorService calls, ExecutorService reads, SystemTimers timers) {
        void close() {
            emr.close();
            timers.close();
            calls.shutdownNow();
            reads.shutdownNow();
        }
    }

    public AwsTarget(Settings settings) {
        this.settings = settings;
        this.secrets = new SecretSource(System.getenv(), settings.stateFolder());
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public synchronized ImmutableMap<String, String> settings() {
        return identity == null ? ImmutableMap.of() : settings.aws().recorded(identity);
    }

    @Override
    public ImmutableList<Diagnostic> preflight(PipelineSpec spec, Predicate<StepSpec> submitted) {
        StateFolder.check(settings.stateFolder());
        return new AwsPreflight(secrets, settings.aws(), System.getenv()).diagnostics(spec, submitted);
    }

    @Override
    public ImmutableList<Diagnostic> serviceCheck(PipelineSpec spec) {
        StateFolder.check(settings.stateFolder());
        try (AwsAccess access = new AwsAccess(settings.aws(), SESSION);
                RegionLists lists = new RegionLists(access)) {
            settings.notices().accept(text(access.identity()));
            return RegionCheck.diagnostics(spec, lists);
        } catch (AwsException e) {
            return ImmutableList.of(AwsCode.LISTS_NOT_ASKED.of(
                    e.diagnostic().what(), e.diagnostic().fix()));
        }
    }

    @Override
    public ImmutableList<String> preparations(PipelineSpec spec) {
        return AwsPreflight.preparations(spec, settings.aws());
    }

    /** A cluster fetches what it needs itself, but for files of this machine, which are copied to S3. */
    @Override
    public void fetch(PipelineSpec spec, FetchProgress progress) {
        if (!LocalFiles.in(spec).isEmpty() || !LongArguments.in(spec).isEmpty()) {
            // Whose bucket it is, is said before anything is written to it.
            connect();
            var unused = placed(spec, progress);
        }
    }

    /** Names objects on S3 instead of the files and of long arguments, and copies those that are not there yet. */
    @Override
    public PipelineSpec placed(PipelineSpec spec) {
        return placed(spec, (what, files, bytes) -> {});
    }

    /** Long arguments name files as well, so that these come first. */
    private PipelineSpec placed(PipelineSpec spec, FetchProgress progress) {
        PipelineSpec withObjects = LocalFiles.in(spec).isEmpty() ? spec : files().placed(spec, progress);
        try {
            PipelineSpec withScripts =
                    new LongArguments(settings.stateFolder()).replaced(withObjects, SCRIPT_FROM_S3, true);
            return withScripts.equals(withObjects) ? withObjects : files().placed(withScripts, progress);
        } catch (UncheckedIOException e) {
            throw new TargetUnavailableException(e.getMessage(), e);
        }
    }

    @Override
    public void connect() {
        StateFolder.check(settings.stateFolder());
        AwsIdentity caller;
        try (AwsAccess access = new AwsAccess(settings.aws(), SESSION)) {
            caller = access.identity();
            if (isNew(caller)) {
                access.probe();
            }
        } catch (AwsException e) {
            throw new TargetUnavailableException(e.diagnostic(), e);
        }
        String expected = settings.account().orElse(caller.account());
        if (!expected.equals(caller.account())) {
            throw new TargetUnavailableException(AwsCode.OTHER_ACCOUNT.of(expected, caller.account()), null);
        }
        boolean isNew;
        synchronized (this) {
            // The runs of this process use one connection, whose account is recorded with each of them.
            AwsIdentity known = identity;
            if (known != null && !place(known).equals(place(caller))) {
                throw new TargetUnavailableException(AwsCode.ACCOUNT_CHANGED.of(place(known), place(caller)), null);
            }
            isNew = isNew(caller);
            identity = caller;
        }
        if (isNew) {
            settings.notices().accept(text(caller));
        }
    }

    private static String place(AwsIdentity identity) {
        return identity.account() + " in " + identity.region();
    }

    /** For each further run of a process only STS is asked: EMR's quotas are small. */
    private synchronized boolean isNew(AwsIdentity caller) {
        return !caller.equals(identity);
    }

    private String text(AwsIdentity caller) {
        String endpoint = settings.aws().endpoint();
        return "AWS account " + caller.account() + ", region " + caller.region() + ", as " + caller.arn()
                + (endpoint == null ? "" : ", at " + endpoint);
    }

    @Override
    public synchronized void share(TokenBuckets tokens) {
        budget = new JournalBudget(tokens);
    }

    @Override
    public Effects effects(RunIdentity run, PipelineSpec spec, Lease lease) {
        return new EmrEffects(
                emr(SESSION + "-" + run.id()),
                new RunTags(run.id(), run.name(), run.pipeline()),
                run.begun(),
                spec.secrets(),
                lease::isValidFor);
    }

    @Override
    public ClusterReaper reaper() {
        return new ClusterReaper(emr(SESSION + "-reap"));
    }

    /** @param session the name under which a role is assumed, when this is the first call of this process */
    private synchronized EmrAccount emr(String session) {
        Connection open = connection;
        if (open == null) {
            AwsIdentity caller = identity;
            if (caller == null) {
                throw new IllegalStateException("The target is not connected.");
            }
            InstantSource clock = InstantSource.system();
            ExecutorService calls = threads(CONCURRENT_CALLS, "emrys-aws-%d");
            // A slow bucket must not keep calls of EMR waiting.
            ExecutorService reads = threads(CONCURRENT_READS, "emrys-aws-logs-%d");
            SystemTimers timers = new SystemTimers(clock, "emrys-aws-timer");
            SecureRandom random = new SecureRandom();
            AwsAccess access = new AwsAccess(settings.aws(), session);
            EmrAccount emr = new EmrAccount(
                    new AwsEndpoint(access, caller, failureLogs(reads, clock)),
                    new EmrDependencies(
                            calls,
                            clock,
                            timers,
                            secrets::find,
                            settings.warnings(),
                            random::nextDouble,
                            Optional.ofNullable(budget)));
            open = new Connection(emr, calls, reads, timers);
            connection = open;
        }
        return open.emr();
    }

    private static ExecutorService threads(int count, String names) {
        return Executors.newFixedThreadPool(
                count,
                new ThreadFactoryBuilder().setNameFormat(names).setDaemon(true).build());
    }

    /** Empty where no S3 is known. */
    private Optional<FailureLogs> failureLogs(ExecutorService reads, InstantSource clock) {
        if (!settings.aws().hasStorage(System.getenv())) {
            return Optional.empty();
        }
        AwsFiles open = files();
        return Optional.of(new S3FailureLogs(open.stepLogs(), open.storage(), reads, clock));
    }

    @Override
    public ImmutableList<String> logNames() {
        return ImmutableList.of("stdout", "stderr", "controller", "syslog");
    }

    /** Empty when the endpoint is not that of AWS, and no endpoint of S3 is known. */
    @Override
    public Optional<AttemptLogs> logs(@Nullable String scopeId, String remoteId) {
        if (scopeId == null || !settings.aws().hasStorage(System.getenv())) {
            return Optional.empty();
        }
        AwsFiles open = files();
        return Optional.of(new S3StepLogs(open.stepLogs(), open.storage(), scopeId, remoteId, InstantSource.system()));
    }

    @Override
    public Optional<String> logLocation(@Nullable String scopeId, String remoteId) {
        if (scopeId == null) {
            return Optional.empty();
        }
        try {
            return files().stepLogs().folder(scopeId, remoteId);
        } catch (AwsException e) {
            throw new TargetUnavailableException(e.diagnostic(), e);
        }
    }

    /** It needs no connected target. */
    private synchronized AwsFiles files() {
        AwsFiles open = files;
        if (open == null) {
            open = new AwsFiles(
                    new AwsAccess(settings.aws(), SESSION), settings.aws().staging());
            files = open;
        }
        return open;
    }

    @Override
    public ImmutableList<String> notes(PipelineSpec spec) {
        return ImmutableList.of();
    }

    @Override
    public synchronized void close() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
        if (files != null) {
            files.close();
            files = null;
        }
    }
}
