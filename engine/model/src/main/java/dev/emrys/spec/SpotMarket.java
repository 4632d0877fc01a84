package dev.emrys.spec;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Spot instances for an instance group.
 *
 * @param maxPricePerHour in US dollars an instance hour (EMR's {@code BidPrice}); null lets EMR cap it at the on-demand
 *     price
 */
public record SpotMarket(@Nullable String maxPricePerHour) {

    void check(SourceLocation location, Diagnostics diagnostics) {
        if (maxPricePerHour == null) {
            return;
        }
        boolean fine;
        try {
            fine = new BigDecimal(maxPricePerHour).signum() > 0;
        } catch (NumberFormatException e) {
            fine = false;
        }
        diagnostics.unless(fine, ClusterCode.SPOT_PRICE, location, maxPricePerHour);
    }
}
