package dev.emrys.spec;

import com.google.common.collect.ImmutableList;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The errors of a resize. */
record ResizeCheck(OperationCheck operation) {
    /** EMR's limit of a fleet's capacity is that of its instances; a unit is at least one 999th of an instance. */
    private static final int MAX_CAPACITY = InstanceGroup.MAX_COUNT * 999;

    /** Adds the errors that can be seen without the cluster. */
    void check(ImmutableList<GroupSize> groups, ImmutableList<FleetSize> fleets) {
        Diagnostics diagnostics = operation.diagnostics();
        SourceLocation location = operation.location();
        diagnostics.unless(
                !groups.isEmpty() || !fleets.isEmpty(), PipelineCode.RESIZE_EMPTY, location, operation.name());
        diagnostics.unless(groups.isEmpty() || fleets.isEmpty(), PipelineCode.RESIZE_MIXED, location, operation.name());
        Set<String> seen = new HashSet<>();
        for (GroupSize size : groups) {
            checkRole(size.role());
            String group = size.group();
            diagnostics.unless(
                    size.role() != null || (group != null && !group.isBlank()),
                    PipelineCode.RESIZE_EMPTY,
                    location,
                    operation.name());
            int least = size.role() == InstanceRole.CORE ? 1 : 0;
            checkRange(size.identity(), size.count(), least, InstanceGroup.MAX_COUNT);
            checkOnce(size.identity(), seen);
        }
        for (FleetSize size : fleets) {
            checkRole(size.role());
            Integer onDemand = size.onDemand();
            Integer spot = size.spot();
            diagnostics.unless(onDemand != null || spot != null, PipelineCode.RESIZE_EMPTY, location, operation.name());
            checkRange(size.identity(), onDemand, 0, MAX_CAPACITY);
            checkRange(size.identity(), spot, 0, MAX_CAPACITY);
            if (size.role() == InstanceRole.CORE && Objects.equals(onDemand, 0) && Objects.equals(spot, 0)) {
                checkRange(size.identity(), 0, 1, MAX_CAPACITY);
            }
            checkOnce(size.identity(), seen);
        }
    }

    private void checkRole(@Nullable InstanceRole role) {
        operation
                .diagnostics()
                .unless(
                        role != InstanceRole.PRIMARY,
                        PipelineCode.RESIZE_PRIMARY,
                        operation.location(),
                        operation.name());
    }

    private void checkRange(String identity, @Nullable Integer value, int least, int most) {
        operation
                .diagnostics()
                .unless(
                        value == null || (value >= least && value <= most),
                        PipelineCode.RESIZE_RANGE,
                        operation.location(),
                        operation.name(),
                        identity,
                        String.valueOf(value),
                        least,
                        most);
    }

    private void checkOnce(String identity, Set<String> seen) {
        operation
                .diagnostics()
                .unless(
                        seen.add(identity),
                        PipelineCode.RESIZE_TWICE,
                        operation.location(),
                        operation.name(),
                        identity);
    }

    /** Adds the errors that can be seen only with the cluster. */
    void checkOn(ClusterSpec cluster, ImmutableList<GroupSize> groups, ImmutableList<FleetSize> fleets) {
        for (GroupSize size : groups) {
            if (size.role() != null) {
                long found = cluster.instanceGroups().stream()
                        .filter(group -> group.role() == size.role())
                        .count();
                checkFound(size.identity(), found, cluster);
            } else {
                long found = cluster.optionsOrNone().instanceFleets().isEmpty() ? 1 : 0;
                checkFound(size.identity(), found, cluster);
            }
        }
        for (FleetSize size : fleets) {
            long found = cluster.optionsOrNone().instanceFleets().stream()
                    .filter(fleet -> fleet.role() == size.role())
                    .count();
            checkFound(size.identity(), found, cluster);
        }
    }

    /** The raw members of the request may add groups, so such a cluster is not judged. */
    private void checkFound(String identity, long found, ClusterSpec cluster) {
        operation
                .diagnostics()
                .unless(
                        found == 1 || !cluster.rawRequest().isEmpty(),
                        found == 0 ? PipelineCode.RESIZE_OF_NONE : PipelineCode.RESIZE_OF_SEVERAL,
                        operation.location(),
                        operation.name(),
                        identity,
                        cluster.name());
    }
}
