package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * Which EC2 capacity reservations a fleet uses. EMR: {@code OnDemandCapacityReservationOptions}.
 *
 * @param usage EMR's {@code UsageStrategy}; null to use none before other capacity
 * @param preference EMR's {@code CapacityReservationPreference}, {@code open} or {@code none}; null for EMR's default
 * @param resourceGroupArn the reservations of this resource group; null for those that {@code preference} allows
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record CapacityReservations(
        @Nullable String usage,
        @Nullable String preference,
        @Nullable String resourceGroupArn) {

    void check(MemberCheck check) {
        check.text("usage of capacityReservations", usage, MemberCheck.SHORT);
        check.text("preference of capacityReservations", preference, MemberCheck.SHORT);
        check.form(
                "resourceGroup of capacityReservations",
                resourceGroupArn,
                SecurityOptions.ARN,
                "its ARN, such as \"arn:aws:resource-groups:eu-central-1:123456789012:group/mine\"");
    }
}
