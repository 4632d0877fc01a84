package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import java.time.Duration;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One cluster that the pipeline starts, uses and ends.
 *
 * @param name unique within the pipeline
 * @param releaseLabel such as {@code emr-7.8.0}; the vocabulary is Amazon's and open
 * @param applications such as {@code Spark}; open too
 * @param instanceGroups exactly one primary group, at most one core group, at most 48 task groups; empty for a
 *     cluster of instance fleets
 * @param configurations in EMR's shape
 * @param tags at most 40 of the author's: EMR takes 50, and Emrys adds its own
 * @param logUri an {@code s3://} folder; null writes no logs to S3
 * @param stepConcurrency how many steps may run at once, 1 to 256
 * @param idleTimeout EMR ends the cluster after it has been idle for this long: 1 minute to 7 days
 * @param serviceRole EMR's service role
 * @param jobFlowRole the instance profile
 * @param subnetId null for the account's default
 * @param keyName the EC2 key pair; null for none
 * @param bootstrapActions in the order in which they run
 * @param retry how often to try to start it
 * @param rawRequest members of EMR's RunJobFlow request for which there is no typed word, in EMR's own JSON form; they
 *     are merged into the request, and win over what the typed members say
 * @param location where the author wrote it
 * @param options what most clusters do not need; null for none
 */
public record ClusterSpec(
        String name,
        String releaseLabel,
        ImmutableList<String> applications,
        ImmutableList<InstanceGroup> instanceGroups,
        ImmutableList<Configuration> configurations,
        ImmutableMap<String, String> tags,
        @Nullable String logUri,
        int stepConcurrency,
        Duration idleTimeout,
        String serviceRole,
        String jobFlowRole,
        @Nullable String subnetId,
        @Nullable String keyName,
        ImmutableList<BootstrapAction> bootstrapActions,
        RetryPolicy retry,
        RawRequest rawRequest,
        SourceLocation location,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable ClusterOptions options) {

    public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofHours(1);
    public static final Duration MIN_IDLE_TIMEOUT = Duration.ofSeconds(60);
    public static final Duration MAX_IDLE_TIMEOUT = Duration.ofDays(7);
    public static final int MAX_STEP_CONCURRENCY = 256;

    /**
     * How many steps of a cluster may be pending or running at once (Management Guide, "Submit work to an Amazon EMR
     * cluster").
     */
    public static final int MAX_ACTIVE_STEPS = 256;

    private static final Pattern RELEASE =
            Pattern.compile("emr-(\\d+\\.\\d+\\.\\d+|[a-z]+-\\d+\\.\\d+\\.\\d+)([-.].+)?");
    private static final Pattern VERSION = Pattern.compile("emr-(\\d{1,4})\\.(\\d{1,4})\\..*");
    private static final Pattern LOG_URI = Pattern.compile("s3[an]?://[^/\\s]+(/.*)?");
    private static final int MAX_TAGS = 40;
    private static final int MAX_BOOTSTRAP_ACTIONS = 16;
    private static final int MAX_TASK_GROUPS = 48;

    /** A cluster without options. */
    public ClusterSpec(
            String name,
            String releaseLabel,
            ImmutableList<String> applications,
            ImmutableList<InstanceGroup> instanceGroups,
            ImmutableList<Configuration> configurations,
            ImmutableMap<String, String> tags,
            @Nullable String logUri,
            int stepConcurrency,
            Duration idleTimeout,
            String serviceRole,
            String jobFlowRole,
            @Nullable String subnetId,
            @Nullable String keyName,
            ImmutableList<BootstrapAction> bootstrapActions,
            RetryPolicy retry,
            RawRequest rawRequest,
            SourceLocation location) {
        this(
                name,
                releaseLabel,
                applications,
                instanceGroups,
                configurations,
                tags,
                logUri,
                stepConcurrency,
                idleTimeout,
                serviceRole,
                jobFlowRole,
                subnetId,
                keyName,
                bootstrapActions,
                retry,
                rawRequest,
                location,
                null);
    }

    /** Those of the cluster, or of one that has none. */
    public ClusterOptions optionsOrNone() {
        return options == null ? ClusterOptions.NONE : options;
    }

    /**
     * Whether EMR itself can change the size of the cluster: from emr-5.30.0 on, but not with emr-6.0.0 (Management
     * Guide, "Using managed scaling").
     */
    private boolean supportsManagedScaling() {
        return supportsIdleTimeout();
    }

    /**
     * Whether EMR can end the cluster when it is idle: the auto-termination policy is there from emr-5.30.0 and
     * emr-6.1.0 on (Management Guide, "Using an auto-termination policy").
     */
    public boolean supportsIdleTimeout() {
        return isAtLeast(5, 30) && !(isAtLeast(6, 0) && !isAtLeast(6, 1));
    }

    /** Whether no task of the run ends the cluster once it is up: its idle timeout does, or somebody else. */
    public boolean staysAfterRun() {
        return optionsOrNone().keepsAfterRun();
    }

    boolean hasSecurityConfiguration() {
        SecurityOptions security = optionsOrNone().security();
        return (security != null && security.configuration() != null)
                || rawRequest.tree().has("SecurityConfiguration");
    }

    /** True also for a label whose version cannot be read. */
    boolean isAtLeast(int major, int minor) {
        Matcher version = VERSION.matcher(releaseLabel);
        if (!version.matches()) {
            return true;
        }
        int ownMajor = Integer.parseInt(version.group(1));
        return ownMajor > major || (ownMajor == major && Integer.parseInt(version.group(2)) >= minor);
    }

    /** The texts in which a secret is filled in. */
    public ImmutableList<String> filled() {
        ImmutableList.Builder<String> texts = ImmutableList.builder();
        configurations.forEach(configuration -> configuration.values(texts));
        bootstrapActions.forEach(action -> texts.addAll(action.args()));
        rawRequest.texts(texts);
        instanceGroups.forEach(group -> group.values(texts));
        optionsOrNone().values(texts);
        return texts.build();
    }

    /** The cluster with every text of {@link #filled}, the log location and the values of tags replaced. */
    ClusterSpec withTexts(UnaryOperator<String> replace) {
        return new ClusterSpec(
                name,
                releaseLabel,
                applications,
                instanceGroups.stream()
                        .map(group -> group.withValues(replace))
                        .collect(ImmutableList.toImmutableList()),
                configurations.stream()
                        .map(configuration -> configuration.withValues(replace))
                        .collect(ImmutableList.toImmutableList()),
                ImmutableMap.copyOf(Maps.transformValues(tags, replace::apply)),
                logUri == null ? null : replace.apply(logUri),
                stepConcurrency,
                idleTimeout,
                serviceRole,
                jobFlowRole,
                subnetId,
                keyName,
                bootstrapActions.stream()
                        .map(action -> action.withArgs(replace))
                        .collect(ImmutableList.toImmutableList()),
                retry,
                rawRequest.withTexts(replace),
                location,
                options == null ? null : options.withValues(replace));
    }

    /**
     * The cluster as one attempt starts it.
     *
     * @param attempt from 1; those that were refused for the account's quotas do not count
     */
    public ClusterSpec forAttempt(int attempt) {
        ImmutableList<RetryCapacity> capacities = optionsOrNone().retryCapacities();
        return attempt < 2 || capacities.isEmpty()
                ? this
                : with(capacities.get(Math.min(attempt - 2, capacities.size() - 1)));
    }

    /** The cluster as its first attempt starts it, and as the later ones do where that differs. */
    public ImmutableList<ClusterSpec> ofAllAttempts() {
        return IntStream.rangeClosed(1, optionsOrNone().retryCapacities().size() + 1)
                .mapToObj(this::forAttempt)
                .collect(ImmutableList.toImmutableList());
    }

    private ClusterSpec with(RetryCapacity capacity) {
        ClusterOptions changed = optionsOrNone().with(capacity);
        return new ClusterSpec(
                name,
                releaseLabel,
                applications,
                capacity.hasInstances() ? capacity.instanceGroups() : instanceGroups,
                configurations,
                tags,
                logUri,
                stepConcurrency,
                idleTimeout,
                serviceRole,
                jobFlowRole,
                capacity.hasPlace() ? capacity.subnetId() : subnetId,
                keyName,
                bootstrapActions,
                retry,
                rawRequest,
                location,
                changed.equals(ClusterOptions.NONE) ? null : changed);
    }

    /** The cluster with the paths and the arguments of its bootstrap actions replaced. */
    public ClusterSpec withBootstrapTexts(UnaryOperator<String> replace) {
        return new ClusterSpec(
                name,
                releaseLabel,
                applications,
                instanceGroups,
                configurations,
                tags,
                logUri,
                stepConcurrency,
                idleTimeout,
                serviceRole,
                jobFlowRole,
                subnetId,
                keyName,
                bootstrapActions.stream()
                        .map(action -> action.withTexts(replace))
                        .collect(ImmutableList.toImmutableList()),
                retry,
                rawRequest,
                location,
                options);
    }

    void check(Diagnostics diagnostics) {
        Names.check("cluster", name, location, diagnostics);
        diagnostics.unless(
                RELEASE.matcher(releaseLabel).matches(), ClusterCode.RELEASE_LABEL, location, name, releaseLabel);
        diagnostics.unless(
                stepConcurrency >= 1 && stepConcurrency <= MAX_STEP_CONCURRENCY,
                ClusterCode.STEP_CONCURRENCY_RANGE,
                location,
                name,
                stepConcurrency,
                MAX_STEP_CONCURRENCY);
        diagnostics.unless(
                stepConcurrency <= 1 || isAtLeast(5, 28),
                ClusterCode.STEP_CONCURRENCY_RELEASE,
                location,
                name,
                stepConcurrency,
                releaseLabel);
        diagnostics.unless(
                idleTimeout.compareTo(MIN_IDLE_TIMEOUT) >= 0 && idleTimeout.compareTo(MAX_IDLE_TIMEOUT) <= 0,
                ClusterCode.IDLE_TIMEOUT_RANGE,
                location,
                name,
                idleTimeout);
        diagnostics.unless(
                !staysAfterRun() || supportsIdleTimeout(),
                PipelineCode.KEPT_WITHOUT_IDLE_TIMEOUT,
                location,
                name,
                releaseLabel);
        if (logUri != null) {
            diagnostics.unless(LOG_URI.matcher(logUri).matches(), ClusterCode.LOG_LOCATION, location, logUri, name);
        }
        diagnostics.unless(
                !(applications.contains("Presto") && applications.contains("Trino")),
                ClusterCode.PRESTO_AND_TRINO,
                location,
                name);
        if (optionsOrNone().instanceFleets().isEmpty()) {
            checkGroups(diagnostics);
        } else {
            checkFleets(optionsOrNone().instanceFleets(), diagnostics);
        }
        diagnostics.unless(
                bootstrapActions.size() <= MAX_BOOTSTRAP_ACTIONS,
                ClusterCode.TOO_MANY,
                location,
                name,
                bootstrapActions.size(),
                "bootstrap actions",
                MAX_BOOTSTRAP_ACTIONS);
        MemberCheck check = new MemberCheck("the cluster \"" + name + "\"", location, diagnostics);
        optionsOrNone().check(facts(), check);
        checkAutoScaling(check);
        checkTags(diagnostics);
        checkPlaceholders(diagnostics);
        configurations.forEach(configuration -> configuration.check(location, diagnostics));
        retry.check("cluster", name, RetryPolicy.OF_CLUSTERS, location, diagnostics);
        checkRetryCapacities(diagnostics);
    }

    /** What is wrong with the cluster itself is found once more, and kept once. */
    private void checkRetryCapacities(Diagnostics diagnostics) {
        for (RetryCapacity capacity : optionsOrNone().retryCapacities()) {
            diagnostics.unless(
                    capacity.hasInstances() || capacity.hasPlace(),
                    PipelineCode.RETRY_CAPACITY_EMPTY,
                    capacity.location(),
                    name);
            with(capacity).check(diagnostics);
        }
    }

    private void checkGroups(Diagnostics diagnostics) {
        instanceGroups.forEach(group -> group.check(diagnostics));
        long primaries = count(InstanceRole.PRIMARY);
        long cores = count(InstanceRole.CORE);
        if (primaries != 1) {
            diagnostics.add(ClusterCode.PRIMARY_GROUPS, location, name, primaries == 0 ? "no" : primaries);
        }
        diagnostics.unless(cores <= 1, ClusterCode.CORE_GROUPS, location, name, cores);
        diagnostics.unless(
                count(InstanceRole.TASK) <= MAX_TASK_GROUPS,
                ClusterCode.TOO_MANY,
                location,
                name,
                count(InstanceRole.TASK),
                "task groups",
                MAX_TASK_GROUPS);
        diagnostics.unless(cores > 0 || count(InstanceRole.TASK) == 0, ClusterCode.TASK_WITHOUT_CORE, location, name);
    }

    private void checkFleets(ImmutableList<InstanceFleet> fleets, Diagnostics diagnostics) {
        for (InstanceGroup group : instanceGroups) {
            diagnostics.add(ClusterCode.GROUPS_AND_FLEETS, group.location(), name);
        }
        for (InstanceRole role : InstanceRole.values()) {
            long count = fleets.stream().filter(fleet -> fleet.role() == role).count();
            if (count > 1 || (count == 0 && role == InstanceRole.PRIMARY && instanceGroups.isEmpty())) {
                diagnostics.add(ClusterCode.FLEET_ROLES, location, name, count == 0 ? "no" : count, role.word());
            }
        }
        boolean hasCore = fleets.stream().anyMatch(fleet -> fleet.role() == InstanceRole.CORE);
        boolean hasTask = fleets.stream().anyMatch(fleet -> fleet.role() == InstanceRole.TASK);
        diagnostics.unless(hasCore || !hasTask, ClusterCode.TASK_WITHOUT_CORE, location, name);
    }

    ClusterFacts facts() {
        return new ClusterFacts(
                name,
                releaseLabel,
                !optionsOrNone().instanceFleets().isEmpty(),
                subnetId != null,
                logUri != null,
                hasAutoScaling(),
                supportsManagedScaling(),
                isAtLeast(6, 15));
    }

    private boolean hasAutoScaling() {
        return instanceGroups.stream()
                .anyMatch(group -> group.options() != null && group.options().autoScaling() != null);
    }

    private void checkAutoScaling(MemberCheck check) {
        LifecycleOptions lifecycle = optionsOrNone().lifecycle();
        check.needs(
                hasAutoScaling() && (lifecycle == null || lifecycle.autoScalingRole() == null),
                "autoScaling { }",
                "role for it",
                "Add autoScalingRole = \"EMR_AutoScaling_DefaultRole\".");
    }

    /**
     * A placeholder that is not filled in would reach EMR as it is, and a secret in a tag can be read by the whole
     * account.
     */
    private void checkPlaceholders(Diagnostics diagnostics) {
        Stream<String> ofTheRun = Stream.concat(Stream.ofNullable(logUri), tags.values().stream());
        ofTheRun.flatMap(text -> Placeholders.secrets(text).stream())
                .forEach(secret -> diagnostics.add(ClusterCode.SECRET_READABLE, location, name, secret));
        Stream<String> fixed = Stream.of(
                        Stream.of(releaseLabel, serviceRole, jobFlowRole),
                        Stream.ofNullable(subnetId),
                        Stream.ofNullable(keyName),
                        applications.stream(),
                        tags.keySet().stream(),
                        bootstrapActions.stream().flatMap(action -> Stream.of(action.name(), action.path())))
                .flatMap(texts -> texts);
        fixed.filter(Placeholders::any)
                .forEach(text -> diagnostics.add(ClusterCode.PLACEHOLDER_MISPLACED, location, name, text));
    }

    private void checkTags(Diagnostics diagnostics) {
        diagnostics.unless(tags.size() <= MAX_TAGS, ClusterCode.TAG_COUNT, location, name, tags.size(), MAX_TAGS);
        tags.forEach((key, value) -> {
            diagnostics.unless(
                    !key.isEmpty() && key.length() <= 128 && value.length() <= 256,
                    ClusterCode.TAG_LENGTH,
                    location,
                    key,
                    name);
            diagnostics.unless(
                    !key.startsWith("aws:") && !key.startsWith("emrys:"), ClusterCode.TAG_RESERVED, location, key);
        });
    }

    private long count(InstanceRole role) {
        return instanceGroups.stream().filter(group -> group.role() == role).count();
    }
}
