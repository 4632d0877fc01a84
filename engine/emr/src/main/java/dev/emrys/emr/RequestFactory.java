package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Maps;
import dev.emrys.spec.ClusterSpec;
import dev.emrys.spec.HadoopJarStep;
import dev.emrys.spec.InstanceGroup;
import dev.emrys.spec.InstanceRole;
import dev.emrys.spec.SpotMarket;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.ActionOnFailure;
import software.amazon.awssdk.services.emr.model.Application;
import software.amazon.awssdk.services.emr.model.AutoTerminationPolicy;
import software.amazon.awssdk.services.emr.model.BootstrapActionConfig;
import software.amazon.awssdk.services.emr.model.Configuration;
import software.amazon.awssdk.services.emr.model.HadoopJarStepConfig;
import software.amazon.awssdk.services.emr.model.InstanceGroupConfig;
import software.amazon.awssdk.services.emr.model.InstanceRoleType;
import software.amazon.awssdk.services.emr.model.JobFlowInstancesConfig;
import software.amazon.awssdk.services.emr.model.KeyValue;
import software.amazon.awssdk.services.emr.model.MarketType;
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest;
import software.amazon.awssdk.services.emr.model.StepConfig;
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

    RunJobFlowRequest cluster(EmrCommand.ClusterSubmission command) {
        ClusterSpec spec = command.cluster();
        RunJobFlowRequest.Builder request = RunJobFlowRequest.builder()
                .name(RunTags.name(spec.name(), command.key()))
                .releaseLabel(spec.releaseLabel())
                .applications(spec.applications().stream()
                        .map(name -> Application.builder().name(name).build())
                        .toList())
                .configurations(configurations(spec.configurations()))
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
                .tags(tags(spec, command));
        if (!spec.rawRequest().isEmpty()) {
            RawMembers raw = new RawMembers(spec.rawRequest(), this::filled);
            request.overrideConfiguration(config -> config.addPlugin(raw));
        }
        return request.build();
    }

    private List<Tag> tags(ClusterSpec spec, EmrCommand.ClusterSubmission command) {
        ImmutableList.Builder<Tag> tags = ImmutableList.builder();
        spec.tags().forEach((name, value) -> tags.add(tag(name, filled(value))));
        return tags.add(tag("emrys:pipeline", labels.pipeline()))
                .add(tag("emrys:run", labels.run()))
                .add(tag("emrys:run-name", labels.runName()))
                .add(tag("emrys:key", command.key()))
                .build();
    }

    private static Tag tag(String key, String value) {
        return Tag.builder().key(key).value(value).build();
    }

    private static JobFlowInstancesConfig instances(ClusterSpec spec) {
        return JobFlowInstancesConfig.builder()
                .instanceGroups(spec.instanceGroups().stream()
                        .map(RequestFactory::group)
                        .toList())
                // The engine says when a cluster ends: EMR must not end it when it happens to have no step.
                .keepJobFlowAliveWhenNoSteps(true)
                .terminationProtected(false)
                .ec2SubnetId(spec.subnetId())
                .ec2KeyName(spec.keyName())
                .build();
    }

    private static InstanceGroupConfig group(InstanceGroup group) {
        SpotMarket spot = group.spot();
        return InstanceGroupConfig.builder()
                .name(group.role().name().charAt(0)
                        + group.role().name().substring(1).toLowerCase(java.util.Locale.ROOT))
                .instanceRole(
                        group.role() == InstanceRole.PRIMARY
                                ? InstanceRoleType.MASTER
                                : InstanceRoleType.fromValue(group.role().name()))
                .instanceType(group.instanceType())
                .instanceCount(group.count())
                .market(spot == null ? MarketType.ON_DEMAND : MarketType.SPOT)
                .bidPrice(spot == null ? null : spot.maxPricePerHour())
                .build();
    }

    private List<Configuration> configurations(ImmutableList<dev.emrys.spec.Configuration> all) {
        return all.stream()
                .map(one -> Configuration.builder()
                        .classification(one.classification())
                        .properties(Maps.transformValues(one.properties(), value -> filled(value)))
                        .configurations(configurations(one.configurations()))
                        .build())
                .toList();
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
                .build();
    }

    private List<String> filled(ImmutableList<String> texts) {
        return texts.stream().map(this::filled).toList();
    }

    private String filled(String text) {
        return secrets.fill(text);
    }

    private @Nullable String filledIfThere(@Nullable String text) {
        return text == null ? null : filled(text);
    }
}
