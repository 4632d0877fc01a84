package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.ActionOnFailure;
import software.amazon.awssdk.services.emr.model.AddJobFlowStepsRequest;
import software.amazon.awssdk.services.emr.model.AddJobFlowStepsResponse;
import software.amazon.awssdk.services.emr.model.CancelStepsInfo;
import software.amazon.awssdk.services.emr.model.CancelStepsRequest;
import software.amazon.awssdk.services.emr.model.CancelStepsRequestStatus;
import software.amazon.awssdk.services.emr.model.CancelStepsResponse;
import software.amazon.awssdk.services.emr.model.DescribeStepRequest;
import software.amazon.awssdk.services.emr.model.DescribeStepResponse;
import software.amazon.awssdk.services.emr.model.HadoopJarStepConfig;
import software.amazon.awssdk.services.emr.model.HadoopStepConfig;
import software.amazon.awssdk.services.emr.model.KeyValue;
import software.amazon.awssdk.services.emr.model.ListStepsRequest;
import software.amazon.awssdk.services.emr.model.ListStepsResponse;
import software.amazon.awssdk.services.emr.model.S3MonitoringConfiguration;
import software.amazon.awssdk.services.emr.model.Step;
import software.amazon.awssdk.services.emr.model.StepCancellationOption;
import software.amazon.awssdk.services.emr.model.StepConfig;
import software.amazon.awssdk.services.emr.model.StepState;
import software.amazon.awssdk.services.emr.model.StepStateChangeReason;
import software.amazon.awssdk.services.emr.model.StepStatus;
import software.amazon.awssdk.services.emr.model.StepSummary;
import software.amazon.awssdk.services.emr.model.StepTimeline;

/** The operations on steps. Each method is the body of one transaction. */
final class StepCalls {

    private static final int MAX_ACTIVE = 256;
    private static final int MAX_CANCELLED_AT_ONCE = 256;
    private static final int MAX_STEP_IDS = 10;
    /** In characters: jar, main class, arguments and properties together. */
    private static final int MAX_JAR_STEP = 10_240;

    private final Transactor transactor;
    private final Lifecycle lifecycle;

    StepCalls(Transactor transactor, Lifecycle lifecycle) {
        this.transactor = transactor;
        this.lifecycle = lifecycle;
    }

    AddJobFlowStepsResponse add(AccountState account, AddJobFlowStepsRequest request) {
        ClusterEntry entry = account.find(request.jobFlowId());
        if (entry == null) {
            throw Errors.validation(Errors.UNKNOWN_JOB_FLOW_OF_STEPS);
        }
        if (!entry.cluster().modifiable()) {
            throw Errors.validation(Errors.SHUTTING_DOWN);
        }
        if (request.steps().isEmpty()) {
            throw Errors.validation("AddJobFlowSteps takes at least one step.");
        }
        checkSteps(request.steps(), entry.cluster().concurrency());
        if (request.executionRoleArn() == null
                && SecurityCalls.hasRuntimeRoles(
                        account, entry.cluster().cluster().securityConfiguration())) {
            throw Errors.validation(Errors.RUNTIME_ROLE_REQUIRED);
        }
        ImmutableList<String> ids = append(account, entry, request.steps(), request.executionRoleArn());
        lifecycle.advance(account, entry);
        return AddJobFlowStepsResponse.builder().stepIds(ids).build();
    }

    /** The rules for the steps of AddJobFlowSteps and of RunJobFlow. */
    static void checkSteps(List<StepConfig> steps, int concurrency) {
        for (StepConfig step : steps) {
            ActionOnFailure action = actionOf(step);
            if (concurrency > 1 && action != ActionOnFailure.CONTINUE) {
                throw Errors.validation("Action on failure '" + action + "' is invalid.");
            }
            int characters = characters(step.hadoopJarStep());
            if (characters > MAX_JAR_STEP) {
                throw Errors.validation("The HadoopJarStep of step '" + step.name() + "' has " + characters
                        + " characters. The total length of its strings must not exceed " + MAX_JAR_STEP + ".");
            }
        }
    }

    /** Stores steps as PENDING; returns their ids in the request's order. */
    ImmutableList<String> append(
            AccountState account, ClusterEntry entry, List<StepConfig> steps, @Nullable String executionRoleArn) {
        if (entry.active() + steps.size() > MAX_ACTIVE) {
            throw Errors.validation("Maximum number of active steps(State = 'Running', 'Pending' or 'Cancel_Pending')"
                    + " for cluster exceeded.");
        }
        ImmutableList.Builder<String> ids = ImmutableList.builder();
        for (StepConfig config : steps) {
            Step step = stepOf(config, transactor.newStepId(entry), executionRoleArn);
            ids.add(step.id());
            account.put(
                    entry,
                    new StepRecord(
                            entry.cluster().id(), entry.nextSequence(), step, transactor.hideUntil(), false, false));
        }
        return ids.build();
    }

    CancelStepsResponse cancel(AccountState account, CancelStepsRequest request) {
        if (request.stepIds().isEmpty() || request.stepIds().size() > MAX_CANCELLED_AT_ONCE) {
            throw Errors.invalid("InvalidStepIds", "CancelSteps takes 1 to " + MAX_CANCELLED_AT_ONCE + " step IDs.");
        }
        ClusterEntry entry = account.cluster(request.clusterId());
        boolean force = request.stepCancellationOption() == StepCancellationOption.TERMINATE_PROCESS;
        List<CancelStepsInfo> infos = new ArrayList<>();
        for (String id : request.stepIds()) {
            String deferredError = cancel(account, entry, id, force);
            infos.add(CancelStepsInfo.builder()
                    .stepId(id)
                    .status(
                            deferredError == null
                                    ? CancelStepsRequestStatus.SUBMITTED
                                    : CancelStepsRequestStatus.FAILED)
                    .reason(deferredError)
                    .build());
        }
        lifecycle.advance(account, entry);
        return CancelStepsResponse.builder().cancelStepsInfoList(infos).build();
    }

    DescribeStepResponse describe(AccountState account, DescribeStepRequest request) {
        ClusterEntry entry = account.cluster(request.clusterId());
        return DescribeStepResponse.builder()
                .step(shown(account, entry, step(entry, request.stepId())))
                .build();
    }

    ListStepsResponse list(AccountState account, ListStepsRequest request) {
        ClusterEntry entry = account.cluster(request.clusterId());
        if (!request.stepIds().isEmpty()) {
            return listByIds(account, entry, request);
        }
        Instant now = transactor.now();
        ImmutableList<StepState> states = ImmutableList.copyOf(request.stepStates());
        String listing = "ListSteps/" + request.clusterId();
        Stream<StepRecord> left = entry.newestBelow(Pages.startingBelow(listing, request.marker()))
                .filter(step -> step.visible(now) && (states.isEmpty() || states.contains(step.state())));
        Pages.Page<StepRecord> page = Pages.of(listing, left, StepRecord::sequence);
        return ListStepsResponse.builder()
                .steps(page.items().stream()
                        .map(step -> summary(shown(account, entry, step)))
                        .toList())
                .marker(page.marker())
                .build();
    }

    private ListStepsResponse listByIds(AccountState account, ClusterEntry entry, ListStepsRequest request) {
        if (request.stepIds().size() > MAX_STEP_IDS) {
            throw Errors.invalid("InvalidStepIds", "Only " + MAX_STEP_IDS + " StepIds are allowed in one request.");
        }
        if (!request.stepStates().isEmpty()) {
            throw Errors.invalid("InvalidStepIds", "Cannot specify both StepIds and StepStates.");
        }
        Instant now = transactor.now();
        return ListStepsResponse.builder()
                .steps(request.stepIds().stream()
                        .map(id -> step(entry, id))
                        .filter(step -> step.visible(now))
                        .map(step -> summary(shown(account, entry, step)))
                        .toList())
                .build();
    }

    /** Cancels one step; returns the reason if it cannot be cancelled. */
    private @Nullable String cancel(AccountState account, ClusterEntry entry, String id, boolean force) {
        StepRecord step = entry.step(id);
        if (step == null) {
            return "Step id '" + id + "' is not valid.";
        } else if (!entry.cluster().modifiable()) {
            return "The cluster is " + entry.cluster().state() + ".";
        } else if (!step.active()) {
            return "The step is already " + step.state() + ".";
        }
        lifecycle.cancel(account, entry, step, force);
        return null;
    }

    private static StepRecord step(ClusterEntry entry, String id) {
        StepRecord step = id == null ? null : entry.step(id);
        if (step == null) {
            throw Errors.invalid("NoSuchStep", "Step id '" + id + "' is not valid.");
        }
        return step;
    }

    private Step stepOf(StepConfig config, String id, @Nullable String executionRoleArn) {
        HadoopJarStepConfig jarStep = config.hadoopJarStep();
        ImmutableMap.Builder<String, String> properties = ImmutableMap.builder();
        jarStep.properties().forEach(p -> properties.put(nonNull(p.key()), nonNull(p.value())));
        Step.Builder step = Step.builder()
                .id(id)
                .name(config.name())
                .actionOnFailure(actionOf(config))
                .executionRoleArn(executionRoleArn)
                .config(HadoopStepConfig.builder()
                        .jar(jarStep.jar())
                        .mainClass(jarStep.mainClass())
                        .args(ImmutableList.copyOf(jarStep.args()))
                        .properties(properties.buildKeepingLast())
                        .build())
                .status(StepStatus.builder()
                        .state(StepState.PENDING)
                        .stateChangeReason(StepStateChangeReason.builder().build())
                        .timeline(StepTimeline.builder()
                                .creationDateTime(transactor.now())
                                .build())
                        .build());
        if (config.stepMonitoringConfiguration() != null
                && config.stepMonitoringConfiguration().s3MonitoringConfiguration() != null) {
            S3MonitoringConfiguration own = config.stepMonitoringConfiguration().s3MonitoringConfiguration();
            step.logUri(own.logUri()).encryptionKeyArn(own.encryptionKeyArn());
        }
        return step.build();
    }

    /** With the reason, if it waits for other clusters of the account: on EMR there is nothing to wait for. */
    private Step shown(AccountState account, ClusterEntry entry, StepRecord record) {
        String reason = lifecycle.waitingReason(account, entry, record);
        if (reason == null) {
            return record.step();
        }
        StepStateChangeReason shown =
                StepStateChangeReason.builder().message(reason).build();
        return record.step().toBuilder()
                .status(record.step().status().toBuilder()
                        .stateChangeReason(shown)
                        .build())
                .build();
    }

    private static StepSummary summary(Step step) {
        return StepSummary.builder()
                .id(step.id())
                .name(step.name())
                .config(step.config())
                .actionOnFailure(step.actionOnFailure())
                .status(step.status())
                .logUri(step.logUri())
                .encryptionKeyArn(step.encryptionKeyArn())
                .build();
    }

    /** EMR's default, and the newer name of TERMINATE_JOB_FLOW. */
    private static ActionOnFailure actionOf(StepConfig step) {
        ActionOnFailure action = step.actionOnFailure();
        return action == null || action == ActionOnFailure.TERMINATE_JOB_FLOW
                ? ActionOnFailure.TERMINATE_CLUSTER
                : action;
    }

    private static int characters(HadoopJarStepConfig step) {
        int sum = nonNull(step.jar()).length() + nonNull(step.mainClass()).length();
        for (String arg : step.args()) {
            sum += arg.length();
        }
        for (KeyValue property : step.properties()) {
            sum += nonNull(property.key()).length() + nonNull(property.value()).length();
        }
        return sum;
    }

    private static String nonNull(@Nullable String text) {
        return text == null ? "" : text;
    }
}
