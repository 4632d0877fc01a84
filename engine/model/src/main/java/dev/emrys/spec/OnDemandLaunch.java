package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a fleet gets its on-demand instances. EMR: {@code OnDemandProvisioningSpecification} at the start, {@code
 * OnDemandResizingSpecification} when the fleet is resized.
 *
 * @param strategy EMR's {@code AllocationStrategy}, an open vocabulary; null for EMR's default
 * @param timeout how long EMR waits for the capacity, in whole minutes, only when the fleet is resized; null for
 *     EMR's default
 * @param reservations null to use no capacity reservation by name
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record OnDemandLaunch(
        @Nullable String strategy,
        @Nullable Duration timeout,
        @Nullable CapacityReservations reservations) {

    void check(String word, MemberCheck check) {
        check.text("strategy of " + word, strategy, MemberCheck.SHORT);
        SpotLaunch.checkMinutes("timeout of " + word, timeout, SpotLaunch.MAX_RESIZE_MINUTES, check);
        if (reservations != null) {
            reservations.check(check);
        }
    }
}
