package dev.emrys.aws;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import dev.emrys.aws.AwsStorage.StoredLog;
import dev.emrys.aws.StepLogPlaces.StepLogPlace;
import dev.emrys.drive.AttemptLogs;
import dev.emrys.drive.TargetUnavailableException;
import dev.emrys.spec.AwsCode;
import dev.emrys.spec.Diagnostic;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The logs of an EMR step, as EMR has copied them to S3. Nothing is asked of AWS before the first call. A log that is
 * copied again has what it had before, and more. Thread-safe.
 */
public final class S3StepLogs implements AttemptLogs {
    /** In which a step's client names the applications that it submits. */
    private static final ImmutableList<String> CLIENT_LOGS = ImmutableList.of("stderr", "stdout", "syslog");

    private static final Duration POLL_INTERVAL = Duration.ofSeconds(15);
    private static final Duration LOOPBACK_INTERVAL = Duration.ofMillis(250);

    /** After the end of a step EMR's next copy has come; AWS states 5 minutes. */
    private static final Duration LATEST_COPY = Duration.ofMinutes(15);

    /** S3 tells times in seconds. */
    private static final Duration ROUNDING = Duration.ofSeconds(2);

    /** The logs of a step are copied one after the other: the last one was copied when none follows for so long. */
    private static final Duration QUIET = Duration.ofMinutes(1);

    /** An emulator copies before it tells of the end, and may be slow at it. */
    private static final Duration LOOPBACK_ROUNDING = Duration.ofMinutes(1);

    private final Supplier<StepLogPlace> asked;
    private final AwsStorage storage;
    private final String step;
    private final InstantSource clock;
    private final Map<String, S3Log> logs = new HashMap<>();
    private final YarnContainerLogs yarn;
    private @Nullable StepLogPlace place;

    /** @param storage is used until the logs are read */
    public S3StepLogs(StepLogPlaces places, AwsStorage storage, String cluster, String step, InstantSource clock) {
        this(() -> places.find(cluster, step), storage, step, clock);
    }

    /** @param asked says where the logs are */
    S3StepLogs(Supplier<StepLogPlace> asked, AwsStorage storage, String step, InstantSource clock) {
        this.asked = asked;
        this.storage = storage;
        this.step = step;
        this.clock = clock;
        this.yarn = new YarnContainerLogs(storage);
    }

    @Override
    public synchronized Optional<Log> find(String name) {
        return told(() -> {
            S3Place folder = place().folder();
            for (StoredLog stored : storage.list(folder)) {
                String file = stored.key().substring(folder.key().length());
                if (file.equals(name + ".gz") || file.equals(name)) {
                    S3Log log = logs.computeIfAbsent(
                            stored.key(), key -> new S3Log(storage, new S3Place(folder.bucket(), key), stored.tag()));
                    log.isNow(stored.tag());
                    return Optional.of(log);
                }
            }
            return Optional.empty();
        });
    }

    /**
     * The output of the driver on the cluster.
     *
     * @param logs of the primary container of the newest application
     * @param areAwaited whether there is an application, and none of its logs yet
     */
    record Containers(ImmutableList<Log> logs, boolean areAwaited) {}

    synchronized Containers primaryContainer() {
        return told(() -> {
            ImmutableList<String> applications = applications();
            if (applications.isEmpty()) {
                return new Containers(ImmutableList.of(), false);
            }
            ImmutableList<Log> found = yarn.ofPrimary(clusterFolder(), applications.get(applications.size() - 1));
            return new Containers(found, found.isEmpty());
        });
    }

    /** The YARN applications that the step names in its own logs. */
    private ImmutableList<String> applications() {
        return CLIENT_LOGS.stream()
                .flatMap(name -> find(name).stream())
                .flatMap(log -> YarnContainerLogs.applications(log).stream())
                .distinct()
                .collect(ImmutableList.toImmutableList());
    }

    /** Logs of steps and of containers have the same location. */
    private S3Place clusterFolder() {
        S3Place folder = place().folder();
        int steps = folder.key().lastIndexOf("steps/" + step + "/");
        return new S3Place(folder.bucket(), folder.key().substring(0, Math.max(0, steps)));
    }

    /** Once it is known when the step has ended, EMR is not asked again. */
    private StepLogPlace place() {
        StepLogPlace known = place;
        if (known == null) {
            known = asked.get();
            place = known;
        }
        return known;
    }

    /** Whether EMR has copied the logs after the step has ended, or does not any more. */
    @Override
    public synchronized boolean isComplete() {
        return told(() -> {
            if (place().ended().isEmpty()) {
                place = null;
            }
            StepLogPlace now = place();
            if (now.ended().isEmpty()) {
                return false;
            }
            Instant ended = now.ended().get();
            if (clock.instant().isAfter(ended.plus(LATEST_COPY))) {
                return true;
            }
            return storage.list(now.folder()).stream()
                    .map(StoredLog::modified)
                    .max(Comparator.naturalOrder())
                    .map(newest -> areAllCopied(newest, ended, clock.instant(), storage.isLoopback()))
                    .orElse(false);
        });
    }

    /**
     * Whether all logs were copied after the end.
     *
     * @param newest when the newest of them was copied
     * @param ended when the step has ended
     */
    static boolean areAllCopied(Instant newest, Instant ended, Instant now, boolean isLoopback) {
        return isLoopback
                ? !newest.isBefore(ended.minus(LOOPBACK_ROUNDING))
                : !newest.isBefore(ended.minus(ROUNDING)) && !now.isBefore(newest.plus(QUIET));
    }

    @Override
    public Optional<String> delay() {
        return Optional.of("EMR copies the logs of a step to S3 every 5 minutes, and when its cluster ends.");
    }

    @Override
    public Duration pollInterval() {
        return storage.isLoopback() ? LOOPBACK_INTERVAL : POLL_INTERVAL;
    }

    @Override
    public synchronized Optional<Diagnostic> absence(ImmutableList<String> names) {
        return told(() -> {
            S3Place folder = place().folder();
            ImmutableList<String> there = storage.list(folder).stream()
                    .map(stored -> stored.key().substring(folder.key().length()))
                    .collect(ImmutableList.toImmutableList());
            String wanted = names.size() == 1 ? "No " + Iterables.getOnlyElement(names) : "No log";
            boolean late = !isComplete();
            String found = there.isEmpty()
                    ? "there is no object" + (late ? " yet" : "")
                    : "there are only " + String.join(", ", there);
            return Optional.of(AwsCode.LOGS_NOT_THERE.of(
                    wanted,
                    step,
                    folder,
                    found,
                    late
                            ? "Wait for them with --follow."
                            : "The instance profile of the cluster needs s3:PutObject on the log location; a rule of the"
                                    + " bucket may have deleted them."));
        });
    }

    private static <T> T told(Supplier<T> action) {
        try {
            return action.get();
        } catch (AwsException e) {
            throw new TargetUnavailableException(e.diagnostic(), e);
        }
    }
}
