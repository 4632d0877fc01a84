package dev.emrys.emulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.Cluster;
import software.amazon.awssdk.services.emr.model.ClusterStateChangeReasonCode;
import software.amazon.awssdk.services.emr.model.Instance;
import software.amazon.awssdk.services.emr.model.InstanceGroup;
import software.amazon.awssdk.services.emr.model.ListClustersRequest;
import software.amazon.awssdk.services.emr.model.TerminateJobFlowsRequest;

/**
 * DescribeJobFlows, which EMR has deprecated and the SDK does not have: the clusters in the form of the older API, as
 * JSON. What it selects is that of the API reference (API_DescribeJobFlows): clusters of the last two months, at most
 * 512; without parameters the active ones and those that were created and have ended in the last two weeks.
 */
final class JobFlowCalls {

    private static final int MAX_JOB_FLOWS = 512;
    private static final int MONTHS = 2;
    private static final int WEEKS = 2;

    private final Transactor transactor;

    JobFlowCalls(Transactor transactor) {
        this.transactor = transactor;
    }

    /** The parameters of a request. */
    record Filter(
            @Nullable Instant createdAfter,
            @Nullable Instant createdBefore,
            ImmutableList<String> ids,
            ImmutableSet<String> states) {

        /** @throws MalformedJsonException a member has the wrong type */
        static Filter of(JsonNode request) {
            // Newer operations have members of the same types.
            ListClustersRequest times = SdkJson.read(request, ListClustersRequest.builder());
            List<String> ids =
                    SdkJson.read(request, TerminateJobFlowsRequest.builder()).jobFlowIds();
            ObjectNode states = SdkJson.MAPPER.createObjectNode();
            states.set("ClusterStates", request.path("JobFlowStates"));
            if (states.path("ClusterStates").isMissingNode()) {
                states.removeAll();
            }
            return new Filter(
                    times.createdAfter(),
                    times.createdBefore(),
                    ImmutableList.copyOf(ids),
                    ImmutableSet.copyOf(
                            SdkJson.read(states, ListClustersRequest.builder()).clusterStatesAsStrings()));
        }

        boolean isEmpty() {
            return createdAfter == null && createdBefore == null && ids.isEmpty() && states.isEmpty();
        }
    }

    ObjectNode describe(AccountState account, Filter filter) {
        for (String id : filter.ids()) {
            if (account.find(id) == null) {
                throw Errors.validation(Errors.UNKNOWN_JOB_FLOW);
            }
        }
        Instant now = transactor.now();
        Stream<ClusterEntry> selected = account.newestBelow(Long.MAX_VALUE)
                .filter(entry -> entry.cluster().visible(now) && matches(filter, entry.cluster(), now))
                .limit(MAX_JOB_FLOWS);
        ObjectNode response = SdkJson.MAPPER.createObjectNode();
        ArrayNode jobFlows = response.putArray("JobFlows");
        selected.forEach(entry -> jobFlows.add(jobFlow(entry, now)));
        return response;
    }

    private static boolean matches(Filter filter, ClusterRecord record, Instant now) {
        Instant created = record.cluster().status().timeline().creationDateTime();
        if (created.isBefore(now.atOffset(ZoneOffset.UTC).minusMonths(MONTHS).toInstant())) {
            return false;
        } else if (filter.isEmpty()) {
            return !record.isTerminal()
                    || !created.isBefore(
                            now.atOffset(ZoneOffset.UTC).minusWeeks(WEEKS).toInstant());
        }
        return (filter.ids().isEmpty() || filter.ids().contains(record.id()))
                && (filter.states().isEmpty() || filter.states().contains(state(record)))
                && (filter.createdAfter() == null || !created.isBefore(filter.createdAfter()))
                && (filter.createdBefore() == null || !created.isAfter(filter.createdBefore()));
    }

    private static ObjectNode jobFlow(ClusterEntry entry, Instant now) {
        ObjectNode cluster = SdkJson.tree(entry.cluster().cluster());
        ObjectNode request = SdkJson.tree(entry.clusterRequest.request());
        ObjectNode json = SdkJson.MAPPER.createObjectNode();
        json.put("JobFlowId", entry.cluster().id());
        copy(cluster, json, "Name", "LogUri", "LogEncryptionKmsKeyId", "VisibleToAllUsers", "ServiceRole");
        copy(cluster, json, "AutoScalingRole", "ScaleDownBehavior");
        copy(request, json, "JobFlowRole");
        json.set(
                "SupportedProducts",
                request.has("SupportedProducts") ? request.get("SupportedProducts") : json.arrayNode());
        json.set("ExecutionStatusDetail", status(cluster.path("Status"), state(entry.cluster())));
        json.set("Instances", instances(entry, request, now));
        ArrayNode steps = json.putArray("Steps");
        entry.newestBelow(Long.MAX_VALUE)
                .collect(ImmutableList.toImmutableList())
                .reverse()
                .forEach(step -> steps.add(step(step)));
        ArrayNode actions = json.putArray("BootstrapActions");
        request.path("BootstrapActions").forEach(action -> actions.addObject().set("BootstrapActionConfig", action));
        return json;
    }

    private static ObjectNode instances(ClusterEntry entry, ObjectNode request, Instant now) {
        Cluster cluster = entry.cluster().cluster();
        List<Instance> all = Instances.instances(entry, id -> true, now);
        ObjectNode json = SdkJson.MAPPER.createObjectNode();
        copy(SdkJson.tree(cluster), json, "MasterPublicDnsName", "NormalizedInstanceHours", "TerminationProtected");
        copy(SdkJson.tree(cluster), json, "UnhealthyNodeReplacement");
        copy(request.path("Instances"), json, "Ec2KeyName", "Ec2SubnetId");
        // Absent in clusters that an older version of the emulator has stored.
        String zone = cluster.ec2InstanceAttributes().ec2AvailabilityZone();
        if (zone != null) {
            json.putObject("Placement").put("AvailabilityZone", zone);
        }
        json.put("InstanceCount", all.size());
        json.put("KeepJobFlowAliveWhenNoSteps", !Boolean.TRUE.equals(cluster.autoTerminate()));
        for (Instance instance : all) {
            boolean primary = isPrimary(entry, instance);
            String member = primary ? "MasterInstanceType" : "SlaveInstanceType";
            if (!json.has(member)) {
                json.put(member, instance.instanceType());
            }
            if (primary && !json.has("MasterInstanceId")) {
                json.put("MasterInstanceId", instance.ec2InstanceId());
            }
        }
        if (!Instances.hasFleets(entry)) {
            ArrayNode groups = json.putArray("InstanceGroups");
            Instances.groups(entry, now).forEach(group -> groups.add(group(group)));
        }
        return json;
    }

    private static boolean isPrimary(ClusterEntry entry, Instance instance) {
        String role = Instances.hasFleets(entry)
                ? entry.parts().fleets().stream()
                        .filter(fleet -> fleet.id().equals(instance.instanceFleetId()))
                        .map(fleet -> fleet.config().instanceFleetTypeAsString())
                        .findFirst()
                        .orElse("")
                : entry.parts().groups().stream()
                        .filter(group -> group.id().equals(instance.instanceGroupId()))
                        .map(group -> group.config().instanceRoleAsString())
                        .findFirst()
                        .orElse("");
        return role.equals("MASTER");
    }

    private static ObjectNode group(InstanceGroup group) {
        ObjectNode tree = SdkJson.tree(group);
        ObjectNode json = status(tree.path("Status"), group.status().stateAsString());
        copy(tree, json, "Name", "Market", "BidPrice", "InstanceType", "CustomAmiId");
        json.put("InstanceGroupId", group.id());
        json.put("InstanceRole", group.instanceGroupTypeAsString());
        json.put("InstanceRequestCount", group.requestedInstanceCount());
        json.put("InstanceRunningCount", group.runningInstanceCount());
        return json;
    }

    private static ObjectNode step(StepRecord record) {
        ObjectNode step = SdkJson.tree(record.step());
        ObjectNode jar = SdkJson.MAPPER.createObjectNode();
        copy(step.path("Config"), jar, "Jar", "MainClass", "Args");
        ArrayNode properties = jar.putArray("Properties");
        step.path("Config")
                .path("Properties")
                .properties()
                .forEach(property ->
                        properties.addObject().put("Key", property.getKey()).set("Value", property.getValue()));
        ObjectNode config = SdkJson.MAPPER.createObjectNode();
        copy(step, config, "Name", "ActionOnFailure");
        config.set("HadoopJarStep", jar);
        ObjectNode json = SdkJson.MAPPER.createObjectNode();
        json.set("StepConfig", config);
        // The older API has no state CANCEL_PENDING: the step still runs.
        String state = record.step().status().stateAsString();
        json.set(
                "ExecutionStatusDetail",
                status(step.path("Status"), state.equals("CANCEL_PENDING") ? "RUNNING" : state));
        return json;
    }

    /** @param status with a timeline and the reason of the last change, in any of the newer API's forms */
    private static ObjectNode status(JsonNode status, String state) {
        ObjectNode json = SdkJson.MAPPER.createObjectNode().put("State", state);
        JsonNode timeline = status.path("Timeline");
        copy(timeline, json, "CreationDateTime", "StartDateTime", "ReadyDateTime", "EndDateTime");
        if (!json.has("StartDateTime") && timeline.has("ReadyDateTime")) {
            json.set("StartDateTime", timeline.get("ReadyDateTime"));
        }
        JsonNode reason = status.path("StateChangeReason").path("Message");
        if (reason.isTextual()) {
            json.set("LastStateChangeReason", reason);
        }
        return json;
    }

    private static String state(ClusterRecord record) {
        return switch (record.state()) {
            case TERMINATING -> "SHUTTING_DOWN";
            case TERMINATED_WITH_ERRORS -> "FAILED";
            case TERMINATED ->
                record.cluster().status().stateChangeReason().code() == ClusterStateChangeReasonCode.ALL_STEPS_COMPLETED
                        ? "COMPLETED"
                        : "TERMINATED";
            default -> record.state().toString();
        };
    }

    private static void copy(JsonNode from, ObjectNode to, String... members) {
        for (String member : members) {
            if (from.has(member)) {
                to.set(member, from.get(member));
            }
        }
    }
}
