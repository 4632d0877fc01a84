package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * How EC2 places the instances of one role. EMR: {@code PlacementGroupConfig}.
 *
 * @param role whose instances
 * @param strategy EMR's {@code PlacementStrategy}, an open vocabulary; null for EMR's default, {@code SPREAD}
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record PlacementGroup(InstanceRole role, @Nullable String strategy) {}
