package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One rule of automatic scaling. EMR: {@code ScalingRule}.
 *
 * @param name unique within the policy
 * @param description null for none
 * @param adjustmentType EMR's {@code CHANGE_IN_CAPACITY}, {@code PERCENT_CHANGE_IN_CAPACITY} or {@code EXACT_CAPACITY}
 * @param adjustment by or to how much; negative to remove instances
 * @param coolDown how long no other rule is applied afterwards; null for EMR's default
 * @param alarm what the rule is applied on; null only when the author left it out, which is an error
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ScalingRule(
        String name,
        @Nullable String description,
        @Nullable String adjustmentType,
        int adjustment,
        @Nullable Duration coolDown,
        @Nullable ScalingAlarm alarm) {

    void check(MemberCheck check) {
        check.text("The name of rule(…)", name, MemberCheck.SHORT);
        check.text("description of rule(\"" + name + "\")", description, MemberCheck.LONG);
        check.atLeast("coolDown of rule(\"" + name + "\")", coolDown == null ? null : coolDown.toSeconds(), 0);
        check.needs(
                adjustmentType == null,
                "rule(\"" + name + "\")",
                "change of its size",
                "Add adjustBy(…), adjustByPercent(…) or adjustTo(…).");
        if (alarm == null) {
            check.needs(true, "rule(\"" + name + "\")", "alarm", "Add alarm(\"…\", Comparison.LessThan, 15.0).");
        } else {
            alarm.check(check);
        }
    }
}
