package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import dev.emrys.emulator.Pages.Page;
import dev.emrys.emulator.wire.SdkJson;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import software.amazon.awssdk.services.emr.model.Cluster;
import software.amazon.awssdk.services.emr.model.ClusterState;
import software.amazon.awssdk.services.emr.model.ClusterStateChangeReasonCode;
import software.amazon.awssdk.services.emr.model.ClusterSummary;
import software.amazon.awssdk.services.emr.model.DescribeClusterRequest;
import software.amazon.awssdk.services.emr.model.DescribeClusterResponse;
import software.amazon.awssdk.services.emr.model.EmrException;
import software.amazon.awssdk.services.emr.model.InstanceCollectionType;
import software.amazon.awssdk.services.emr.model.JobFlowInstancesConfig;
import software.amazon.awssdk.services.emr.model.KerberosAttributes;
import software.amazon.awssdk.services.emr.model.ListClustersRequest;
import software.amazon.awssdk.services.emr.model.ListClustersResponse;
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest;
import software.amazon.awssdk.services.emr.model.RunJobFlowResponse;
import software.amazon.awssdk.services.emr.model.TerminateJobFlowsRequest;

/** The operations that make, show and end clusters. Each method is one turn's body. */
final class ClusterCalls {

    private static final int MAX_TERMINATED_AT_ONCE = 10;
    private static final String HIDDEN = "****";

    private final EmulatorSettings settings;
    private final Turns turns;
    private final Lifecycle lifecycle;
    private final StepCalls steps;

    ClusterCalls(EmulatorSettings settings, Turns turns, Lifecycle lifecycle, StepCalls steps) {
        this.settings = settings;
        this.turns = turns;
        this.lifecycle = lifecycle;
        this.steps = steps;
    }

    RunJobFlowResponse run(Ledger ledger, RunJobFlowRequest request) {
        RunJobFlowRules.check(request);
        if (ledger.liveCount() >= settings.maxActiveClusters()) {
            throw Errors.validation("The number of active clusters exceeds the limit of " + settings.maxActiveClusters()
                    + " for this account.");
        }
        String id = turns.newId("j-");
        RunJobFlowRequest kept = withoutSecrets(request);
        Instant now = turns.now();
        ClusterRecord record = new ClusterRecord(
                ledger.nextSequence(),
                clusterOf(id, kept, now),
                now.plus(settings.starting()),
                now,
                turns.hideUntil(),
                request.autoTerminationPolicy() == null
                        ? null
                        : RunJobFlowRules.idleTimeout(request.autoTerminationPolicy()),
                false);
        Shelf shelf = ledger.open(record, new Blueprint(id, kept, groupIds(kept.instances())));
        steps.append(ledger, shelf, request.steps(), request.stepExecutionRoleArn());
        lifecycle.born(shelf);
        return RunJobFlowResponse.builder()
                .jobFlowId(id)
                .clusterArn(record.cluster().clusterArn())
                .build();
    }

    DescribeClusterResponse describe(Ledger ledger, DescribeClusterRequest request) {
        return DescribeClusterResponse.builder()
                .cluster(ledger.cluster(request.clusterId()).cluster().cluster())
                .build();
    }

    ListClustersResponse list(Ledger ledger, ListClustersRequest request) {
        Instant now = turns.now();
        ImmutableList<ClusterState> states = ImmutableList.copyOf(request.clusterStates());
        Stream<ClusterRecord> left = ledger.newestBelow(Pages.below(request.marker()))
                .map(Shelf::cluster)
                .filter(cluster -> cluster.visible(now)
                        && (states.isEmpty() || states.contains(cluster.state()))
                        && createdWithin(cluster, request));
        Page<ClusterRecord> page = Pages.of(left, ClusterRecord::sequence);
        return ListClustersResponse.builder()
                .clusters(page.items().stream().map(ClusterCalls::summary).toList())
                .marker(page.marker())
                .build();
    }

    /**
     * Ends what may be ended; returns the refusal for what is protected, which is thrown after the turn: the unprotected clusters
     * of the same call do end.
     */
    Optional<EmrException> terminate(Ledger ledger, TerminateJobFlowsRequest request) {
        List<String> ids = request.jobFlowIds();
        if (ids.isEmpty() || ids.size() > MAX_TERMINATED_AT_ONCE) {
            throw Errors.validation("TerminateJobFlows takes 1 to " + MAX_TERMINATED_AT_ONCE + " job flow IDs, not "
                    + ids.size() + ".");
        }
        for (String id : ids) {
            if (ledger.find(id) == null) {
                throw Errors.validation("Specified job flow ID does not exist");
            }
        }
        boolean refused = false;
        for (String id : ids) {
            Shelf shelf = ledger.cluster(id);
            if (shelf.cluster().modifiable()
                    && Boolean.TRUE.equals(shelf.cluster().cluster().terminationProtected())) {
                refused = true;
            } else {
                lifecycle.terminate(
                        ledger, shelf, ClusterStateChangeReasonCode.USER_REQUEST, "Terminated by user request");
            }
        }
        return refused
                ? Optional.of(Errors.validation(
                        "Could not shut down one or more job flows since they are termination protected."))
                : Optional.empty();
    }

    private Cluster clusterOf(String id, RunJobFlowRequest request, Instant now) {
        // Most members have the same name in the request and in the cluster: they are copied by name.
        Cluster copied = SdkJson.read(SdkJson.tree(request), Cluster.builder());
        JobFlowInstancesConfig instances = request.instances();
        boolean fleets = !instances.instanceFleets().isEmpty();
        boolean threeMasters = Instances.groupConfigs(instances).stream()
                .anyMatch(group -> "MASTER".equals(group.instanceRoleAsString()) && group.instanceCount() == 3);
        return copied.toBuilder()
                .id(id)
                .clusterArn(
                        "arn:aws:elasticmapreduce:" + settings.region() + ":" + settings.accountId() + ":cluster/" + id)
                .instanceCollectionType(
                        fleets ? InstanceCollectionType.INSTANCE_FLEET : InstanceCollectionType.INSTANCE_GROUP)
                // Several primary nodes: EMR sets termination protection and keeps the cluster alive.
                .autoTerminate(!threeMasters && !Boolean.TRUE.equals(instances.keepJobFlowAliveWhenNoSteps()))
                .terminationProtected(threeMasters || Boolean.TRUE.equals(instances.terminationProtected()))
                .unhealthyNodeReplacement(instances.unhealthyNodeReplacement())
                .visibleToAllUsers(!Boolean.FALSE.equals(request.visibleToAllUsers()))
                .stepConcurrencyLevel(request.stepConcurrencyLevel() == null ? 1 : request.stepConcurrencyLevel())
                .normalizedInstanceHours(0)
                .placementGroups(request.placementGroupConfigs())
                .ec2InstanceAttributes(ec2 -> ec2.ec2KeyName(instances.ec2KeyName())
                        .ec2SubnetId(instances.ec2SubnetId())
                        .requestedEc2SubnetIds(instances.ec2SubnetIds())
                        .iamInstanceProfile(request.jobFlowRole())
                        .emrManagedMasterSecurityGroup(instances.emrManagedMasterSecurityGroup())
                        .emrManagedSlaveSecurityGroup(instances.emrManagedSlaveSecurityGroup())
                        .serviceAccessSecurityGroup(instances.serviceAccessSecurityGroup())
                        .additionalMasterSecurityGroups(instances.additionalMasterSecurityGroups())
                        .additionalSlaveSecurityGroups(instances.additionalSlaveSecurityGroups()))
                .status(status -> status.state(ClusterState.STARTING)
                        .stateChangeReason(reason -> reason.message("Provisioning Amazon EC2 capacity"))
                        .timeline(time -> time.creationDateTime(now)))
                .build();
    }

    private ImmutableList<String> groupIds(JobFlowInstancesConfig instances) {
        ImmutableList.Builder<String> ids = ImmutableList.builder();
        instances.instanceFleets().forEach(fleet -> ids.add(turns.newId("if-")));
        Instances.groupConfigs(instances).forEach(group -> ids.add(turns.newId("ig-")));
        return ids.build();
    }

    /** Passwords are neither needed nor kept, and the steps are kept by themselves. */
    private static RunJobFlowRequest withoutSecrets(RunJobFlowRequest request) {
        RunJobFlowRequest.Builder kept = request.toBuilder().steps(List.of());
        KerberosAttributes kerberos = request.kerberosAttributes();
        if (kerberos != null) {
            kept.kerberosAttributes(kerberos.toBuilder()
                    .kdcAdminPassword(HIDDEN)
                    .crossRealmTrustPrincipalPassword(
                            kerberos.crossRealmTrustPrincipalPassword() == null ? null : HIDDEN)
                    .adDomainJoinPassword(kerberos.adDomainJoinPassword() == null ? null : HIDDEN)
                    .build());
        }
        return kept.build();
    }

    private static boolean createdWithin(ClusterRecord record, ListClustersRequest request) {
        Instant created = record.cluster().status().timeline().creationDateTime();
        return (request.createdAfter() == null || !created.isBefore(request.createdAfter()))
                && (request.createdBefore() == null || !created.isAfter(request.createdBefore()));
    }

    private static ClusterSummary summary(ClusterRecord record) {
        Cluster cluster = record.cluster();
        return ClusterSummary.builder()
                .id(cluster.id())
                .name(cluster.name())
                .status(cluster.status())
                .normalizedInstanceHours(cluster.normalizedInstanceHours())
                .clusterArn(cluster.clusterArn())
                .build();
    }
}
