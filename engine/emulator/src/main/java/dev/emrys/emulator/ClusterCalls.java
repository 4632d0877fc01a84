package dev.emrys.emulator;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import dev.emrys.emulator.Pages.Page;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.Application;
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
import software.amazon.awssdk.services.emr.model.PlacementType;
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest;
import software.amazon.awssdk.services.emr.model.RunJobFlowResponse;
import software.amazon.awssdk.services.emr.model.SimplifiedApplication;
import software.amazon.awssdk.services.emr.model.TerminateJobFlowsRequest;

/** The operations that create, show and terminate clusters. Each method is the body of one transaction. */
final class ClusterCalls {

    private static final int MAX_TERMINATED_AT_ONCE = 10;

    private final EmulatorSettings settings;
    private final Transactor transactor;
    private final Lifecycle lifecycle;
    private final StepCalls steps;

    ClusterCalls(EmulatorSettings settings, Transactor transactor, Lifecycle lifecycle, StepCalls steps) {
        this.settings = settings;
        this.transactor = transactor;
        this.lifecycle = lifecycle;
        this.steps = steps;
    }

    RunJobFlowResponse run(AccountState account, RunJobFlowRequest request) {
        RunJobFlowRules.check(request);
        SecurityCalls.checkExists(account, request.securityConfiguration());
        if (account.liveCount() >= settings.maxActiveClusters()) {
            throw Errors.validation("The number of active clusters exceeds the limit of " + settings.maxActiveClusters()
                    + " for this account.");
        }
        String id = transactor.newId("j-");
        RunJobFlowRequest kept = withoutSecrets(request);
        Instant now = transactor.now();
        ClusterRecord record = new ClusterRecord(
                account.nextSequence(),
                clusterOf(id, kept, now),
                now.plus(settings.starting()),
                now,
                transactor.hideUntil(),
                request.autoTerminationPolicy() == null
                        ? null
                        : RunJobFlowRules.idleTimeout(request.autoTerminationPolicy()),
                false,
                null);
        ClusterEntry entry = account.addCluster(record, new ClusterRequest(id, kept, groupIds(kept.instances())));
        steps.append(account, entry, request.steps(), request.stepExecutionRoleArn());
        lifecycle.created(entry);
        return RunJobFlowResponse.builder()
                .jobFlowId(id)
                .clusterArn(record.cluster().clusterArn())
                .build();
    }

    DescribeClusterResponse describe(AccountState account, DescribeClusterRequest request) {
        return DescribeClusterResponse.builder()
                .cluster(account.cluster(request.clusterId()).cluster().cluster())
                .build();
    }

    ListClustersResponse list(AccountState account, ListClustersRequest request) {
        Instant now = transactor.now();
        ImmutableList<ClusterState> states = ImmutableList.copyOf(request.clusterStates());
        Stream<ClusterRecord> left = account.newestBelow(Pages.startingBelow("ListClusters", request.marker()))
                .map(ClusterEntry::cluster)
                .filter(cluster -> cluster.visible(now)
                        && (states.isEmpty() || states.contains(cluster.state()))
                        && createdWithin(cluster, request));
        Page<ClusterRecord> page = Pages.of("ListClusters", left, ClusterRecord::sequence);
        return ListClustersResponse.builder()
                .clusters(page.items().stream().map(ClusterCalls::summary).toList())
                .marker(page.marker())
                .build();
    }

    /**
     * Terminates the clusters that are not protected; returns the error for the protected ones, which is thrown after
     * the transaction: as on EMR, the unprotected clusters of the same call terminate.
     */
    Optional<EmrException> terminate(AccountState account, TerminateJobFlowsRequest request) {
        List<String> ids = request.jobFlowIds();
        if (ids.isEmpty() || ids.size() > MAX_TERMINATED_AT_ONCE) {
            throw Errors.validation("TerminateJobFlows takes 1 to " + MAX_TERMINATED_AT_ONCE + " job flow IDs, not "
                    + ids.size() + ".");
        }
        for (String id : ids) {
            if (account.find(id) == null) {
                throw Errors.validation(Errors.UNKNOWN_JOB_FLOW);
            }
        }
        boolean anyProtected = false;
        for (String id : ids) {
            ClusterEntry entry = account.cluster(id);
            if (entry.cluster().modifiable()
                    && Boolean.TRUE.equals(entry.cluster().cluster().terminationProtected())) {
                anyProtected = true;
            } else {
                lifecycle.terminate(
                        account, entry, ClusterStateChangeReasonCode.USER_REQUEST, "Terminated by user request");
            }
        }
        return anyProtected
                ? Optional.of(Errors.validation(
                        "Could not shut down one or more job flows since they are termination protected."))
                : Optional.empty();
    }

    private Cluster clusterOf(String id, RunJobFlowRequest request, Instant now) {
        // Most members have the same name in the request and in the cluster: they are copied by name.
        Cluster copied = SdkJson.read(SdkJson.tree(request), Cluster.builder());
        JobFlowInstancesConfig instances = request.instances();
        boolean fleets = !instances.instanceFleets().isEmpty();
        boolean threeMasters = ClusterParts.groupConfigs(instances).stream()
                .anyMatch(group -> "MASTER".equals(group.instanceRoleAsString()) && group.instanceCount() == 3);
        return copied.toBuilder()
                .id(id)
                .clusterArn(settings.arn("cluster/" + id))
                // Lists without elements are shown, as EMR does.
                .applications(applications(request))
                .tags(List.copyOf(request.tags()))
                .configurations(List.copyOf(request.configurations()))
                .instanceCollectionType(
                        fleets ? InstanceCollectionType.INSTANCE_FLEET : InstanceCollectionType.INSTANCE_GROUP)
                // Several primary nodes: EMR sets termination protection and keeps the cluster alive.
                .autoTerminate(!threeMasters && !Boolean.TRUE.equals(instances.keepJobFlowAliveWhenNoSteps()))
                .terminationProtected(threeMasters || Boolean.TRUE.equals(instances.terminationProtected()))
                .unhealthyNodeReplacement(instances.unhealthyNodeReplacement())
                .visibleToAllUsers(!Boolean.FALSE.equals(request.visibleToAllUsers()))
                .stepConcurrencyLevel(request.stepConcurrencyLevel() == null ? 1 : request.stepConcurrencyLevel())
                .normalizedInstanceHours(0)
                .placementGroups(List.copyOf(request.placementGroupConfigs()))
                .ec2InstanceAttributes(ec2 -> ec2.ec2KeyName(instances.ec2KeyName())
                        .ec2SubnetId(instances.ec2SubnetId())
                        .ec2AvailabilityZone(zone(instances.placement()))
                        .requestedEc2AvailabilityZones(zones(instances.placement()))
                        .requestedEc2SubnetIds(List.copyOf(instances.ec2SubnetIds()))
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

    /** The requested zone, the first of several ones, or the first one of the region. */
    private String zone(@Nullable PlacementType placement) {
        if (placement != null && placement.availabilityZone() != null) {
            return placement.availabilityZone();
        }
        return zones(placement).stream().findFirst().orElse(settings.region() + "a");
    }

    private static List<String> zones(@Nullable PlacementType placement) {
        return placement == null ? List.of() : List.copyOf(placement.availabilityZones());
    }

    /** With EMR's names and versions, where they are known. */
    private static ImmutableList<Application> applications(RunJobFlowRequest request) {
        return request.applications().stream()
                .map(one -> {
                    SimplifiedApplication known = ApplicationVersions.find(request.releaseLabel(), one.name());
                    return known == null
                            ? one
                            : one.toBuilder()
                                    .name(known.name())
                                    .version(known.version())
                                    .build();
                })
                .collect(toImmutableList());
    }

    private ImmutableList<String> groupIds(JobFlowInstancesConfig instances) {
        ImmutableList.Builder<String> ids = ImmutableList.builder();
        instances.instanceFleets().forEach(fleet -> ids.add(transactor.newId("if-")));
        ClusterParts.groupConfigs(instances).forEach(group -> ids.add(transactor.newId("ig-")));
        return ids.build();
    }

    /** Passwords are not stored; steps are stored separately. */
    private static RunJobFlowRequest withoutSecrets(RunJobFlowRequest request) {
        RunJobFlowRequest.Builder kept = request.toBuilder().steps(List.of());
        KerberosAttributes kerberos = request.kerberosAttributes();
        if (kerberos != null) {
            kept.kerberosAttributes(kerberos.toBuilder()
                    .kdcAdminPassword(ConfidentialValues.HIDDEN)
                    .crossRealmTrustPrincipalPassword(
                            kerberos.crossRealmTrustPrincipalPassword() == null ? null : ConfidentialValues.HIDDEN)
                    .adDomainJoinPassword(kerberos.adDomainJoinPassword() == null ? null : ConfidentialValues.HIDDEN)
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
