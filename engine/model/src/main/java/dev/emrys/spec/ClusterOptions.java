package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.google.common.collect.ImmutableList;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What an author may say of a cluster beyond what most clusters need. In the stored form a member that was not
 * written is missing.
 *
 * @param instanceFleets one per role at most, instead of instance groups; empty for groups
 * @param managedScaling null for none
 * @param network null for the defaults, as the other ones
 * @param placementGroups one per role at most
 * @param retryCapacities what the second attempt to start the cluster takes, the third one and so on; the last one is
 *     also for all later ones
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ClusterOptions(
        ImmutableList<InstanceFleet> instanceFleets,
        @Nullable ManagedScaling managedScaling,
        @Nullable NetworkOptions network,
        @Nullable ImageOptions image,
        @Nullable SecurityOptions security,
        @Nullable LifecycleOptions lifecycle,
        ImmutableList<PlacementGroup> placementGroups,
        @Nullable Monitoring monitoring,
        ImmutableList<RetryCapacity> retryCapacities) {

    /** Nothing said. */
    public static final ClusterOptions NONE = new ClusterOptions(
            ImmutableList.of(), null, null, null, null, null, ImmutableList.of(), null, ImmutableList.of());

    void values(ImmutableList.Builder<String> texts) {
        instanceFleets.forEach(fleet -> fleet.values(texts));
        if (security != null && security.kerberos() != null) {
            security.kerberos().values(texts);
        }
        retryCapacities.forEach(capacity -> capacity.values(texts));
    }

    ClusterOptions withValues(UnaryOperator<String> replace) {
        return new ClusterOptions(
                instanceFleets.stream()
                        .map(fleet -> fleet.withValues(replace))
                        .collect(ImmutableList.toImmutableList()),
                managedScaling,
                network,
                image,
                security,
                lifecycle,
                placementGroups,
                monitoring,
                retryCapacities.stream()
                        .map(capacity -> capacity.withValues(replace))
                        .collect(ImmutableList.toImmutableList()));
    }

    /** The options of an attempt that takes another capacity. */
    ClusterOptions with(RetryCapacity capacity) {
        NetworkOptions own = network == null ? NetworkOptions.NONE : network;
        NetworkOptions placed = capacity.hasPlace() ? own.at(capacity.subnetIds(), capacity.availabilityZones()) : own;
        return new ClusterOptions(
                capacity.hasInstances() ? capacity.instanceFleets() : instanceFleets,
                managedScaling,
                placed.equals(NetworkOptions.NONE) ? null : placed,
                image,
                security,
                lifecycle,
                placementGroups,
                monitoring,
                ImmutableList.of());
    }

    /** Whether EMR protects the cluster from being ended because the author wants it. */
    public boolean protectsFromTermination() {
        return lifecycle != null && Boolean.TRUE.equals(lifecycle.terminationProtection());
    }

    /** Whether no task of the run ends the cluster once it is up. */
    public boolean keepsAfterRun() {
        return lifecycle != null && Boolean.TRUE.equals(lifecycle.keepAfterRun());
    }

    void check(ClusterFacts cluster, MemberCheck check) {
        instanceFleets.forEach(fleet -> fleet.check(check.diagnostics()));
        if (managedScaling != null) {
            managedScaling.check(cluster, check.diagnostics());
        }
        if (network != null) {
            network.check(cluster, check);
        }
        if (image != null) {
            image.check(cluster, check);
        }
        if (security != null) {
            security.check(cluster, check);
        }
        if (lifecycle != null) {
            lifecycle.check(check);
        }
        if (monitoring != null) {
            monitoring.check(check);
        }
        placementGroups.forEach(group -> check.text("placement", group.strategy(), MemberCheck.SHORT));
        check.exclusive(
                cluster.hasAutoScaling() && managedScaling != null,
                "managedScaling { }",
                "autoScaling { } in an instance group",
                "EMR takes one of the two.");
    }
}
