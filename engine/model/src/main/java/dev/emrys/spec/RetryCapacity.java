package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.google.common.collect.ImmutableList;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Which instances a cluster is started with when an attempt to start it has failed, or the cluster was lost: on-demand
 * instead of spot instances, other types, another zone. What it does not name is as in the cluster.
 *
 * @param instanceGroups instead of all instances of the cluster, unless it names none; as the fleets
 * @param instanceFleets as the groups
 * @param subnetId instead of all subnets and zones of the cluster, as the next two; null for none
 * @param subnetIds of which EMR chooses one
 * @param availabilityZones of which EMR chooses one
 * @param location where the author wrote it
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record RetryCapacity(
        ImmutableList<InstanceGroup> instanceGroups,
        ImmutableList<InstanceFleet> instanceFleets,
        @Nullable String subnetId,
        ImmutableList<String> subnetIds,
        ImmutableList<String> availabilityZones,
        SourceLocation location) {

    /** Whether it has instances of its own. */
    public boolean hasInstances() {
        return !instanceGroups.isEmpty() || !instanceFleets.isEmpty();
    }

    /** Whether it has a place of its own. */
    public boolean hasPlace() {
        return subnetId != null || !subnetIds.isEmpty() || !availabilityZones.isEmpty();
    }

    void values(ImmutableList.Builder<String> texts) {
        instanceGroups.forEach(group -> group.values(texts));
        instanceFleets.forEach(fleet -> fleet.values(texts));
    }

    RetryCapacity withValues(UnaryOperator<String> replace) {
        return new RetryCapacity(
                instanceGroups.stream()
                        .map(group -> group.withValues(replace))
                        .collect(ImmutableList.toImmutableList()),
                instanceFleets.stream()
                        .map(fleet -> fleet.withValues(replace))
                        .collect(ImmutableList.toImmutableList()),
                subnetId,
                subnetIds,
                availabilityZones,
                location);
    }
}
