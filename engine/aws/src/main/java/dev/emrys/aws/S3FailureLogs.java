package dev.emrys.aws;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.emrys.drive.AttemptLogs;
import dev.emrys.drive.TargetUnavailableException;
import dev.emrys.emr.FailureLogs;
import dev.emrys.spec.AwsCode;
import dev.emrys.spec.Diagnostic;
import dev.emrys.spec.DiagnosticCode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * The logs of failed steps, as EMR has copied them to S3: what the step wrote, and the primary container of its newest
 * YARN application, in which the driver runs with {@code --deploy-mode cluster}. Of each log the last 64 KiB are read.
 * Thread-safe.
 */
public final class S3FailureLogs implements FailureLogs {
    /** EMR copies every 5 minutes. */
    private static final Duration LIMIT = Duration.ofMinutes(6);

    private static final int TAIL_BYTES = 64 * 1024;

    /** The more telling ones first. */
    private static final ImmutableList<String> NAMES = ImmutableList.of("stderr", "stdout", "controller");

    /** Why there are no logs, now and later. */
    private static final ImmutableSet<DiagnosticCode> LASTING = ImmutableSet.of(
            AwsCode.LOGS_NOT_KEPT,
            AwsCode.LOGS_IN_CLOUDWATCH,
            AwsCode.STEP_FORGOTTEN,
            AwsCode.STORAGE_DENIED,
            AwsCode.KEY_DENIED,
            AwsCode.BUCKET_UNKNOWN);

    private final StepLogPlaces places;
    private final AwsStorage storage;
    private final Executor executor;
    private final InstantSource clock;

    /**
     * @param storage is used, and not closed with this
     * @param executor runs what blocks: reads of logs
     */
    public S3FailureLogs(StepLogPlaces places, AwsStorage storage, Executor executor, InstantSource clock) {
        this.places = places;
        this.storage = storage;
        this.executor = executor;
        this.clock = clock;
    }

    @Override
    public Reader open(FailedStep step) {
        S3StepLogs logs = new S3StepLogs(() -> places.find(step), storage, step.stepId(), clock);
        return () -> CompletableFuture.supplyAsync(() -> look(logs), executor);
    }

    private static Findings look(S3StepLogs logs) {
        try {
            ImmutableList.Builder<Excerpt> found = ImmutableList.builder();
            NAMES.forEach(name -> logs.find(name).ifPresent(log -> found.add(end(log))));
            boolean isComplete = logs.isComplete();
            ImmutableList<Excerpt> excerpts = found.build();
            S3StepLogs.Containers containers = logs.primaryContainer();
            return new Findings(
                    excerpts,
                    containers.logs().stream().map(S3FailureLogs::end).collect(ImmutableList.toImmutableList()),
                    isComplete && !containers.areAwaited(),
                    excerpts.isEmpty() ? logs.absence(NAMES).map(Diagnostic::what) : Optional.empty());
        } catch (TargetUnavailableException e) {
            return new Findings(
                    ImmutableList.of(),
                    ImmutableList.of(),
                    e.diagnostic()
                            .map(Diagnostic::code)
                            .filter(LASTING::contains)
                            .isPresent(),
                    Optional.of("Its log could not be read: " + e.getMessage()));
        }
    }

    private static Excerpt end(AttemptLogs.Log log) {
        long size = log.size();
        byte[] bytes = log.read(Math.max(0, size - TAIL_BYTES), TAIL_BYTES);
        return new Excerpt(log.location(), new String(bytes, StandardCharsets.UTF_8));
    }

    @Override
    public Duration pollInterval() {
        return storage.isLoopback() ? Duration.ofMillis(250) : Duration.ofSeconds(15);
    }

    @Override
    public Duration limit() {
        return storage.isLoopback() ? Duration.ofSeconds(10) : LIMIT;
    }
}
