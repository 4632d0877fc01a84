package dev.emrys.emulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import dev.emrys.emulator.OperationExecutor.DeferredError;
import java.time.Instant;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.EmrServiceClientConfiguration;
import software.amazon.awssdk.services.emr.model.AddJobFlowStepsRequest;
import software.amazon.awssdk.services.emr.model.AddJobFlowStepsResponse;
import software.amazon.awssdk.services.emr.model.AddTagsRequest;
import software.amazon.awssdk.services.emr.model.AddTagsResponse;
import software.amazon.awssdk.services.emr.model.CancelStepsRequest;
import software.amazon.awssdk.services.emr.model.CancelStepsResponse;
import software.amazon.awssdk.services.emr.model.ClusterStateChangeReasonCode;
import software.amazon.awssdk.services.emr.model.DescribeClusterRequest;
import software.amazon.awssdk.services.emr.model.DescribeClusterResponse;
import software.amazon.awssdk.services.emr.model.DescribeStepRequest;
import software.amazon.awssdk.services.emr.model.DescribeStepResponse;
import software.amazon.awssdk.services.emr.model.EmrException;
import software.amazon.awssdk.services.emr.model.GetAutoTerminationPolicyRequest;
import software.amazon.awssdk.services.emr.model.GetAutoTerminationPolicyResponse;
import software.amazon.awssdk.services.emr.model.ListBootstrapActionsRequest;
import software.amazon.awssdk.services.emr.model.ListBootstrapActionsResponse;
import software.amazon.awssdk.services.emr.model.ListClustersRequest;
import software.amazon.awssdk.services.emr.model.ListClustersResponse;
import software.amazon.awssdk.services.emr.model.ListInstanceFleetsRequest;
import software.amazon.awssdk.services.emr.model.ListInstanceFleetsResponse;
import software.amazon.awssdk.services.emr.model.ListInstanceGroupsRequest;
import software.amazon.awssdk.services.emr.model.ListInstanceGroupsResponse;
import software.amazon.awssdk.services.emr.model.ListInstancesRequest;
import software.amazon.awssdk.services.emr.model.ListInstancesResponse;
import software.amazon.awssdk.services.emr.model.ListStepsRequest;
import software.amazon.awssdk.services.emr.model.ListStepsResponse;
import software.amazon.awssdk.services.emr.model.ModifyClusterRequest;
import software.amazon.awssdk.services.emr.model.ModifyClusterResponse;
import software.amazon.awssdk.services.emr.model.PutAutoTerminationPolicyRequest;
import software.amazon.awssdk.services.emr.model.PutAutoTerminationPolicyResponse;
import software.amazon.awssdk.services.emr.model.RemoveAutoTerminationPolicyRequest;
import software.amazon.awssdk.services.emr.model.RemoveAutoTerminationPolicyResponse;
import software.amazon.awssdk.services.emr.model.RemoveTagsRequest;
import software.amazon.awssdk.services.emr.model.RemoveTagsResponse;
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest;
import software.amazon.awssdk.services.emr.model.RunJobFlowResponse;
import software.amazon.awssdk.services.emr.model.SetKeepJobFlowAliveWhenNoStepsRequest;
import software.amazon.awssdk.services.emr.model.SetKeepJobFlowAliveWhenNoStepsResponse;
import software.amazon.awssdk.services.emr.model.SetTerminationProtectionRequest;
import software.amazon.awssdk.services.emr.model.SetTerminationProtectionResponse;
import software.amazon.awssdk.services.emr.model.SetUnhealthyNodeReplacementRequest;
import software.amazon.awssdk.services.emr.model.SetUnhealthyNodeReplacementResponse;
import software.amazon.awssdk.services.emr.model.SetVisibleToAllUsersRequest;
import software.amazon.awssdk.services.emr.model.SetVisibleToAllUsersResponse;
import software.amazon.awssdk.services.emr.model.TerminateJobFlowsRequest;
import software.amazon.awssdk.services.emr.model.TerminateJobFlowsResponse;
import software.amazon.awssdk.services.emr.waiters.EmrWaiter;

/**
 * An EMR account on this machine, behind the SDK's own client interface: state machines, limits, error shapes and texts
 * as EMR documents them (API reference 2009-03-31 and the management guide) and, where the documentation is
 * unclear, stricter. Steps are executed by the
 * {@link StepRunner}; every change is in the {@link EmulatorStore} before it is acted upon or answered.
 *
 * <p>Operations throw what the SDK's client would: {@link EmrException}s with the code of the service. What cannot be
 * done on this machine is rejected with a ValidationException, or fails, and says so. Thread-safe.
 */
public final class Emulator extends AccountOperations implements AutoCloseable {

    private final EmulatorPorts ports;
    private final EmulatorSettings settings;
    private final Transactor transactor;
    private final Lifecycle lifecycle;
    private final StepCalls steps;
    private final ClusterCalls clusters;
    private final SettingCalls settingCalls;
    private final InstanceCalls instances;
    private final JobFlowCalls jobFlows;

    /** An empty account; {@link #recover} loads what is stored. */
    public Emulator(EmulatorPorts ports, EmulatorSettings settings) {
        super(ports, settings, new Transactor(ports));
        this.ports = ports;
        this.settings = settings;
        transactor = operations().transactor();
        lifecycle = new Lifecycle(ports, settings, transactor, faultRules());
        steps = new StepCalls(transactor, lifecycle);
        clusters = new ClusterCalls(settings, transactor, lifecycle, steps);
        settingCalls = new SettingCalls(lifecycle);
        instances = new InstanceCalls(transactor);
        jobFlows = new JobFlowCalls(transactor);
    }

    /**
     * Loads the store and continues from it: schedules timers again and passes running steps to the runner again
     * (before a cancellation that was already requested). Call it once, before any operation.
     */
    public void recover() {
        ImmutableList<StoredDocument> stored = ports.store().load();
        transactor.transact(account -> {
            account.load(stored);
            account.all().forEach(entry -> lifecycle.resume(account, entry));
            account.all().forEach(entry -> lifecycle.resumed(account, entry));
            return true;
        });
        ImmutableList<String> replaced = transactor.read(account -> account.replacedRequests(stored));
        if (!replaced.isEmpty()) {
            ports.store().delete(Documents.CLUSTER_REQUEST_V0, replaced);
        }
        deleteExpired();
        transactor.purgeStore();
    }

    /** The time of the emulator. */
    public Instant now() {
        return transactor.now();
    }

    /** The id of the account: twelve digits. */
    public String accountId() {
        return settings.accountId();
    }

    /** The changes of the clusters' and steps' states since the start of this emulator. */
    public StateChanges stateChanges() {
        return transactor.stateChanges();
    }

    /** Whether any cluster has not ended yet. */
    public boolean hasLiveClusters() {
        return transactor.read(account -> account.liveCount() > 0);
    }

    /** When the last operation or state change was. */
    public Instant lastActivity() {
        return transactor.lastActivity();
    }

    /**
     * Ends every cluster, also protected ones.
     *
     * @param reason shown as the message of the clusters' state change
     */
    public void terminateAll(String reason) {
        transactor.transact(account -> {
            account.live()
                    .forEach(entry ->
                            lifecycle.terminate(account, entry, ClusterStateChangeReasonCode.USER_REQUEST, reason));
            return true;
        });
    }

    /** The fields of a request that are accepted and returned, but ignored: one text each. */
    public static ImmutableList<String> ignoredFields(RunJobFlowRequest request) {
        return IgnoredFields.of(request);
    }

    /**
     * Executes an operation that the SDK's client does not have.
     *
     * @param request the JSON object of the request
     * @return the JSON object of the response
     * @throws EmrException as the operations of the client
     * @throws MalformedJsonException a member of the request has the wrong type
     * @throws IllegalArgumentException the SDK's client has the operation
     */
    public ObjectNode call(String operation, JsonNode request) {
        if (SessionCalls.OPERATIONS.contains(operation)) {
            return callSessions(operation, request);
        } else if (!operation.equals("DescribeJobFlows")) {
            throw new IllegalArgumentException(operation + " is an operation of the client.");
        }
        JobFlowCalls.Filter filter = JobFlowCalls.Filter.of(request);
        return operations()
                .execute(
                        operation,
                        () -> Constraints.check(operation, request),
                        account -> jobFlows.describe(account, filter),
                        new DeferredError());
    }

    /** Stops. Stored state is kept and running steps continue. Later calls fail with an IllegalStateException. */
    @Override
    public void close() {
        transactor.close();
    }

    @Override
    public String serviceName() {
        return EmrClient.SERVICE_NAME;
    }

    @Override
    public EmrServiceClientConfiguration serviceClientConfiguration() {
        return EmrServiceClientConfiguration.builder()
                .region(Region.of(settings.region()))
                .build();
    }

    @Override
    public EmrWaiter waiter() {
        return EmrWaiter.builder().client(this).build();
    }

    @Override
    public RunJobFlowResponse runJobFlow(RunJobFlowRequest request) {
        return call("RunJobFlow", request, account -> clusters.run(account, request));
    }

    @Override
    public DescribeClusterResponse describeCluster(DescribeClusterRequest request) {
        return call("DescribeCluster", request, account -> clusters.describe(account, request));
    }

    @Override
    public ListClustersResponse listClusters(ListClustersRequest request) {
        return call("ListClusters", request, account -> clusters.list(account, request));
    }

    @Override
    public ListClustersResponse listClusters() {
        return listClusters(ListClustersRequest.builder().build());
    }

    @Override
    public TerminateJobFlowsResponse terminateJobFlows(TerminateJobFlowsRequest request) {
        // Thrown after the transaction: otherwise the terminations in the same call would be rolled back.
        DeferredError deferredError = new DeferredError();
        return operations()
                .call(
                        "TerminateJobFlows",
                        request,
                        account -> {
                            deferredError.set(clusters.terminate(account, request));
                            return TerminateJobFlowsResponse.builder().build();
                        },
                        deferredError);
    }

    @Override
    public AddJobFlowStepsResponse addJobFlowSteps(AddJobFlowStepsRequest request) {
        return call("AddJobFlowSteps", request, account -> steps.add(account, request));
    }

    @Override
    public CancelStepsResponse cancelSteps(CancelStepsRequest request) {
        return call("CancelSteps", request, account -> steps.cancel(account, request));
    }

    @Override
    public DescribeStepResponse describeStep(DescribeStepRequest request) {
        return call("DescribeStep", request, account -> steps.describe(account, request));
    }

    @Override
    public ListStepsResponse listSteps(ListStepsRequest request) {
        return call("ListSteps", request, account -> steps.list(account, request));
    }

    @Override
    public ListInstanceGroupsResponse listInstanceGroups(ListInstanceGroupsRequest request) {
        return call("ListInstanceGroups", request, account -> instances.groups(account, request));
    }

    @Override
    public ListInstanceFleetsResponse listInstanceFleets(ListInstanceFleetsRequest request) {
        return call("ListInstanceFleets", request, account -> instances.fleets(account, request));
    }

    @Override
    public ListInstancesResponse listInstances(ListInstancesRequest request) {
        return call("ListInstances", request, account -> instances.instances(account, request));
    }

    @Override
    public ListBootstrapActionsResponse listBootstrapActions(ListBootstrapActionsRequest request) {
        return call("ListBootstrapActions", request, account -> instances.bootstrapActions(account, request));
    }

    @Override
    public ModifyClusterResponse modifyCluster(ModifyClusterRequest request) {
        return call("ModifyCluster", request, account -> settingCalls.modify(account, request));
    }

    @Override
    public AddTagsResponse addTags(AddTagsRequest request) {
        return call("AddTags", request, account -> settingCalls.addTags(account, request));
    }

    @Override
    public RemoveTagsResponse removeTags(RemoveTagsRequest request) {
        return call("RemoveTags", request, account -> settingCalls.removeTags(account, request));
    }

    @Override
    public PutAutoTerminationPolicyResponse putAutoTerminationPolicy(PutAutoTerminationPolicyRequest request) {
        return call("PutAutoTerminationPolicy", request, account -> settingCalls.putPolicy(account, request));
    }

    @Override
    public GetAutoTerminationPolicyResponse getAutoTerminationPolicy(GetAutoTerminationPolicyRequest request) {
        return call("GetAutoTerminationPolicy", request, account -> settingCalls.getPolicy(account, request));
    }

    @Override
    public RemoveAutoTerminationPolicyResponse removeAutoTerminationPolicy(RemoveAutoTerminationPolicyRequest request) {
        return call("RemoveAutoTerminationPolicy", request, account -> settingCalls.removePolicy(account, request));
    }

    @Override
    public SetTerminationProtectionResponse setTerminationProtection(SetTerminationProtectionRequest request) {
        return call("SetTerminationProtection", request, account -> {
            settingCalls.change(
                    account,
                    request.jobFlowIds(),
                    cluster -> cluster.toBuilder()
                            .terminationProtected(request.terminationProtected())
                            .build());
            return SetTerminationProtectionResponse.builder().build();
        });
    }

    @Override
    public SetKeepJobFlowAliveWhenNoStepsResponse setKeepJobFlowAliveWhenNoSteps(
            SetKeepJobFlowAliveWhenNoStepsRequest request) {
        return call("SetKeepJobFlowAliveWhenNoSteps", request, account -> {
            settingCalls.change(
                    account,
                    request.jobFlowIds(),
                    cluster -> cluster.toBuilder()
                            .autoTerminate(!request.keepJobFlowAliveWhenNoSteps())
                            .build());
            return SetKeepJobFlowAliveWhenNoStepsResponse.builder().build();
        });
    }

    @Override
    public SetUnhealthyNodeReplacementResponse setUnhealthyNodeReplacement(SetUnhealthyNodeReplacementRequest request) {
        return call("SetUnhealthyNodeReplacement", request, account -> {
            settingCalls.change(
                    account,
                    request.jobFlowIds(),
                    cluster -> cluster.toBuilder()
                            .unhealthyNodeReplacement(request.unhealthyNodeReplacement())
                            .build());
            return SetUnhealthyNodeReplacementResponse.builder().build();
        });
    }

    @Override
    public SetVisibleToAllUsersResponse setVisibleToAllUsers(SetVisibleToAllUsersRequest request) {
        return call("SetVisibleToAllUsers", request, account -> {
            settingCalls.change(
                    account,
                    request.jobFlowIds(),
                    cluster -> cluster.toBuilder()
                            .visibleToAllUsers(request.visibleToAllUsers())
                            .build());
            return SetVisibleToAllUsersResponse.builder().build();
        });
    }

    private void deleteExpired() {
        Instant oldestVisible = transactor.now().minus(settings.retention());
        ImmutableList<ClusterEntry> old = transactor.read(account -> account.removeEndedBefore(oldestVisible));
        for (ClusterEntry entry : old) {
            ImmutableList<String> id = ImmutableList.of(entry.cluster().id());
            // The cluster last: while it is stored, a deletion that failed is repeated.
            ports.store()
                    .delete(Documents.STEP, entry.all().map(StepRecord::id).collect(ImmutableList.toImmutableList()));
            ports.store().delete(PartsDocuments.CLUSTER_PARTS, id);
            ports.store().delete(Documents.CLUSTER_REQUEST, id);
            ports.store().delete(Documents.CLUSTER_REQUEST_V0, id);
            ports.store().delete(Documents.CLUSTER, id);
        }
    }
}
