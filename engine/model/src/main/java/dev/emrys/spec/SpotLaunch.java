package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a fleet gets its Spot instances. EMR: {@code SpotProvisioningSpecification} at the start, {@code
 * SpotResizingSpecification} when the fleet is resized.
 *
 * @param strategy EMR's {@code AllocationStrategy}, an open vocabulary; null for EMR's default
 * @param timeout how long EMR waits for the capacity, in whole minutes; null for EMR's default, only when the fleet
 *     is resized
 * @param onTimeout EMR's {@code TimeoutAction}, only at the start
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SpotLaunch(
        @Nullable String strategy,
        @Nullable Duration timeout,
        @Nullable String onTimeout) {
    private static final int MIN_MINUTES = 5;
    static final int MAX_LAUNCH_MINUTES = 1440;
    static final int MAX_RESIZE_MINUTES = 10_080;

    void check(String word, int maxMinutes, MemberCheck check) {
        check.text("strategy of " + word, strategy, MemberCheck.SHORT);
        check.text("onTimeout of " + word, onTimeout, MemberCheck.SHORT);
        checkMinutes("timeout of " + word, timeout, maxMinutes, check);
    }

    static void checkMinutes(String word, @Nullable Duration timeout, int maxMinutes, MemberCheck check) {
        if (timeout == null) {
            return;
        }
        boolean fine = timeout.compareTo(Duration.ofMinutes(MIN_MINUTES)) >= 0
                && timeout.compareTo(Duration.ofMinutes(maxMinutes)) <= 0
                && timeout.equals(Duration.ofMinutes(timeout.toMinutes()));
        if (!fine) {
            check.diagnostics()
                    .add(
                            ClusterCode.MEMBER_RANGE,
                            check.location(),
                            word,
                            check.element(),
                            timeout,
                            MIN_MINUTES + " to " + maxMinutes + " whole minutes");
        }
    }
}
