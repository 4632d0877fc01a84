package dev.emrys.emulator;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.AutoTerminationPolicy;
import software.amazon.awssdk.services.emr.model.ComputeLimits;
import software.amazon.awssdk.services.emr.model.ComputeLimitsUnitType;
import software.amazon.awssdk.services.emr.model.InstanceFleetConfig;
import software.amazon.awssdk.services.emr.model.InstanceFleetType;
import software.amazon.awssdk.services.emr.model.InstanceGroupConfig;
import software.amazon.awssdk.services.emr.model.InstanceRoleType;
import software.amazon.awssdk.services.emr.model.InstanceTypeConfig;
import software.amazon.awssdk.services.emr.model.JobFlowInstancesConfig;
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest;
import software.amazon.awssdk.services.emr.model.Tag;

/**
 * The rules of RunJobFlow beyond the service model's constraints. Where known, the texts are EMR's, taken from mrjob's
 * mock, whose authors tested the live API.
 */
final class RunJobFlowRules {

    private static final int MAX_TAGS = 50;
    private static final int MAX_BOOTSTRAP_ACTIONS = 16;
    private static final int MAX_GROUP = 2000;
    private static final int MAX_TASK_GROUPS = 48;
    private static final int MAX_FLEET_TYPES = 30;
    private static final int MAX_FLEET_TYPES_WITHOUT_STRATEGY = 5;
    private static final long MIN_IDLE = 60;
    private static final long MAX_IDLE = 604_800;
    private static final long DEFAULT_IDLE = 3600;

    private RunJobFlowRules() {}

    static void check(RunJobFlowRequest request) {
        Release release = release(request);
        require(isSet(request.serviceRole()), "ServiceRole is required for creating cluster.");
        require(isSet(request.jobFlowRole()), "InstanceProfile is required for creating cluster.");
        checkInstances(request.instances());
        checkTags(request.tags());
        require(
                request.bootstrapActions().size() <= MAX_BOOTSTRAP_ACTIONS,
                "A cluster can have at most " + MAX_BOOTSTRAP_ACTIONS + " bootstrap actions.");
        if (request.stepConcurrencyLevel() != null) {
            checkConcurrency(request.stepConcurrencyLevel());
            require(
                    request.stepConcurrencyLevel() == 1 || release.atLeast(5, 28),
                    "Step concurrency is not supported for release label " + request.releaseLabel() + ".");
        }
        if (request.autoTerminationPolicy() != null) {
            require(
                    release.has530Features(),
                    "Auto-termination is not supported for release label " + request.releaseLabel() + ".");
            idleTimeout(request.autoTerminationPolicy());
        }
        CloudWatchRules.check(request, release);
        if (request.managedScalingPolicy() != null) {
            require(
                    release.has530Features(),
                    "Managed scaling is not supported for release label " + request.releaseLabel() + ".");
            checkLimits(
                    request.managedScalingPolicy().computeLimits(),
                    !request.instances().instanceFleets().isEmpty());
        }
        StepCalls.checkSteps(
                request.steps(), request.stepConcurrencyLevel() == null ? 1 : request.stepConcurrencyLevel());
    }

    static void checkConcurrency(int level) {
        require(level >= 1 && level <= 256, "Invalid step concurrency level. Allowed level is from 1 to 256");
    }

    /** The policy's idle timeout in seconds, one hour if it does not say. */
    static long idleTimeout(AutoTerminationPolicy policy) {
        long seconds = policy.idleTimeout() == null ? DEFAULT_IDLE : policy.idleTimeout();
        require(
                seconds >= MIN_IDLE && seconds <= MAX_IDLE,
                "The idle timeout must be between " + MIN_IDLE + " and " + MAX_IDLE + " seconds.");
        return seconds;
    }

    static void checkTags(List<Tag> tags) {
        require(tags.size() <= MAX_TAGS, "A cluster can have at most " + MAX_TAGS + " tags.");
        Set<String> keys = new LinkedHashSet<>();
        for (Tag tag : tags) {
            String key = tag.key() == null ? "" : tag.key();
            String value = tag.value() == null ? "" : tag.value();
            require(
                    !key.isEmpty() && key.length() <= 128,
                    "The tag key '" + key + "' is not valid: a key has 1 to 128 characters.");
            require(
                    value.length() <= 256,
                    "The value of tag '" + key + "' is not valid: a value has at most 256 characters.");
            require(
                    !key.regionMatches(true, 0, "aws:", 0, 4),
                    "The tag key '" + key + "' is not valid: keys that start with aws: are reserved.");
            require(keys.add(key), "The tag key '" + key + "' is given twice.");
        }
    }

    private static Release release(RunJobFlowRequest request) {
        boolean old = isSet(request.amiVersion()) || isSet(request.instances().hadoopVersion());
        require(
                isSet(request.releaseLabel()) != old,
                "Must specify exactly one of the following: release label, AMI version, or Hadoop version.");
        require(
                !old,
                "Emrys's emulator does not emulate AMI versions and Hadoop versions:"
                        + " give a release label, for instance emr-7.8.0.");
        return ReleaseRules.check(request);
    }

    private static void checkInstances(JobFlowInstancesConfig instances) {
        boolean byCount = instances.instanceCount() != null
                || isSet(instances.masterInstanceType())
                || isSet(instances.slaveInstanceType());
        int styles = (byCount ? 1 : 0)
                + (instances.instanceGroups().isEmpty() ? 0 : 1)
                + (instances.instanceFleets().isEmpty() ? 0 : 1);
        require(
                styles == 1,
                "Please configure instances using one and only one of the following: instance groups; instance fleets;"
                        + " instance count, master and slave instance type.");
        if (byCount) {
            checkCount(instances);
        } else if (!instances.instanceGroups().isEmpty()) {
            checkGroups(instances.instanceGroups());
        } else {
            checkFleets(instances.instanceFleets());
        }
        require(
                !isSet(instances.ec2SubnetId()) || instances.ec2SubnetIds().isEmpty(),
                "Only one of Ec2SubnetId and Ec2SubnetIds can be specified.");
    }

    private static void checkCount(JobFlowInstancesConfig instances) {
        int count = instances.instanceCount() == null ? 0 : instances.instanceCount();
        require(count >= 1 && count <= MAX_GROUP, "The instance count must be between 1 and " + MAX_GROUP + ".");
        require(isSet(instances.masterInstanceType()), "The master instance type must be specified.");
        require(
                count == 1 || isSet(instances.slaveInstanceType()),
                "The slave instance type must be specified when there is more than one instance.");
    }

    private static void checkGroups(List<InstanceGroupConfig> groups) {
        long masters = count(groups, InstanceRoleType.MASTER);
        require(
                masters > 0,
                "Zero master instance groups supplied, you must specify exactly one master instance group");
        require(
                masters == 1,
                "Multiple master instance groups supplied, you must specify exactly one" + " master instance group");
        long cores = count(groups, InstanceRoleType.CORE);
        require(cores <= 1, "Multiple core instance groups supplied, you may specify at most one core instance group");
        long tasks = count(groups, InstanceRoleType.TASK);
        require(tasks == 0 || cores == 1, "Clusters with task nodes must also define core nodes.");
        checkTaskGroups(tasks);
        groups.forEach(group -> checkCount(group.instanceRole(), group.instanceCount()));
    }

    static void checkCount(InstanceRoleType role, int size) {
        // The text is that of moto.
        require(
                role != InstanceRoleType.MASTER || size < 2 || size == 3,
                "Master instance group must have exactly 3 instances for HA clusters.");
        boolean valid = switch (role) {
            case MASTER -> size == 1 || size == 3;
            case CORE -> size >= 1 && size <= MAX_GROUP;
            default -> size >= 0 && size <= MAX_GROUP;
        };
        require(valid, "The instance count " + size + " is not valid for an instance group of the role " + role + ".");
    }

    static void checkTaskGroups(long tasks) {
        require(tasks <= MAX_TASK_GROUPS, "A cluster can have at most " + MAX_TASK_GROUPS + " task instance groups.");
    }

    private static long count(List<InstanceGroupConfig> groups, InstanceRoleType role) {
        return groups.stream().filter(group -> group.instanceRole() == role).count();
    }

    private static void checkFleets(List<InstanceFleetConfig> fleets) {
        Set<InstanceFleetType> seen = new LinkedHashSet<>();
        for (InstanceFleetConfig fleet : fleets) {
            InstanceFleetType type = fleet.instanceFleetType();
            require(seen.add(type), "Only one instance fleet of the type " + type + " can be specified.");
            checkFleet(fleet);
        }
        require(
                seen.contains(InstanceFleetType.MASTER),
                "Zero master instance fleets supplied, you must specify exactly one master instance fleet");
        require(
                !seen.contains(InstanceFleetType.TASK) || seen.contains(InstanceFleetType.CORE),
                "Clusters with task nodes must also define core nodes.");
    }

    static void checkFleet(InstanceFleetConfig fleet) {
        InstanceFleetType type = fleet.instanceFleetType();
        int capacity = orZero(fleet.targetOnDemandCapacity()) + orZero(fleet.targetSpotCapacity());
        if (type == InstanceFleetType.MASTER) {
            require(
                    capacity == 1,
                    "The master instance fleet must have a target capacity of exactly 1, On-Demand or Spot.");
        } else {
            require(capacity >= 1, "The " + type + " instance fleet must have a target capacity of at least 1.");
        }
        checkTypes(fleet);
    }

    static void checkTypes(InstanceFleetConfig fleet) {
        boolean strategy = fleet.launchSpecifications() != null
                && ((fleet.launchSpecifications().onDemandSpecification() != null
                                && fleet.launchSpecifications()
                                                .onDemandSpecification()
                                                .allocationStrategy()
                                        != null)
                        || (fleet.launchSpecifications().spotSpecification() != null
                                && fleet.launchSpecifications()
                                                .spotSpecification()
                                                .allocationStrategy()
                                        != null));
        int max = strategy ? MAX_FLEET_TYPES : MAX_FLEET_TYPES_WITHOUT_STRATEGY;
        int size = fleet.instanceTypeConfigs().size();
        require(
                size >= 1 && size <= max,
                "The " + fleet.instanceFleetType() + " instance fleet has " + size
                        + " instance types: it must have 1 to " + max + ".");
        Set<String> names = new LinkedHashSet<>();
        for (InstanceTypeConfig type : fleet.instanceTypeConfigs()) {
            require(
                    names.add(type.instanceType()),
                    "The instance type " + type.instanceType() + " is given twice in the " + fleet.instanceFleetType()
                            + " instance fleet.");
            require(
                    type.bidPrice() == null || type.bidPriceAsPercentageOfOnDemandPrice() == null,
                    "Only one of BidPrice and BidPriceAsPercentageOfOnDemandPrice can be specified for the instance type "
                            + type.instanceType() + ".");
        }
    }

    /** @param fleets whether the cluster has instance fleets, whose capacity has units of its own */
    static void checkLimits(@Nullable ComputeLimits limits, boolean fleets) {
        if (limits == null) {
            throw Errors.validation("ComputeLimits is required in a managed scaling policy.");
        }
        int max = limits.maximumCapacityUnits();
        require(
                limits.minimumCapacityUnits() >= 1 && limits.minimumCapacityUnits() <= max,
                "MinimumCapacityUnits must be at least 1 and at most MaximumCapacityUnits.");
        require(
                fleets == (limits.unitType() == ComputeLimitsUnitType.INSTANCE_FLEET_UNITS),
                "The unit type " + limits.unitTypeAsString() + " is not valid for a cluster with "
                        + (fleets
                                ? "instance fleets: use InstanceFleetUnits."
                                : "instance groups: use Instances or VCPU."));
        checkPart("MaximumOnDemandCapacityUnits", limits.maximumOnDemandCapacityUnits(), max);
        checkPart("MaximumCoreCapacityUnits", limits.maximumCoreCapacityUnits(), max);
    }

    private static void checkPart(String member, @Nullable Integer units, int max) {
        require(
                units == null || (units >= 0 && units <= max),
                member + " must be at least 0 and at most MaximumCapacityUnits.");
    }

    private static int orZero(@Nullable Integer number) {
        return number == null ? 0 : number;
    }

    private static boolean isSet(@Nullable String text) {
        return text != null && !text.isEmpty();
    }

    private static void require(boolean valid, String message) {
        if (!valid) {
            throw Errors.validation(message);
        }
    }
}
