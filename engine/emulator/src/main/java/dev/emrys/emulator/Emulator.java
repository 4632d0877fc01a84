package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsResponseMetadata;
import software.amazon.awssdk.awscore.DefaultAwsResponseMetadata;
import software.amazon.awssdk.core.SdkPojo;
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
import software.amazon.awssdk.services.emr.model.EmrResponse;
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
import software.amazon.awssdk.services.emr.model.SetVisibleToAllUsersRequest;
import software.amazon.awssdk.services.emr.model.SetVisibleToAllUsersResponse;
import software.amazon.awssdk.services.emr.model.TerminateJobFlowsRequest;
import software.amazon.awssdk.services.emr.model.TerminateJobFlowsResponse;
import software.amazon.awssdk.services.emr.waiters.EmrWaiter;

/**
 * An EMR account on this machine, behind the SDK's own client interface: state machines, limits, error shapes and texts as EMR
 * documents them (API reference 2009-03-31 and the management guide), stricter where they leave room. Steps are executed by the
 * {@link StepRunner}; every change is in the {@link EmulatorStore} before it is acted upon or answered.
 *
 * <p>Operations throw what the SDK's client would: {@link EmrException}s with the code of the service. What is not emulated is
 * refused with a ValidationException that says so. Thread-safe.
 */
public final class Emulator extends Unemulated implements AutoCloseable {

    private static final String REQUEST_ID = "AWS_REQUEST_ID";

    private final EmulatorPorts ports;
    private final EmulatorSettings settings;
    private final Turns turns;
    private final Lifecycle lifecycle;
    private final StepCalls steps;
    private final ClusterCalls clusters;
    private final SettingCalls settingCalls;
    private final InstanceCalls instances = new InstanceCalls();
    private final AtomicLong requests = new AtomicLong();

    /** An account that knows nothing yet; {@link #recover} loads what is stored. */
    public Emulator(EmulatorPorts ports, EmulatorSettings settings) {
        this.ports = ports;
        this.settings = settings;
        turns = new Turns(ports);
        lifecycle = new Lifecycle(ports, settings, turns);
        steps = new StepCalls(turns, lifecycle);
        clusters = new ClusterCalls(settings, turns, lifecycle, steps);
        settingCalls = new SettingCalls(lifecycle);
    }

    /**
     * Loads the store and goes on where it was: timers are asked for again, pending steps wait, running ones are handed to the
     * runner again (before a cancellation that was asked for already). To be called once, before any operation.
     */
    public void recover() {
        turns.take(ledger -> {
            ledger.load(ports.store().load());
            ledger.all().forEach(shelf -> lifecycle.resume(ledger, shelf));
            return true;
        });
        forgetTheOld();
    }

    /** Whether any cluster has not ended yet. */
    public boolean hasLiveClusters() {
        return turns.look(ledger -> ledger.liveCount() > 0);
    }

    /** When the last operation or change of state was. */
    public Instant lastActivity() {
        return turns.lastActivity();
    }

    /**
     * Ends every cluster, also protected ones.
     *
     * @param reason shown as the message of the clusters' state change
     */
    public void terminateAll(String reason) {
        turns.take(ledger -> {
            ledger.live()
                    .forEach(shelf ->
                            lifecycle.terminate(ledger, shelf, ClusterStateChangeReasonCode.USER_REQUEST, reason));
            return true;
        });
    }

    /** What of a request is accepted and shown again, but not acted upon: one text each, empty if all of it is emulated. */
    public static ImmutableList<String> notEmulated(RunJobFlowRequest request) {
        return NotEmulated.of(request);
    }

    /** Stops; what is stored stays, and running steps go on. A call after this fails with an IllegalStateException. */
    @Override
    public void close() {
        turns.close();
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
        return call("RunJobFlow", request, ledger -> clusters.run(ledger, request));
    }

    @Override
    public DescribeClusterResponse describeCluster(DescribeClusterRequest request) {
        return call("DescribeCluster", request, ledger -> clusters.describe(ledger, request));
    }

    @Override
    public ListClustersResponse listClusters(ListClustersRequest request) {
        return call("ListClusters", request, ledger -> clusters.list(ledger, request));
    }

    @Override
    public ListClustersResponse listClusters() {
        return listClusters(ListClustersRequest.builder().build());
    }

    @Override
    public TerminateJobFlowsResponse terminateJobFlows(TerminateJobFlowsRequest request) {
        // What is refused is thrown after the turn, or the clusters that do end would be taken back.
        Refusal refusal = new Refusal();
        return call(
                "TerminateJobFlows",
                request,
                ledger -> {
                    refusal.set(clusters.terminate(ledger, request));
                    return TerminateJobFlowsResponse.builder().build();
                },
                refusal);
    }

    @Override
    public AddJobFlowStepsResponse addJobFlowSteps(AddJobFlowStepsRequest request) {
        return call("AddJobFlowSteps", request, ledger -> steps.add(ledger, request));
    }

    @Override
    public CancelStepsResponse cancelSteps(CancelStepsRequest request) {
        return call("CancelSteps", request, ledger -> steps.cancel(ledger, request));
    }

    @Override
    public DescribeStepResponse describeStep(DescribeStepRequest request) {
        return call("DescribeStep", request, ledger -> steps.describe(ledger, request));
    }

    @Override
    public ListStepsResponse listSteps(ListStepsRequest request) {
        return call("ListSteps", request, ledger -> steps.list(ledger, request));
    }

    @Override
    public ListInstanceGroupsResponse listInstanceGroups(ListInstanceGroupsRequest request) {
        return call("ListInstanceGroups", request, ledger -> instances.groups(ledger, request));
    }

    @Override
    public ListInstanceFleetsResponse listInstanceFleets(ListInstanceFleetsRequest request) {
        return call("ListInstanceFleets", request, ledger -> instances.fleets(ledger, request));
    }

    @Override
    public ListInstancesResponse listInstances(ListInstancesRequest request) {
        return call("ListInstances", request, ledger -> instances.instances(ledger, request));
    }

    @Override
    public ListBootstrapActionsResponse listBootstrapActions(ListBootstrapActionsRequest request) {
        return call("ListBootstrapActions", request, ledger -> instances.bootstrapActions(ledger, request));
    }

    @Override
    public ModifyClusterResponse modifyCluster(ModifyClusterRequest request) {
        return call("ModifyCluster", request, ledger -> settingCalls.modify(ledger, request));
    }

    @Override
    public AddTagsResponse addTags(AddTagsRequest request) {
        return call("AddTags", request, ledger -> settingCalls.addTags(ledger, request));
    }

    @Override
    public RemoveTagsResponse removeTags(RemoveTagsRequest request) {
        return call("RemoveTags", request, ledger -> settingCalls.removeTags(ledger, request));
    }

    @Override
    public PutAutoTerminationPolicyResponse putAutoTerminationPolicy(PutAutoTerminationPolicyRequest request) {
        return call("PutAutoTerminationPolicy", request, ledger -> settingCalls.putPolicy(ledger, request));
    }

    @Override
    public GetAutoTerminationPolicyResponse getAutoTerminationPolicy(GetAutoTerminationPolicyRequest request) {
        return call("GetAutoTerminationPolicy", request, ledger -> settingCalls.getPolicy(ledger, request));
    }

    @Override
    public RemoveAutoTerminationPolicyResponse removeAutoTerminationPolicy(RemoveAutoTerminationPolicyRequest request) {
        return call("RemoveAutoTerminationPolicy", request, ledger -> settingCalls.removePolicy(ledger, request));
    }

    @Override
    public SetTerminationProtectionResponse setTerminationProtection(SetTerminationProtectionRequest request) {
        return call("SetTerminationProtection", request, ledger -> {
            settingCalls.change(
                    ledger,
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
        return call("SetKeepJobFlowAliveWhenNoSteps", request, ledger -> {
            settingCalls.change(
                    ledger,
                    request.jobFlowIds(),
                    cluster -> cluster.toBuilder()
                            .autoTerminate(!request.keepJobFlowAliveWhenNoSteps())
                            .build());
            return SetKeepJobFlowAliveWhenNoStepsResponse.builder().build();
        });
    }

    @Override
    public SetVisibleToAllUsersResponse setVisibleToAllUsers(SetVisibleToAllUsersRequest request) {
        return call("SetVisibleToAllUsers", request, ledger -> {
            settingCalls.change(
                    ledger,
                    request.jobFlowIds(),
                    cluster -> cluster.toBuilder()
                            .visibleToAllUsers(request.visibleToAllUsers())
                            .build());
            return SetVisibleToAllUsersResponse.builder().build();
        });
    }

    @Override
    EmrException refused(String operation) {
        return Errors.notEmulated(operation);
    }

    private <T extends EmrResponse> T call(String operation, SdkPojo request, Function<Ledger, T> body) {
        return call(operation, request, body, new Refusal());
    }

    private <T extends EmrResponse> T call(
            String operation, SdkPojo request, Function<Ledger, T> body, Refusal refusal) {
        Fault fault = ports.faults().next(operation).orElse(null);
        if (fault instanceof Fault.Throttle) {
            throw Errors.throttled();
        } else if (fault instanceof Fault.ErrorBefore) {
            throw Errors.internal(operation, "We encountered an internal error. Please try again.");
        } else if (fault instanceof Fault.Refuse refuse) {
            throw Errors.validation(refuse.text());
        }
        Constraints.check(operation, request);
        T response = executed(operation, fault, body);
        if (fault instanceof Fault.ErrorAfter) {
            throw Errors.internal(operation, "We encountered an internal error. Please try again.");
        }
        refusal.orThrow();
        return withRequestId(response);
    }

    private <T extends EmrResponse> T executed(String operation, @Nullable Fault fault, Function<Ledger, T> body) {
        Duration hide = fault instanceof Fault.HideFromListing hidden ? hidden.lag() : null;
        try {
            return turns.take(hide, body);
        } catch (StoreFailedException e) {
            throw Errors.internal(operation, String.valueOf(e.getMessage()));
        } catch (EmrException e) {
            throw fault instanceof Fault.ErrorAfter
                    ? Errors.internal(operation, "We encountered an internal error. Please try again.")
                    : e;
        }
    }

    /** So that whoever logs request ids, as one should with AWS, finds one here too. */
    @SuppressWarnings("unchecked")
    private <T extends EmrResponse> T withRequestId(T response) {
        String id =
                String.format("%08x-0000-4000-8000-%012x", settings.region().hashCode(), requests.incrementAndGet());
        AwsResponseMetadata metadata = DefaultAwsResponseMetadata.create(ImmutableMap.of(REQUEST_ID, id));
        return (T) response.toBuilder().responseMetadata(metadata).build();
    }

    private void forgetTheOld() {
        Instant horizon = turns.now().minus(settings.history());
        ImmutableList<Shelf> old = turns.look(ledger -> ledger.forgetEndedBefore(horizon));
        for (Shelf shelf : old) {
            ImmutableList<String> id = ImmutableList.of(shelf.cluster().id());
            // The cluster last: as long as it is stored, all of it is found and deleted again.
            ports.store()
                    .delete(Documents.STEP, shelf.all().map(StepRecord::id).collect(ImmutableList.toImmutableList()));
            ports.store().delete(Documents.BLUEPRINT, id);
            ports.store().delete(Documents.CLUSTER, id);
        }
    }

    /** What a turn that succeeded has nevertheless refused. */
    private static final class Refusal {
        private @Nullable EmrException refused;

        void set(Optional<EmrException> exception) {
            refused = exception.orElse(null);
        }

        void orThrow() {
            if (refused != null) {
                throw refused;
            }
        }
    }
}
