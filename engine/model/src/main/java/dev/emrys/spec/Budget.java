package dev.emrys.spec;

import java.math.BigDecimal;

/**
 * What the clusters of one run may cost, by estimate.
 *
 * @param usd US dollars, more than zero
 * @param location where the author set it
 */
public record Budget(BigDecimal usd, SourceLocation location) {
    /** More than any run costs: a mistake in the unit is seen. */
    private static final BigDecimal MAX = BigDecimal.valueOf(10_000_000);

    void check(Diagnostics diagnostics) {
        diagnostics.unless(
                usd.signum() > 0 && usd.compareTo(MAX) <= 0,
                PipelineCode.BUDGET_RANGE,
                location,
                usd.toPlainString(),
                MAX.toPlainString());
    }
}
