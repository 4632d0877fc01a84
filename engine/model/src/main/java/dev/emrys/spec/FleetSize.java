package dev.emrys.spec;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The size of one instance fleet.
 *
 * @param onDemand in units, the on-demand capacity; null to leave it as it is
 * @param spot in units, the Spot capacity; null to leave it as it is
 */
public record FleetSize(
        InstanceRole role,
        @Nullable Integer onDemand,
        @Nullable Integer spot) {
    /** Which fleet it is, for people. */
    public String identity() {
        return role.word() + " instance fleet";
    }

    String described() {
        return Stream.of(
                        onDemand == null ? "" : onDemand + " units on demand",
                        spot == null ? "" : spot + (onDemand == null ? " units on Spot" : " on Spot"))
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(" and "));
    }
}
