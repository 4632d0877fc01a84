package dev.emrys.aws;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.emrys.emr.Endpoint;
import dev.emrys.emr.FailureLogs;
import dev.emrys.spec.AwsCode;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.CloudWatchLogConfiguration;
import software.amazon.awssdk.services.emr.model.Cluster;
import software.amazon.awssdk.services.emr.model.EmrException;
import software.amazon.awssdk.services.emr.model.InvalidRequestException;
import software.amazon.awssdk.services.emr.model.Step;

/**
 * Where EMR copies the logs of a step to: every 5 minutes while the cluster runs, and at its end. EMR is asked with each
 * call: DescribeStep, and DescribeCluster when the step has no log location of its own. Thread-safe.
 *
 * @see <a href="https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-manage-view-web-log-files.html">View log
 *     files</a>
 */
public final class StepLogPlaces {
    /** In which EMR's default quota grants another call. */
    private static final Duration THROTTLE_PAUSE = Duration.ofSeconds(3);

    private static final int ATTEMPTS = 6;

    private final AwsAccess access;

    /** The log locations of clusters, by their ids. */
    private final Map<String, String> clusters = new ConcurrentSkipListMap<>();

    /** @param access is used, and not closed with this */
    public StepLogPlaces(AwsAccess access) {
        this.access = access;
    }

    /**
     * The logs of one step.
     *
     * @param folder with the files {@code stderr.gz}, {@code controller.gz} and others
     * @param ended when the step has ended, by EMR's clock; empty while it has not
     */
    record StepLogPlace(S3Place folder, Optional<Instant> ended) {}

    /**
     * The folder of the logs of a step, for people.
     *
     * @return empty when there is none, or when EMR does not know the step any more
     * @throws AwsException when EMR cannot be asked
     */
    public Optional<String> folder(String cluster, String step) {
        try {
            return Optional.of(find(cluster, step).folder().toString());
        } catch (AwsException e) {
            if (e.diagnostic().code() == AwsCode.LOGS_NOT_KEPT
                    || e.diagnostic().code() == AwsCode.LOGS_IN_CLOUDWATCH
                    || e.diagnostic().code() == AwsCode.STEP_FORGOTTEN) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** @throws AwsException when they are not on S3, or EMR cannot be asked, with the reason */
    StepLogPlace find(String cluster, String step) {
        EmrClient emr = access.emr();
        Step found = ask(
                cluster,
                step,
                () -> emr.describeStep(request -> request.clusterId(cluster).stepId(step))
                        .step());
        String own = found.logUri();
        String location = own == null || own.isEmpty() ? ofCluster(cluster, step) : own;
        return new StepLogPlace(
                S3Place.of(location).below(cluster + "/steps/" + step + "/"), Optional.ofNullable(ended(found)));
    }

    /**
     * As the other, for a failed step, of which EMR has told much already: its quota for DescribeStep is small.
     *
     * @throws AwsException as the other
     */
    StepLogPlace find(FailureLogs.FailedStep step) {
        String folder = "/steps/" + step.stepId() + "/";
        S3Place place = step.logFile()
                .filter(file -> file.startsWith("s3") && file.contains(folder))
                .map(file -> S3Place.of(file.substring(0, file.indexOf(folder) + folder.length())))
                .orElseGet(() -> {
                    String location = step.logUri()
                            .orElseGet(() ->
                                    clusters.computeIfAbsent(step.clusterId(), id -> ofCluster(id, step.stepId())));
                    return S3Place.of(location).below(step.clusterId() + folder);
                });
        return new StepLogPlace(place, Optional.of(step.ended()));
    }

    private static @Nullable Instant ended(Step step) {
        return step.status() == null || step.status().timeline() == null
                ? null
                : step.status().timeline().endDateTime();
    }

    private String ofCluster(String cluster, String step) {
        EmrClient emr = access.emr();
        Cluster found = ask(
                cluster,
                step,
                () -> emr.describeCluster(request -> request.clusterId(cluster)).cluster());
        String location = found.logUri();
        if (location != null && !location.isEmpty()) {
            return location;
        }
        CloudWatchLogConfiguration watched = found.monitoringConfiguration() == null
                ? null
                : found.monitoringConfiguration().cloudWatchLogConfiguration();
        if (watched == null || !Boolean.TRUE.equals(watched.enabled())) {
            throw new AwsException(AwsCode.LOGS_NOT_KEPT.of(step, cluster), null);
        }
        String group = watched.logGroupName() == null ? "/aws/emr/" + cluster : watched.logGroupName();
        String prefix = watched.logStreamNamePrefix() == null ? "" : watched.logStreamNamePrefix() + "/";
        throw new AwsException(
                AwsCode.LOGS_IN_CLOUDWATCH.of(step, group, prefix + cluster + "/steps/" + step + "/"), null);
    }

    private <T> T ask(String cluster, String step, Supplier<T> request) {
        for (int attempt = 1; ; attempt++) {
            try {
                return request.get();
            } catch (InvalidRequestException e) {
                throw new AwsException(AwsCode.STEP_FORGOTTEN.of(step, cluster), e);
            } catch (SdkException | Endpoint.UnavailableException e) {
                if (e instanceof EmrException refusal && "ValidationException".equals(AwsFailures.code(refusal))) {
                    throw new AwsException(AwsCode.STEP_FORGOTTEN.of(step, cluster), e);
                }
                if (!AwsFailures.isThrottled(e) || attempt == ATTEMPTS) {
                    throw AwsFailures.exception(e, access.settings(), "Amazon EMR in " + access.region());
                }
                Uninterruptibles.sleepUninterruptibly(THROTTLE_PAUSE);
            }
        }
    }
}
