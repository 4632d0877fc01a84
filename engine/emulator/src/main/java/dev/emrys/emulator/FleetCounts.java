package dev.emrys.emulator;

import com.google.common.math.IntMath;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.InstanceFleetConfig;
import software.amazon.awssdk.services.emr.model.InstanceFleetType;
import software.amazon.awssdk.services.emr.model.MarketType;

/** What the capacities of a fleet are in instances: all of them are of its first type. */
final class FleetCounts {
    private FleetCounts() {}

    /** How many instances have the market. */
    static int instances(@Nullable InstanceFleetConfig config, MarketType market) {
        if (config == null) {
            return 0;
        }
        Integer target = market == MarketType.SPOT ? config.targetSpotCapacity() : config.targetOnDemandCapacity();
        return IntMath.divide(target == null ? 0 : target, weight(config), RoundingMode.CEILING);
    }

    /** The weight of a primary instance is 1, whatever is configured. */
    static int weight(InstanceFleetConfig config) {
        Integer weight = config.instanceTypeConfigs().get(0).weightedCapacity();
        return weight == null || weight < 1 || config.instanceFleetType() == InstanceFleetType.MASTER ? 1 : weight;
    }
}
