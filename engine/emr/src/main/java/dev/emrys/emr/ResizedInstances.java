package dev.emrys.emr;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.emrys.spec.AwsCode;
import dev.emrys.spec.ClusterOperation.Resize;
import dev.emrys.spec.Diagnostic;
import dev.emrys.spec.FailureKind;
import dev.emrys.spec.FleetSize;
import dev.emrys.spec.GroupSize;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.InstanceFleet;
import software.amazon.awssdk.services.emr.model.InstanceGroup;

/** What a resize means for the instance groups or fleets that EMR lists of its cluster. Immutable. */
final class ResizedInstances {
    private static final ImmutableSet<String> ENDED =
            ImmutableSet.of("TERMINATING", "TERMINATED", "SHUTTING_DOWN", "ENDED");
    private static final ImmutableSet<String> STOPPED = ImmutableSet.of("SUSPENDED", "ARRESTED");

    private final String clusterId;
    private final ImmutableList<Part> parts;
    private final ImmutableList<Wanted> wanted;
    private final @Nullable Diagnostic mistake;

    /**
     * A capacity of a group, or of a fleet on demand or on Spot.
     *
     * @param requested what EMR is asked for
     * @param running what EMR has
     * @param excess by how much EMR may have more than it is asked for
     */
    private record Capacity(int requested, int running, int excess) {
        boolean is(@Nullable Integer size) {
            return size == null || (running >= size && running <= size + excess);
        }

        boolean isRequested(@Nullable Integer size) {
            return size == null || requested == size;
        }
    }

    /**
     * An instance group or fleet as EMR lists it.
     *
     * @param spot of a fleet, its Spot capacity
     */
    record Part(
            String id,
            String name,
            String role,
            String state,
            String reason,
            Capacity capacity,
            @Nullable Capacity spot) {
        static Part of(InstanceGroup group) {
            return new Part(
                    String.valueOf(group.id()),
                    String.valueOf(group.name()),
                    String.valueOf(group.instanceGroupTypeAsString()),
                    group.status() == null ? "" : String.valueOf(group.status().stateAsString()),
                    group.status() == null || group.status().stateChangeReason() == null
                            ? ""
                            : text(group.status().stateChangeReason().message()),
                    new Capacity(orZero(group.requestedInstanceCount()), orZero(group.runningInstanceCount()), 0),
                    null);
        }

        static Part of(InstanceFleet fleet) {
            // EMR fills a fleet with whole instances: it may have more by less than the largest of them.
            int largest = fleet.instanceTypeSpecifications().stream()
                    .mapToInt(type -> type.weightedCapacity() == null ? 1 : type.weightedCapacity())
                    .max()
                    .orElse(1);
            return new Part(
                    String.valueOf(fleet.id()),
                    String.valueOf(fleet.name()),
                    String.valueOf(fleet.instanceFleetTypeAsString()),
                    fleet.status() == null ? "" : String.valueOf(fleet.status().stateAsString()),
                    fleet.status() == null || fleet.status().stateChangeReason() == null
                            ? ""
                            : text(fleet.status().stateChangeReason().message()),
                    new Capacity(
                            orZero(fleet.targetOnDemandCapacity()),
                            orZero(fleet.provisionedOnDemandCapacity()),
                            largest - 1),
                    new Capacity(
                            orZero(fleet.targetSpotCapacity()), orZero(fleet.provisionedSpotCapacity()), largest - 1));
        }

        private static int orZero(@Nullable Integer value) {
            return value == null ? 0 : value;
        }

        private static String text(@Nullable String text) {
            return text == null ? "" : text;
        }

        private String described() {
            String kind = role.equals("MASTER") ? "primary" : Ascii.toLowerCase(role);
            return name + " (" + id + ", " + kind + ")";
        }

        private String requestedText() {
            return spot == null ? instances(capacity.requested()) : units(capacity.requested(), spot.requested());
        }

        private String runningText() {
            return spot == null ? instances(capacity.running()) : units(capacity.running(), spot.running());
        }
    }

    /**
     * A group or fleet with its new size.
     *
     * @param identity what the author calls it
     * @param size of a group, its instances; of a fleet, its on-demand capacity, null to leave it
     * @param spot null to leave it
     */
    record Wanted(
            Part part,
            String identity,
            @Nullable Integer size,
            @Nullable Integer spot) {
        private boolean isRequested() {
            return part.capacity().isRequested(size)
                    && (part.spot() == null || part.spot().isRequested(spot));
        }

        private boolean isRunning() {
            return part.state().equals("RUNNING")
                    && part.capacity().is(size)
                    && (part.spot() == null || part.spot().is(spot));
        }

        private String text() {
            if (part.spot() == null) {
                return instances(
                        Objects.requireNonNullElse(size, part.capacity().requested()));
            }
            return units(
                    Objects.requireNonNullElse(size, part.capacity().requested()),
                    Objects.requireNonNullElse(spot, part.spot().requested()));
        }
    }

    /** How far a resize is. */
    enum Progress {
        DONE,
        WAITING,
        FAILED
    }

    /**
     * How far a resize is, and why it has failed.
     *
     * @param failure null unless it has failed
     * @param diagnostic null unless it has failed, and where the cluster has ended
     */
    record Result(
            Progress progress,
            @Nullable FailureKind failure,
            @Nullable Diagnostic diagnostic) {}

    ResizedInstances(String clusterId, Resize resize, ImmutableList<Part> parts) {
        this.clusterId = clusterId;
        this.parts = parts;
        ImmutableList.Builder<Wanted> found = ImmutableList.builder();
        Diagnostic first = null;
        for (GroupSize size : resize.groups()) {
            ImmutableList<Part> fitting = fitting(size);
            if (fitting.size() == 1) {
                found.add(new Wanted(fitting.get(0), size.identity(), size.count(), null));
            } else if (first == null) {
                first = mistake(size.identity(), fitting);
            }
        }
        for (FleetSize size : resize.fleets()) {
            ImmutableList<Part> fitting = fitting(size);
            if (fitting.size() == 1) {
                found.add(new Wanted(fitting.get(0), size.identity(), size.onDemand(), size.spot()));
            } else if (first == null) {
                first = mistake(size.identity(), fitting);
            }
        }
        this.wanted = found.build();
        this.mistake = first;
    }

    private ImmutableList<Part> fitting(GroupSize size) {
        return parts.stream()
                .filter(part -> part.spot() == null)
                .filter(part -> size.role() == null
                        ? part.name().equals(size.group()) || part.id().equals(size.group())
                        : part.role().equals(InstanceRequests.role(size.role())))
                .collect(ImmutableList.toImmutableList());
    }

    private ImmutableList<Part> fitting(FleetSize size) {
        return parts.stream()
                .filter(part -> part.spot() != null && part.role().equals(InstanceRequests.role(size.role())))
                .collect(ImmutableList.toImmutableList());
    }

    private Diagnostic mistake(String identity, ImmutableList<Part> fitting) {
        return fitting.isEmpty()
                ? AwsCode.INSTANCES_NOT_FOUND.of(clusterId, identity, described(parts))
                : AwsCode.INSTANCES_NOT_UNIQUE.of(clusterId, identity, described(fitting));
    }

    private static String described(ImmutableList<Part> parts) {
        return parts.isEmpty()
                ? "none of this kind"
                : parts.stream().map(Part::described).collect(Collectors.joining(", "));
    }

    /** Why EMR cannot be asked for it; null when it can. */
    @Nullable
    Diagnostic mistake() {
        return mistake;
    }

    /** What to ask EMR for. */
    ImmutableList<Wanted> wanted() {
        return wanted;
    }

    /**
     * How far it is.
     *
     * @param isSettled whether EMR has had the time to list what it was asked for
     */
    Result result(boolean isSettled) {
        for (Wanted each : wanted) {
            if (ENDED.contains(each.part().state())) {
                return new Result(Progress.FAILED, FailureKind.CLUSTER_LOST, null);
            }
        }
        if (mistake == null && wanted.stream().allMatch(each -> each.isRequested() && each.isRunning())) {
            return new Result(Progress.DONE, null, null);
        }
        if (isSettled && mistake != null) {
            return new Result(Progress.FAILED, FailureKind.INTERNAL, mistake);
        }
        for (Wanted each : isSettled ? wanted : ImmutableList.<Wanted>of()) {
            if (!each.isRequested()) {
                return new Result(
                        Progress.FAILED,
                        FailureKind.INTERNAL,
                        AwsCode.RESIZE_REPLACED.of(
                                clusterId,
                                each.identity(),
                                each.text(),
                                each.part().requestedText()));
            }
            if (STOPPED.contains(each.part().state())) {
                return new Result(Progress.FAILED, FailureKind.INTERNAL, stopped(each));
            }
        }
        return new Result(Progress.WAITING, null, null);
    }

    private Diagnostic stopped(Wanted each) {
        String reason = each.part().reason();
        return AwsCode.RESIZE_STOPPED.of(
                clusterId,
                each.identity(),
                each.part().state(),
                each.part().runningText() + " running",
                each.text(),
                reason.isBlank() ? "EMR gives no reason." : reason);
    }

    private static String instances(int count) {
        return count == 1 ? "1 instance" : count + " instances";
    }

    private static String units(int onDemand, int spot) {
        return onDemand + " units on demand and " + spot + " on Spot";
    }
}
