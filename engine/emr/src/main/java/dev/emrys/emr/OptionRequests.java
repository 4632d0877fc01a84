package dev.emrys.emr;

import dev.emrys.spec.ClusterOptions;
import dev.emrys.spec.ClusterSpec;
import dev.emrys.spec.ImageOptions;
import dev.emrys.spec.Kerberos;
import dev.emrys.spec.LifecycleOptions;
import dev.emrys.spec.ManagedScaling;
import dev.emrys.spec.Monitoring;
import dev.emrys.spec.NetworkOptions;
import dev.emrys.spec.SecurityOptions;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.CloudWatchLogConfiguration;
import software.amazon.awssdk.services.emr.model.JobFlowInstancesConfig;
import software.amazon.awssdk.services.emr.model.KerberosAttributes;
import software.amazon.awssdk.services.emr.model.ManagedScalingPolicy;
import software.amazon.awssdk.services.emr.model.MonitoringConfiguration;
import software.amazon.awssdk.services.emr.model.PlacementGroupConfig;
import software.amazon.awssdk.services.emr.model.PlacementType;
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest;
import software.amazon.awssdk.services.emr.model.S3LoggingConfiguration;

/** Writes the options of a cluster into EMR's requests. What the author did not write is not sent. */
final class OptionRequests {
    private final ClusterOptions options;
    private final UnaryOperator<String> fill;

    /** @param fill fills in secrets */
    OptionRequests(ClusterSpec spec, UnaryOperator<String> fill) {
        this.options = spec.optionsOrNone();
        this.fill = fill;
    }

    /** The members of the cluster itself. */
    void addTo(RunJobFlowRequest.Builder request) {
        ImageOptions image = options.image() == null ? ImageOptions.NONE : options.image();
        SecurityOptions security = options.security() == null ? SecurityOptions.NONE : options.security();
        LifecycleOptions lifecycle = lifecycle();
        request.customAmiId(image.customAmiId())
                .osReleaseLabel(image.osReleaseLabel())
                .repoUpgradeOnBoot(image.repoUpgradeOnBoot())
                .ebsRootVolumeSize(image.rootVolumeGiB())
                .ebsRootVolumeIops(image.rootVolumeIops())
                .ebsRootVolumeThroughput(image.rootVolumeThroughputMiB())
                .securityConfiguration(security.configuration())
                .kerberosAttributes(kerberos(security.kerberos()))
                .logEncryptionKmsKeyId(security.logEncryptionKeyId())
                .autoScalingRole(lifecycle.autoScalingRole())
                .scaleDownBehavior(lifecycle.scaleDownBehavior())
                .extendedSupport(lifecycle.extendedSupport())
                .additionalInfo(lifecycle.additionalInfo())
                .managedScalingPolicy(
                        options.managedScaling() == null
                                ? null
                                : managedScaling(
                                        options.managedScaling(),
                                        !options.instanceFleets().isEmpty()))
                .monitoringConfiguration(monitoring(options.monitoring()))
                .placementGroupConfigs(InstanceRequests.orNull(options.placementGroups().stream()
                        .map(group -> PlacementGroupConfig.builder()
                                .instanceRole(InstanceRequests.role(group.role()))
                                .placementStrategy(group.strategy())
                                .build())
                        .toList()));
    }

    private LifecycleOptions lifecycle() {
        return options.lifecycle() == null ? LifecycleOptions.NONE : options.lifecycle();
    }

    /** The members of {@code Instances} beside the groups and fleets. */
    void addTo(JobFlowInstancesConfig.Builder instances) {
        NetworkOptions network = options.network() == null ? NetworkOptions.NONE : options.network();
        instances
                .terminationProtected(options.protectsFromTermination())
                .unhealthyNodeReplacement(lifecycle().unhealthyNodeReplacement())
                .ec2SubnetIds(InstanceRequests.orNull(network.subnetIds()))
                .placement(placement(network))
                .emrManagedMasterSecurityGroup(network.primarySecurityGroup())
                .emrManagedSlaveSecurityGroup(network.coreSecurityGroup())
                .serviceAccessSecurityGroup(network.serviceAccessSecurityGroup())
                .additionalMasterSecurityGroups(InstanceRequests.orNull(network.additionalPrimarySecurityGroups()))
                .additionalSlaveSecurityGroups(InstanceRequests.orNull(network.additionalCoreSecurityGroups()));
    }

    /** EMR takes the list only for instance fleets. */
    private @Nullable PlacementType placement(NetworkOptions network) {
        if (network.availabilityZones().isEmpty()) {
            return null;
        }
        return options.instanceFleets().isEmpty()
                ? PlacementType.builder()
                        .availabilityZone(network.availabilityZones().get(0))
                        .build()
                : PlacementType.builder()
                        .availabilityZones(network.availabilityZones())
                        .build();
    }

    private @Nullable KerberosAttributes kerberos(@Nullable Kerberos kerberos) {
        return kerberos == null
                ? null
                : KerberosAttributes.builder()
                        .realm(kerberos.realm())
                        .kdcAdminPassword(filled(kerberos.kdcAdminPassword()))
                        .crossRealmTrustPrincipalPassword(filled(kerberos.crossRealmTrustPassword()))
                        .adDomainJoinUser(kerberos.adDomainJoinUser())
                        .adDomainJoinPassword(filled(kerberos.adDomainJoinPassword()))
                        .build();
    }

    private @Nullable String filled(@Nullable String text) {
        return text == null ? null : fill.apply(text);
    }

    /** @param fleets whether the cluster has instance fleets, not groups */
    static ManagedScalingPolicy managedScaling(ManagedScaling scaling, boolean fleets) {
        return ManagedScalingPolicy.builder()
                .computeLimits(limits -> limits.unitType(scaling.unitFor(fleets))
                        .minimumCapacityUnits(scaling.minimum())
                        .maximumCapacityUnits(scaling.maximum())
                        .maximumOnDemandCapacityUnits(scaling.maximumOnDemand())
                        .maximumCoreCapacityUnits(scaling.maximumCore()))
                .scalingStrategy(scaling.strategy())
                .utilizationPerformanceIndex(scaling.utilizationPerformanceIndex())
                .build();
    }

    private static @Nullable MonitoringConfiguration monitoring(@Nullable Monitoring monitoring) {
        if (monitoring == null) {
            return null;
        }
        Monitoring.CloudWatchLogs logs = monitoring.cloudWatchLogs();
        MonitoringConfiguration.Builder configuration = MonitoringConfiguration.builder();
        if (logs != null) {
            configuration.cloudWatchLogConfiguration(CloudWatchLogConfiguration.builder()
                    .enabled(logs.enabled())
                    .logGroupName(logs.group())
                    .logStreamNamePrefix(logs.streamPrefix())
                    .encryptionKeyArn(logs.encryptionKeyArn())
                    .logTypes(logs.types().isEmpty() ? null : logs.types())
                    .build());
        }
        if (!monitoring.s3UploadPolicies().isEmpty()) {
            configuration.s3LoggingConfiguration(S3LoggingConfiguration.builder()
                    .logTypeUploadPolicyWithStrings(monitoring.s3UploadPolicies())
                    .build());
        }
        return configuration.build();
    }
}
