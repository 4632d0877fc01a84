package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.Application;
import software.amazon.awssdk.services.emr.model.InstanceFleetConfig;
import software.amazon.awssdk.services.emr.model.InstanceGroupConfig;
import software.amazon.awssdk.services.emr.model.InstanceTypeConfig;
import software.amazon.awssdk.services.emr.model.JobFlowInstancesConfig;
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest;

/**
 * The rules of RunJobFlow that depend on the release label: which labels, applications and instance types EMR has, from
 * the tables of {@link ReleaseCalls} and {@link ApplicationVersions}. What the tables do not know of a label is not
 * checked.
 *
 * <p>A label is accepted that is later than the tables, of the newest major version and with a higher minor version.
 */
final class ReleaseRules {

    /** The schemes that EMR's file systems have, and a bucket. */
    private static final Pattern S3_LOCATION = Pattern.compile("s3[an]?://[^/]+(/.*)?");

    private ReleaseRules() {}

    /** The text of an unknown label is EMR's. */
    static Release check(RunJobFlowRequest request) {
        String label = request.releaseLabel();
        Release release = Release.parse(label);
        if (release == null || !(ReleaseCalls.isKnown(label) || ReleaseCalls.isLater(label))) {
            throw Errors.validation("The supplied release label is invalid: " + label + ".");
        }
        if (request.customAmiId() != null && !release.atLeast(5, 7)) {
            // API_RunJobFlow: "Available only in Amazon EMR releases 5.7.0 and later"; the text is that of moto.
            throw Errors.validation("Custom AMI is not allowed");
        }
        checkApplications(label, request.applications());
        instanceTypes(request.instances()).forEach(type -> checkInstanceType(label, type));
        // The text is the emulator's own: no record of EMR's is known.
        if (request.logUri() != null && !S3_LOCATION.matcher(request.logUri()).matches()) {
            throw Errors.validation("The LogUri '" + request.logUri()
                    + "' is not valid: it must be a location in Amazon S3, such as s3://bucket/logs/.");
        }
        return release;
    }

    /** EMR takes names in any case. The texts are the emulator's own: no record of EMR's is known. */
    private static void checkApplications(String label, List<Application> applications) {
        for (Application application : applications) {
            String name = application.name();
            if (name == null || name.isEmpty()) {
                throw Errors.validation("The name of an application must be specified.");
            } else if (ApplicationVersions.has(label) && ApplicationVersions.find(label, name) == null) {
                throw Errors.validation(
                        "The application " + name + " is not available in release label " + label + ".");
            }
        }
    }

    /**
     * The text is EMR's: github.com/boto/botocore/issues/1147 and
     * github.com/hashicorp/terraform-provider-aws/issues/33998.
     */
    static void checkInstanceType(@Nullable String label, @Nullable String type) {
        if (label != null && type != null && !ReleaseCalls.mayHaveType(label, type)) {
            throw Errors.validation("Instance type '" + type + "' is not supported.");
        }
    }

    static void checkFleetTypes(@Nullable String label, InstanceFleetConfig fleet) {
        fleet.instanceTypeConfigs().forEach(type -> checkInstanceType(label, type.instanceType()));
    }

    private static ImmutableList<String> instanceTypes(JobFlowInstancesConfig instances) {
        return Stream.of(
                        Stream.of(instances.masterInstanceType(), instances.slaveInstanceType()),
                        instances.instanceGroups().stream().map(InstanceGroupConfig::instanceType),
                        instances.instanceFleets().stream()
                                .flatMap(fleet -> fleet.instanceTypeConfigs().stream())
                                .map(InstanceTypeConfig::instanceType))
                .flatMap(types -> types)
                .filter(type -> type != null && !type.isEmpty())
                .collect(ImmutableList.toImmutableList());
    }
}
