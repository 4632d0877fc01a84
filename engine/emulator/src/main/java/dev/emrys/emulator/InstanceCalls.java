package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.emrys.emulator.Pages.Page;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.BootstrapActionConfig;
import software.amazon.awssdk.services.emr.model.Command;
import software.amazon.awssdk.services.emr.model.Instance;
import software.amazon.awssdk.services.emr.model.ListBootstrapActionsRequest;
import software.amazon.awssdk.services.emr.model.ListBootstrapActionsResponse;
import software.amazon.awssdk.services.emr.model.ListInstanceFleetsRequest;
import software.amazon.awssdk.services.emr.model.ListInstanceFleetsResponse;
import software.amazon.awssdk.services.emr.model.ListInstanceGroupsRequest;
import software.amazon.awssdk.services.emr.model.ListInstanceGroupsResponse;
import software.amazon.awssdk.services.emr.model.ListInstancesRequest;
import software.amazon.awssdk.services.emr.model.ListInstancesResponse;

/** The operations that show the parts of a cluster. Each method is the body of one transaction. */
final class InstanceCalls {

    private final Transactor transactor;

    InstanceCalls(Transactor transactor) {
        this.transactor = transactor;
    }

    ListInstanceGroupsResponse groups(AccountState account, ListInstanceGroupsRequest request) {
        ClusterEntry entry = account.cluster(request.clusterId());
        if (Instances.hasFleets(entry)) {
            throw wrongStyle("Instance fleets", "ListInstanceGroups", "ListInstanceFleets");
        }
        return ListInstanceGroupsResponse.builder()
                .instanceGroups(Instances.groups(entry, transactor.now()))
                .build();
    }

    ListInstanceFleetsResponse fleets(AccountState account, ListInstanceFleetsRequest request) {
        ClusterEntry entry = account.cluster(request.clusterId());
        if (!Instances.hasFleets(entry)) {
            throw wrongStyle("Instance groups", "ListInstanceFleets", "ListInstanceGroups");
        }
        return ListInstanceFleetsResponse.builder()
                .instanceFleets(Instances.fleets(entry, transactor.now()))
                .build();
    }

    ListInstancesResponse instances(AccountState account, ListInstancesRequest request) {
        ClusterEntry entry = account.cluster(request.clusterId());
        ImmutableSet<String> groups = selectedGroups(entry, request);
        ImmutableList<String> states = ImmutableList.copyOf(request.instanceStatesAsStrings());
        List<Instance> all = Instances.instances(entry, groups::contains, transactor.now()).stream()
                .filter(one -> states.isEmpty() || states.contains(one.status().stateAsString()))
                .toList();
        Page<Instance> page = Pages.of("ListInstances/" + request.clusterId(), all, request.marker(), Pages.SIZE);
        return ListInstancesResponse.builder()
                .instances(page.items())
                .marker(page.marker())
                .build();
    }

    ListBootstrapActionsResponse bootstrapActions(AccountState account, ListBootstrapActionsRequest request) {
        ClusterEntry entry = account.cluster(request.clusterId());
        return ListBootstrapActionsResponse.builder()
                .bootstrapActions(entry.clusterRequest.request().bootstrapActions().stream()
                        .map(InstanceCalls::command)
                        .toList())
                .build();
    }

    private ImmutableSet<String> selectedGroups(ClusterEntry entry, ListInstancesRequest request) {
        ImmutableSet.Builder<String> selected = ImmutableSet.builder();
        List<String> types = request.instanceGroupTypesAsStrings();
        if (Instances.hasFleets(entry)) {
            String fleetType = request.instanceFleetTypeAsString();
            Instances.fleets(entry, transactor.now()).stream()
                    .filter(one -> matches(request.instanceFleetId(), one.id())
                            && matches(fleetType, one.instanceFleetTypeAsString()))
                    .forEach(one -> selected.add(one.id()));
        } else {
            Instances.groups(entry, transactor.now()).stream()
                    .filter(one -> matches(request.instanceGroupId(), one.id())
                            && (types.isEmpty() || types.contains(one.instanceGroupTypeAsString())))
                    .forEach(one -> selected.add(one.id()));
        }
        return selected.build();
    }

    private static boolean matches(@Nullable String wanted, String is) {
        return wanted == null || wanted.equals(is);
    }

    private static Command command(BootstrapActionConfig action) {
        return Command.builder()
                .name(action.name())
                .scriptPath(action.scriptBootstrapAction().path())
                .args(List.copyOf(action.scriptBootstrapAction().args()))
                .build();
    }

    private static RuntimeException wrongStyle(String has, String operation, String instead) {
        return Errors.invalid(
                "InvalidInstanceCollection",
                has + " and the operation " + operation
                        + " are mutually exclusive. The EMR cluster specified in the request"
                        + " uses " + has.toLowerCase(Locale.ROOT) + ". The " + operation
                        + " request does not support clusters that use them. Use the " + instead + " operation.");
    }
}
