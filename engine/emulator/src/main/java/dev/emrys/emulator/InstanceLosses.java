package dev.emrys.emulator;

import com.google.common.collect.ImmutableSet;
import dev.emrys.emulator.ClusterParts.Fleet;
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
 * Takes instances from clusters, as fault rules say: interrupted Spot Instances, and instances that fail. An instance is
 * replaced later; a cluster without its primary instance, or without any core instance, ends. Every method is called
 * within a transaction. A loss that has not happened before a restart never happens.
 *
 * @see <a href="https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-instances-guidelines.html">Using Spot
 *     Instances</a>
 */
final class InstanceLosses {

    /** Ends a cluster. */
    @FunctionalInterface
    interface Termination {
        void terminate(AccountState account, ClusterEntry entry, ClusterStateChangeReasonCode code, String message);
    }

    private final Transactor transactor;
    private final Termination termination;
    private final FaultRules faultRules;

    /**
     * The instances of a group, or those of a fleet that have one market.
     *
     * @param lossesOf what its losses are stored under
     * @param count of its instances
     * @param isWhole whether the group or fleet has no others
     */
    private record Part(String lossesOf, InstanceRoleType role, boolean isSpot, int count, boolean isWhole) {}

    InstanceLosses(Transactor transactor, Termination termination, FaultRules faultRules) {
        this.transactor = transactor;
        this.termination = termination;
        this.faultRules = faultRules;
    }

    /** Plans the losses of a cluster whose instances have become ready. */
    void ready(ClusterEntry entry) {
        String clusterId = entry.cluster().id();
        for (Effect.InstanceLoss one : faultRules.losses(roles(entry, false), roles(entry, true))) {
            transactor.scheduleAfterCommit(transactor.now().plus(one.after()), later -> lose(later, clusterId, one));
        }
    }

    private ImmutableSet<InstanceRoleType> roles(ClusterEntry entry, boolean ofSpot) {
        return parts(entry)
                .filter(part -> part.isSpot() || !ofSpot)
                .map(Part::role)
                .collect(ImmutableSet.toImmutableSet());
    }

    private void lose(AccountState account, String clusterId, Effect.InstanceLoss loss) {
        ClusterEntry entry = account.find(clusterId);
        if (entry == null
                || (entry.cluster().state() != ClusterState.RUNNING
                        && entry.cluster().state() != ClusterState.WAITING)) {
            return;
        }
        Optional<Part> found = Stream.of(InstanceRoleType.TASK, InstanceRoleType.CORE, InstanceRoleType.MASTER)
                .filter(role -> loss.role() == null || loss.role() == role)
                .flatMap(role -> parts(entry).filter(part -> part.role() == role && (part.isSpot() || !loss.ofSpot())))
                .findFirst();
        if (found.isPresent()) {
            lose(account, entry, found.get(), loss);
        }
    }

    private void lose(AccountState account, ClusterEntry entry, Part part, Effect.InstanceLoss effect) {
        int running = part.count() - entry.parts().lost(part.lossesOf(), transactor.now());
        if (running < 1) {
            return;
        }
        Loss loss = new Loss(
                part.lossesOf(),
                running - 1,
                transactor.now(),
                transactor.now().plus(effect.replacedAfter()),
                effect.ofSpot());
        account.put(entry, entry.parts().plus(loss));
        // The texts are believed, not documented.
        String cause = effect.ofSpot() ? " due to Spot" : "";
        if (part.role() == InstanceRoleType.MASTER) {
            end(account, entry, "The master node was terminated" + cause);
        } else if (part.role() == InstanceRoleType.CORE && part.isWhole() && running == 1) {
            end(account, entry, "All slaves in the job flow were terminated" + cause);
        }
    }

    private void end(AccountState account, ClusterEntry entry, String message) {
        termination.terminate(account, entry, ClusterStateChangeReasonCode.INSTANCE_FAILURE, message);
    }

    private Stream<Part> parts(ClusterEntry entry) {
        Stream<Part> groups = entry.parts().groups().stream()
                .map(group -> new Part(
                        group.id(),
                        group.config().instanceRole(),
                        group.config().market() == MarketType.SPOT,
                        entry.parts().running(group, transactor.now()),
                        true));
        Stream<Part> fleets = entry.parts().fleets().stream()
                .flatMap(fleet -> Stream.of(
                        part(entry.parts(), fleet, MarketType.ON_DEMAND), part(entry.parts(), fleet, MarketType.SPOT)));
        return Stream.concat(groups, fleets).filter(part -> part.count() > 0);
    }

    private Part part(ClusterParts parts, Fleet fleet, MarketType market) {
        MarketType other = market == MarketType.SPOT ? MarketType.ON_DEMAND : MarketType.SPOT;
        return new Part(
                Loss.partOfFleet(fleet.id(), market),
                role(fleet.config().instanceFleetType()),
                market == MarketType.SPOT,
                parts.running(fleet, market, transactor.now()),
                parts.running(fleet, other, transactor.now()) == 0);
    }

    private static InstanceRoleType role(InstanceFleetType type) {
        return InstanceRoleType.fromValue(type.toString());
    }
}
