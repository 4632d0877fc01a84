package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import dev.emrys.spec.ClusterSpec;
import dev.emrys.spec.HadoopJarStep;
import dev.emrys.spec.StepLogs;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.ActionOnFailure;
import software.amazon.awssdk.services.emr.model.Application;
import software.amazon.awssdk.services.emr.model.AutoTerminationPolicy;
import software.amazon.awssdk.services.emr.model.BootstrapActionConfig;
import software.amazon.awssdk.services.emr.model.HadoopJarStepConfig;
import software.amazon.awssdk.services.emr.model.JobFlowInstancesConfig;
import software.amazon.awssdk.services.emr.model.KeyValue;
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest;
import software.amazon.awssdk.services.emr.model.StepConfig;
import software.amazon.awssdk.services.emr.model.StepMonitoringConfiguration;
import software.amazon.awssdk.services.emr.model.Tag;

/** Makes EMR's requests from the spec. */
final class RequestFactory {
    private final RunTags labels;
    private final SecretValues secrets;

    /** Why what was withdrawn is reported as failed. */
    static final String WITHDRAWN = "It was not sent: the run was cancelled.";

    RequestFactory(RunTags labels, SecretValues secrets) {
        this.labels = labels;
        this.secrets = secrets;
    }

    /** @param expiry the end of the cluster's life lease */
    RunJobFlowRequest cluster(EmrCommand.ClusterSubmission command, Instant expiry) {
        ClusterSpec spec = command.cluster();
        RunJobFlowRequest.Builder request = RunJobFlowRequest.builder()
                .name(RunTags.name(spec.name(), command.key()))
                .releaseLabel(spec.releaseLabel())
                .applications(spec.applications().stream()
                        .map(name -> Application.builder().name(name).build())
                        .toList())
                .configurations(new InstanceRequests(this::filled).configurations(spec.configurations()))
                .instances(instances(spec))
                .logUri(filledIfThere(spec.logUri()))
                .serviceRole(spec.serviceRole())
                .jobFlowRole(spec.jobFlowRole())
                .visibleToAllUsers(true)
                .stepConcurrencyLevel(spec.stepConcurrency())
                .autoTerminationPolicy(
                        spec.supportsIdleTimeout()
                                ? AutoTerminationPolicy.builder()
                                        .idleTimeout(spec.idleTimeout().toSeconds())
                                        .build()
                                : null)
                .bootstrapActions(spec.bootstrapActions().stream()
                        .map(action -> BootstrapActionConfig.builder()
                                .name(action.name())
                                .scriptBootstrapAction(
                                        script -> script.path(action.path()).args(filled(action.args())))
                                .build())
                        .toList())
                .tags(tags(spec, command, expiry));
        new OptionRequests(spec, this::filled).addTo(request);
        if (!spec.rawRequest().isEmpty()) {
            RawMembers raw = new RawMembers(spec.rawRequest(), this::filled);
            request.overrideConfiguration(config -> config.addPlugin(raw));
        }
        return request.build();
    }

    private List<Tag> tags(ClusterSpec spec, EmrCommand.ClusterSubmission command, Instant expiry) {
        ImmutableList.Builder<Tag> tags = ImmutableList.builder();
        spec.tags().forEach((name, value) -> tags.add(RunTags.tag(name, filled(value))));
        if (spec.staysAfterRun()) {
            tags.add(RunTags.tag(RunTags.KEPT, "true"));
        }
        return tags.add(RunTags.tag(RunTags.PIPELINE, labels.pipeline()))
                .add(RunTags.tag(RunTags.RUN, labels.run()))
                .add(RunTags.tag(RunTags.RUN_NAME, labels.runName()))
                .add(RunTags.tag(RunTags.KEY, command.key()))
                .add(RunTags.tag(RunTags.EXPIRES_AT, expiry.toString()))
                .build();
    }

    private JobFlowInstancesConfig instances(ClusterSpec spec) {
        InstanceRequests requests = new InstanceRequests(this::filled);
        JobFlowInstancesConfig.Builder instances = JobFlowInstancesConfig.builder()
                // The engine says when a cluster ends: EMR must not end it when it happens to have no step.
                .keepJobFlowAliveWhenNoSteps(true)
                .ec2SubnetId(spec.subnetId())
                .ec2KeyName(spec.keyName());
        if (spec.optionsOrNone().instanceFleets().isEmpty()) {
            instances.instanceGroups(
                    spec.instanceGroups().stream().map(requests::group).toList());
        } else {
            instances.instanceFleets(spec.optionsOrNone().instanceFleets().stream()
                    .map(requests::fleet)
                    .toList());
        }
        new OptionRequests(spec, this::filled).addTo(instances);
        return instances.build();
    }

    StepConfig step(EmrCommand.StepSubmission command) {
        HadoopJarStep jarStep = command.step().jarStep();
        return StepConfig.builder()
                .name(RunTags.name(command.step().name(), command.key()))
                // The engine decides on order and failure: EMR must not end or skip anything by itself.
                .actionOnFailure(ActionOnFailure.CONTINUE)
                .hadoopJarStep(HadoopJarStepConfig.builder()
                        .jar(filled(jarStep.jar()))
                        .mainClass(filledIfThere(jarStep.mainClass()))
                        .args(filled(jarStep.args()))
                        .properties(jarStep.properties().entrySet().stream()
                                .map(entry -> KeyValue.builder()
                                        .key(entry.getKey())
                                        .value(filled(entry.getValue()))
                                        .build())
                                .toList())
                        .build())
                .stepMonitoringConfiguration(monitoring(command.step().logs()))
                .build();
    }

    private static @Nullable StepMonitoringConfiguration monitoring(@Nullable StepLogs logs) {
        return logs == null
                ? null
                : StepMonitoringConfiguration.builder()
                        .s3MonitoringConfiguration(
                                s3 -> s3.logUri(logs.uri()).encryptionKeyArn(logs.encryptionKeyArn()))
                        .build();
    }

    private List<String> filled(ImmutableList<String> texts) {
        return texts.stream().map(this::filled).toList();
    }

    /** With the values of its secrets. */
    String filled(String text) {
        return secrets.fill(text);
    }

    private @Nullable String filledIfThere(@Nullable String text) {
        return text == null ? null : filled(text);
    }
}
