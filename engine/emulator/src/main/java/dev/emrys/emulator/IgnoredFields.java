package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.Locale;
import software.amazon.awssdk.services.emr.model.Application;
import software.amazon.awssdk.services.emr.model.InstanceGroupConfig;
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest;

/** The fields of RunJobFlow that the emulator accepts and returns, but ignores. */
final class IgnoredFields {

    private static final ImmutableSet<String> EXECUTED = ImmutableSet.of("hadoop", "spark", "hive");

    /** By member of the request, in the request's order. */
    private static final ImmutableMap<String, String> MEMBERS = ImmutableMap.<String, String>builder()
            .put("LogEncryptionKmsKeyId", "logs are not encrypted")
            .put("AdditionalInfo", "it has no effect")
            .put("StepExecutionRoleArn", "steps run as the local user, without an AWS role")
            .put("SupportedProducts", "nothing is installed")
            .put("NewSupportedProducts", "nothing is installed")
            .put("SecurityConfiguration", "it is shown, not applied")
            .put("AutoScalingRole", "there is no scaling")
            .put("CustomAmiId", "there is no machine image")
            .put("EbsRootVolumeSize", "there is no volume")
            .put("EbsRootVolumeIops", "there is no volume")
            .put("EbsRootVolumeThroughput", "there is no volume")
            .put("RepoUpgradeOnBoot", "there is no operating system to upgrade")
            .put("OSReleaseLabel", "steps run on this machine's operating system")
            .put("KerberosAttributes", "there is no Kerberos")
            .put("ManagedScalingPolicy", "there is no scaling")
            .put("PlacementGroupConfigs", "there are no machines to place")
            .buildOrThrow();

    private IgnoredFields() {}

    static ImmutableList<String> of(RunJobFlowRequest request) {
        ImmutableList.Builder<String> texts = ImmutableList.builder();
        for (Application application : request.applications()) {
            String name = application.name() == null ? "" : application.name();
            if (!EXECUTED.contains(name.toLowerCase(Locale.ROOT))) {
                texts.add("application " + name
                        + ": accepted, not installed (a step that needs it must find it on this machine)");
            }
        }
        var tree = SdkJson.tree(request);
        MEMBERS.forEach((member, why) -> {
            if (tree.has(member)) {
                texts.add(member + ": accepted, not emulated (" + why + ")");
            }
        });
        CloudWatchRules.ignored(request).forEach(texts::add);
        if (request.instances() != null) {
            for (InstanceGroupConfig group : request.instances().instanceGroups()) {
                if (group.autoScalingPolicy() != null) {
                    texts.add("AutoScalingPolicy of instance group " + group.instanceRole()
                            + ": accepted, not emulated (there is no scaling)");
                }
            }
        }
        return texts.build();
    }
}
