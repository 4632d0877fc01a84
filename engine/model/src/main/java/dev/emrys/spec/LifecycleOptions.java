package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * How EMR treats the instances while the cluster is there, and whether it stays when the run has ended.
 *
 * @param autoScalingRole the role of automatic scaling; null for none
 * @param scaleDownBehavior EMR's {@code ScaleDownBehavior}; null for EMR's default
 * @param terminationProtection whether EMR refuses to end the cluster; null for false
 * @param unhealthyNodeReplacement null for EMR's default
 * @param extendedSupport null for EMR's default
 * @param additionalInfo EMR's {@code AdditionalInfo}; null for none
 * @param keepAfterRun whether no task of the run ends the cluster once it is up; null for false
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record LifecycleOptions(
        @Nullable String autoScalingRole,
        @Nullable String scaleDownBehavior,
        @Nullable Boolean terminationProtection,
        @Nullable Boolean unhealthyNodeReplacement,
        @Nullable Boolean extendedSupport,
        @Nullable String additionalInfo,
        @Nullable Boolean keepAfterRun) {

    /** Nothing said. */
    public static final LifecycleOptions NONE = new LifecycleOptions(null, null, null, null, null, null, null);

    void check(MemberCheck check) {
        check.text("autoScalingRole", autoScalingRole, MemberCheck.LONG);
        check.text("scaleDownBehavior", scaleDownBehavior, MemberCheck.SHORT);
        check.text("additionalInfo", additionalInfo, MemberCheck.LONG);
    }
}
