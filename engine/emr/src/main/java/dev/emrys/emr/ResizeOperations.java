package dev.emrys.emr;

import com.google.common.collect.ImmutableList;
import dev.emrys.emr.ApiBudget.Priority;
import dev.emrys.emr.ResizedInstances.Part;
import dev.emrys.emr.ResizedInstances.Wanted;
import dev.emrys.spec.ClusterOperation;
import dev.emrys.spec.Diagnostic;
import dev.emrys.spec.FailureKind;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.InstanceGroupModifyConfig;
import software.amazon.awssdk.services.emr.model.ListInstanceFleetsResponse;
import software.amazon.awssdk.services.emr.model.ListInstanceGroupsResponse;

/**
 * Resizes instance groups and fleets. First they are listed, since EMR names them by ids; then EMR is asked for the new
 * sizes; then they are listed until all run.
 */
final class ResizeOperations {
    private final RetryingCaller calls;

    private final OperationPolling polling;

    ResizeOperations(RetryingCaller calls, OperationPolling polling) {
        this.calls = calls;
        this.polling = polling;
    }

    /** Asks EMR for the new sizes. */
    void begin(OperationAttempt operation, String key, ClusterOperation.Resize resize) {
        list(operation, resize, Priority.MUTATION, parts -> {
            ResizedInstances instances = new ResizedInstances(operation.clusterId, resize, parts);
            Diagnostic mistake = instances.mistake();
            if (mistake != null) {
                operation.failed(FailureKind.REFUSED, mistake);
            } else if (resize.fleets().isEmpty()) {
                calls.begin(new ModifyGroups(operation, key, instances.wanted()));
            } else {
                calls.begin(new ModifyFleet(operation, key, instances.wanted()));
            }
        });
    }

    /** Reports when the instances run. */
    void watch(OperationAttempt operation, ClusterOperation.Resize resize) {
        polling.poll(
                operation,
                round -> list(operation, resize, Priority.STATUS, parts -> {
                    ResizedInstances.Result result =
                            new ResizedInstances(operation.clusterId, resize, parts).result(round.isSettled());
                    switch (result.progress()) {
                        case DONE -> operation.succeeded();
                        case FAILED -> fail(operation, result);
                        case WAITING -> round.again();
                    }
                }));
    }

    private static void fail(OperationAttempt operation, ResizedInstances.Result result) {
        Diagnostic diagnostic = result.diagnostic();
        if (diagnostic == null) {
            operation.failed(FailureKind.CLUSTER_LOST, "The cluster " + operation.clusterId + " ended.");
        } else {
            operation.failed(FailureKind.INTERNAL, diagnostic);
        }
    }

    private void list(
            OperationAttempt operation,
            ClusterOperation.Resize resize,
            Priority priority,
            Consumer<ImmutableList<Part>> then) {
        calls.begin(
                resize.fleets().isEmpty()
                        ? new Groups(operation, priority, then)
                        : new Fleets(operation, priority, then));
    }

    private final class Groups extends OperationCall<ListInstanceGroupsResponse> {
        private final Consumer<ImmutableList<Part>> then;
        private final ImmutableList.Builder<Part> parts = ImmutableList.builder();
        private @Nullable String marker;

        Groups(OperationAttempt of, Priority priority, Consumer<ImmutableList<Part>> then) {
            super(EmrOperation.LIST_INSTANCE_GROUPS, priority, of);
            this.then = then;
        }

        @Override
        ListInstanceGroupsResponse send(EmrClient client) {
            return client.listInstanceGroups(
                    request -> request.clusterId(of.clusterId).marker(marker));
        }

        @Override
        void answered(ListInstanceGroupsResponse answer) {
            answer.instanceGroups().forEach(group -> parts.add(Part.of(group)));
            marker = answer.marker();
            if (marker != null) {
                calls.begin(this);
            } else {
                then.accept(parts.build());
            }
        }
    }

    private final class Fleets extends OperationCall<ListInstanceFleetsResponse> {
        private final Consumer<ImmutableList<Part>> then;
        private final ImmutableList.Builder<Part> parts = ImmutableList.builder();
        private @Nullable String marker;

        Fleets(OperationAttempt of, Priority priority, Consumer<ImmutableList<Part>> then) {
            super(EmrOperation.LIST_INSTANCE_FLEETS, priority, of);
            this.then = then;
        }

        @Override
        ListInstanceFleetsResponse send(EmrClient client) {
            return client.listInstanceFleets(
                    request -> request.clusterId(of.clusterId).marker(marker));
        }

        @Override
        void answered(ListInstanceFleetsResponse answer) {
            answer.instanceFleets().forEach(fleet -> parts.add(Part.of(fleet)));
            marker = answer.marker();
            if (marker != null) {
                calls.begin(this);
            } else {
                then.accept(parts.build());
            }
        }
    }

    private static final class ModifyGroups extends OperationCall<SdkResponse> {
        private final String key;
        private final ImmutableList<Wanted> wanted;

        ModifyGroups(OperationAttempt of, String key, ImmutableList<Wanted> wanted) {
            super(EmrOperation.MODIFY_INSTANCE_GROUPS, Priority.MUTATION, of);
            this.key = key;
            this.wanted = wanted;
        }

        @Override
        SdkResponse send(EmrClient client) {
            of.checkWanted(key);
            return client.modifyInstanceGroups(request -> request.clusterId(of.clusterId)
                    .instanceGroups(wanted.stream()
                            .map(each -> InstanceGroupModifyConfig.builder()
                                    .instanceGroupId(each.part().id())
                                    .instanceCount(each.size())
                                    .build())
                            .toList()));
        }

        @Override
        void answered(SdkResponse answer) {
            of.accepted();
        }
    }

    /** EMR takes one fleet in a call. */
    private final class ModifyFleet extends OperationCall<SdkResponse> {
        private final String key;
        private final ImmutableList<Wanted> wanted;

        /** @param wanted at least one */
        ModifyFleet(OperationAttempt of, String key, ImmutableList<Wanted> wanted) {
            super(EmrOperation.MODIFY_INSTANCE_FLEET, Priority.MUTATION, of);
            this.key = key;
            this.wanted = wanted;
        }

        @Override
        SdkResponse send(EmrClient client) {
            of.checkWanted(key);
            Wanted first = wanted.get(0);
            return client.modifyInstanceFleet(request -> request.clusterId(of.clusterId)
                    .instanceFleet(fleet -> fleet.instanceFleetId(first.part().id())
                            .targetOnDemandCapacity(first.size())
                            .targetSpotCapacity(first.spot())));
        }

        @Override
        void answered(SdkResponse answer) {
            if (wanted.size() == 1) {
                of.accepted();
            } else {
                calls.begin(new ModifyFleet(of, key, wanted.subList(1, wanted.size())));
            }
        }
    }
}
