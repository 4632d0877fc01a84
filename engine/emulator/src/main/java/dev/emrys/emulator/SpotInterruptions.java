package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.emrys.emulator.ClusterParts.Loss;
import dev.emrys.emulator.FaultRule.Effect;
import java.util.Optional;
import java.util.stream.Stream;
import software.amazon.awssdk.services.emr.model.ClusterState;
import software.amazon.awssdk.services.emr.model.ClusterStateChangeReasonCode;
import software.amazon.awssdk.services.emr.model.InstanceFleetType;
import software.amazon.awssdk.services.emr.model.InstanceRoleType;
import software.amazon.awssdk.services.emr.model.MarketType;

/**
 * Interrupts Spot Instances, as fault rules say. An instance is replaced later; a cluster without its primary instance,
 * or without any core instance, ends. Every method is called within a transaction. An interruption that has not
 * happened before a restart never happens.
 *
 * @see <a href="https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-instances-guidelines.html">Using Spot
 *     Instances</a>
 */
final class SpotInterruptions {

    /** Ends a cluster. */
    @FunctionalInterface
    interface Termination {
        void terminate(AccountState account, ClusterEntry entry, ClusterStateChangeReasonCode code, String message);
    }

    private final Transactor transactor;
    private final Termination termination;
    private final FaultRules faultRules;

    /**
     * A group or fleet with Spot Instances.
     *
     * @param count of its Spot Instances
     * @param isAllSpot whether it has no On-Demand Instances
     */
    private record SpotPart(String id, InstanceRoleType role, int count, boolean isAllSpot) {}

    SpotInterruptions(Transactor transactor, Termination termination, FaultRules faultRules) {
        this.transactor = transactor;
        this.termination = termination;
        this.faultRules = faultRules;
    }

    /** Plans the interruptions of a cluster whose instances have become ready. */
    void ready(ClusterEntry entry) {
        ImmutableSet<InstanceRoleType> roles =
                spotParts(entry).map(SpotPart::role).collect(ImmutableSet.toImmutableSet());
        ImmutableList<Effect.SpotInterruption> interruptions = faultRules.interruptions(roles);
        String clusterId = entry.cluster().id();
        for (Effect.SpotInterruption one : interruptions) {
            transactor.scheduleAfterCommit(
                    transactor.now().plus(one.after()), later -> interrupt(later, clusterId, one));
        }
    }

    private void interrupt(AccountState account, String clusterId, Effect.SpotInterruption interruption) {
        ClusterEntry entry = account.find(clusterId);
        if (entry == null
                || (entry.cluster().state() != ClusterState.RUNNING
                        && entry.cluster().state() != ClusterState.WAITING)) {
            return;
        }
        Optional<SpotPart> found = Stream.of(InstanceRoleType.TASK, InstanceRoleType.CORE, InstanceRoleType.MASTER)
                .filter(role -> interruption.role() == null || interruption.role() == role)
                .flatMap(role -> spotParts(entry).filter(part -> part.role() == role))
                .findFirst();
        if (found.isPresent()) {
            interrupt(account, entry, found.get(), interruption);
        }
    }

    private void interrupt(
            AccountState account, ClusterEntry entry, SpotPart part, Effect.SpotInterruption interruption) {
        int running = part.count() - entry.parts().lost(part.id(), transactor.now());
        if (running < 1) {
            return;
        }
        Loss loss = new Loss(
                part.id(), running - 1, transactor.now(), transactor.now().plus(interruption.replacedAfter()));
        account.put(entry, entry.parts().plus(loss));
        // The texts are believed, not documented.
        if (part.role() == InstanceRoleType.MASTER) {
            end(account, entry, "The master node was terminated due to Spot");
        } else if (part.role() == InstanceRoleType.CORE && part.isAllSpot() && running == 1) {
            end(account, entry, "All slaves in the job flow were terminated due to Spot");
        }
    }

    private void end(AccountState account, ClusterEntry entry, String message) {
        termination.terminate(account, entry, ClusterStateChangeReasonCode.INSTANCE_FAILURE, message);
    }

    private static Stream<SpotPart> spotParts(ClusterEntry entry) {
        Stream<SpotPart> groups = entry.parts().groups().stream()
                .filter(group -> group.config().market() == MarketType.SPOT
                        && group.config().instanceCount() > 0)
                .map(group -> new SpotPart(
                        group.id(),
                        group.config().instanceRole(),
                        group.config().instanceCount(),
                        true));
        Stream<SpotPart> fleets = entry.parts().fleets().stream()
                .map(fleet -> new SpotPart(
                        fleet.id(),
                        role(fleet.config().instanceFleetType()),
                        Instances.count(fleet.config(), MarketType.SPOT),
                        Instances.count(fleet.config(), MarketType.ON_DEMAND) == 0))
                .filter(part -> part.count() > 0);
        return Stream.concat(groups, fleets);
    }

    private static InstanceRoleType role(InstanceFleetType type) {
        return InstanceRoleType.fromValue(type.toString());
    }
}
