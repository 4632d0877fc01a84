package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.ClusterStateChangeReasonCode;
import software.amazon.awssdk.services.emr.model.ErrorDetail;
import software.amazon.awssdk.services.emr.model.InstanceFleetConfig;
import software.amazon.awssdk.services.emr.model.JobFlowInstancesConfig;
import software.amazon.awssdk.services.emr.model.SpotProvisioningTimeoutAction;

/**
 * Why a cluster has not come up, in EMR's words. The texts about bootstrap actions are in mrjob's tests of its parser
 * (tests/logs/test_bootstrap.py); those about capacity are EC2's.
 *
 * @see <a href="https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-troubleshoot-error-errordetail.html">Error
 *     codes with ErrorDetail information</a>
 */
record StartFailure(ClusterStateChangeReasonCode code, ErrorDetail detail) {

    /**
     * A bootstrap action returned another code than 0.
     *
     * @param excerpt the end of its log
     */
    static StartFailure ofBootstrapAction(
            String instance, int number, @Nullable String excerpt, @Nullable String logFile) {
        return of(
                ClusterStateChangeReasonCode.BOOTSTRAP_FAILURE,
                "BOOTSTRAP_FAILURE_PRIMARY_WITH_NON_ZERO_CODE",
                "On the master instance (" + instance + "), bootstrap action " + number
                        + " returned a non-zero return code",
                bootstrapData(instance, number, excerpt, logFile));
    }

    /** The script of a bootstrap action could not be read. */
    static StartFailure ofDownload(String instance, int number, @Nullable String why) {
        return of(
                ClusterStateChangeReasonCode.BOOTSTRAP_FAILURE,
                "BOOTSTRAP_FAILURE_BA_DOWNLOAD_FAILED_PRIMARY",
                "Master instance (" + instance + ") failed attempting to download bootstrap action " + number
                        + " file from S3",
                bootstrapData(instance, number, why, null));
    }

    /** The applications could not be installed; the documentation has no error code for it. */
    static StartFailure ofProvisioning(String instance) {
        return of(
                ClusterStateChangeReasonCode.BOOTSTRAP_FAILURE,
                "BOOTSTRAP_FAILURE",
                "On the master instance (" + instance + "), application provisioning failed",
                ImmutableMap.of("primary-instance-id", instance));
    }

    /**
     * EC2 has not enough instances. The documentation names the error code, and not the code of the reason.
     *
     * @return null if the cluster starts with On-Demand Instances, because the action of its fleets after the timeout
     *     says so; the timeout itself is not waited for
     */
    static @Nullable StartFailure ofCapacity(ClusterEntry entry, String region) {
        JobFlowInstancesConfig instances = entry.clusterRequest.request().instances();
        List<SpotProvisioningTimeoutAction> actions = instances.instanceFleets().stream()
                .filter(fleet -> fleet.launchSpecifications() != null
                        && fleet.launchSpecifications().spotSpecification() != null)
                .map(fleet -> fleet.launchSpecifications().spotSpecification().timeoutAction())
                .toList();
        if (!actions.isEmpty() && !actions.contains(SpotProvisioningTimeoutAction.TERMINATE_CLUSTER)) {
            return null;
        }
        String type = instanceType(entry);
        String zone = zone(instances, region);
        return of(
                actions.isEmpty()
                        ? ClusterStateChangeReasonCode.INSTANCE_FAILURE
                        : ClusterStateChangeReasonCode.INSTANCE_FLEET_TIMEOUT,
                "INTERNAL_ERROR_EC2_INSUFFICIENT_CAPACITY_AZ",
                "Insufficient capacity: we currently do not have sufficient " + type
                        + " capacity in the Availability Zone you requested (" + zone + ").",
                ImmutableMap.of("instance-type", type, "availability-zone", zone));
    }

    private static String instanceType(ClusterEntry entry) {
        List<InstanceFleetConfig> fleets =
                entry.clusterRequest.request().instances().instanceFleets();
        return fleets.isEmpty()
                ? entry.parts().groups().get(0).config().instanceType()
                : fleets.get(0).instanceTypeConfigs().get(0).instanceType();
    }

    private static String zone(JobFlowInstancesConfig instances, String region) {
        return instances.placement() == null || instances.placement().availabilityZone() == null
                ? region + "a"
                : instances.placement().availabilityZone();
    }

    /** EMR's members; {@code log-excerpt} and {@code log-file} are additions of the emulator. */
    private static ImmutableMap<String, String> bootstrapData(
            String instance, int number, @Nullable String excerpt, @Nullable String logFile) {
        ImmutableMap.Builder<String, String> data = ImmutableMap.builder();
        data.put("primary-instance-id", instance);
        data.put("bootstrap-action", Integer.toString(number));
        if (logFile != null) {
            data.put("log-file", logFile);
        }
        if (excerpt != null) {
            data.put("log-excerpt", excerpt);
        }
        return data.buildOrThrow();
    }

    private static StartFailure of(
            ClusterStateChangeReasonCode code, String error, String message, ImmutableMap<String, String> data) {
        return new StartFailure(
                code,
                ErrorDetail.builder()
                        .errorCode(error)
                        .errorMessage(message)
                        .errorData(ImmutableList.of(data))
                        .build());
    }
}
