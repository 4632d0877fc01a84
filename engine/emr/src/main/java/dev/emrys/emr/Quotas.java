package dev.emrys.emr;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import java.time.Duration;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How many calls an endpoint takes: for each operation, and for all together. EMR counts with token buckets, for each
 * account and region (Service Quotas, "Amazon EMR": the maximum number and the rate of API requests).
 *
 * @param all for all operations together; null without a limit
 * @param operations those without a limit of their own are absent
 */
public record Quotas(@Nullable Rate all, ImmutableMap<EmrOperation, Rate> operations) {

    /**
     * A token bucket.
     *
     * @param burst how many calls may be made at once, at least 1
     * @param perSecond how many calls are added in a second, more than 0
     */
    public record Rate(int burst, double perSecond) {
        /** @throws IllegalArgumentException when no call could ever be made */
        public Rate {
            if (burst < 1 || !(perSecond > 0)) {
                throw new IllegalArgumentException("A rate has a burst of at least 1 and is above 0 calls a second.");
            }
        }
    }

    /** An emulator's: no limit. */
    public static final Quotas NONE = new Quotas(null, ImmutableMap.of());

    /** What EMR grants to an account whose quotas were not raised. */
    public static final Quotas EMR_DEFAULT = new Quotas(
            new Rate(25, 5),
            ImmutableMap.<EmrOperation, Rate>builder()
                    .put(EmrOperation.RUN_JOB_FLOW, new Rate(10, 0.5))
                    .put(EmrOperation.ADD_JOB_FLOW_STEPS, new Rate(10, 0.5))
                    .put(EmrOperation.CANCEL_STEPS, new Rate(10, 0.5))
                    .put(EmrOperation.TERMINATE_JOB_FLOWS, new Rate(10, 0.5))
                    .put(EmrOperation.SET_TERMINATION_PROTECTION, new Rate(5, 0.2))
                    .put(EmrOperation.ADD_TAGS, new Rate(5, 0.5))
                    .put(EmrOperation.LIST_CLUSTERS, new Rate(20, 0.5))
                    .put(EmrOperation.DESCRIBE_CLUSTER, new Rate(10, 1))
                    .put(EmrOperation.LIST_STEPS, new Rate(10, 0.5))
                    .put(EmrOperation.DESCRIBE_STEP, new Rate(10, 0.5))
                    .put(EmrOperation.LIST_INSTANCE_GROUPS, new Rate(10, 1))
                    .put(EmrOperation.LIST_INSTANCE_FLEETS, new Rate(5, 0.5))
                    .put(EmrOperation.MODIFY_CLUSTER, new Rate(10, 0.5))
                    .put(EmrOperation.MODIFY_INSTANCE_GROUPS, new Rate(5, 0.5))
                    .put(EmrOperation.MODIFY_INSTANCE_FLEET, new Rate(5, 0.5))
                    // Not in the list of quotas; the lowest of the others is taken.
                    .put(EmrOperation.PUT_MANAGED_SCALING_POLICY, new Rate(5, 0.2))
                    .put(EmrOperation.REMOVE_MANAGED_SCALING_POLICY, new Rate(5, 0.2))
                    .put(EmrOperation.PUT_AUTO_TERMINATION_POLICY, new Rate(5, 0.2))
                    .put(EmrOperation.REMOVE_AUTO_TERMINATION_POLICY, new Rate(5, 0.2))
                    .put(EmrOperation.START_NOTEBOOK_EXECUTION, new Rate(5, 0.2))
                    .put(EmrOperation.STOP_NOTEBOOK_EXECUTION, new Rate(5, 0.2))
                    .put(EmrOperation.LIST_NOTEBOOK_EXECUTIONS, new Rate(5, 0.2))
                    .put(EmrOperation.DESCRIBE_NOTEBOOK_EXECUTION, new Rate(5, 0.2))
                    .buildOrThrow());

    /** With buckets that hold less by what their rate gives in {@code time}, but at least one call. */
    Quotas withLessBurst(Duration time) {
        double seconds = time.toNanos() / 1e9;
        return with(rate ->
                new Rate(Math.max(1, (int) Math.floor(rate.burst() - seconds * rate.perSecond())), rate.perSecond()));
    }

    /** With buckets for one call, which are filled at a part of their rates. */
    Quotas withPartOfTheRates(double part) {
        return with(rate -> new Rate(1, part * rate.perSecond()));
    }

    /** With buckets of the operations that are smaller, and filled more slowly, by {@code share}, at most 1. */
    Quotas withShares(ToDoubleFunction<EmrOperation> share) {
        ImmutableMap.Builder<EmrOperation, Rate> lowered = ImmutableMap.builder();
        operations.forEach((operation, rate) -> {
            double part = share.applyAsDouble(operation);
            lowered.put(operation, new Rate(Math.max(1, (int) (part * rate.burst())), part * rate.perSecond()));
        });
        return new Quotas(all, lowered.buildOrThrow());
    }

    private Quotas with(UnaryOperator<Rate> change) {
        return new Quotas(
                all == null ? null : change.apply(all),
                ImmutableMap.copyOf(Maps.transformValues(operations, change::apply)));
    }

    @Nullable
    Rate of(EmrOperation operation) {
        return operations.get(operation);
    }
}
