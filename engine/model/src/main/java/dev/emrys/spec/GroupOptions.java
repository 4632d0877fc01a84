package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * What an author may say of an instance group beyond its role, type, count and market.
 *
 * @param name null for the name of the role
 * @param setup of its instances
 * @param autoScaling null for none
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record GroupOptions(
        @Nullable String name,
        @Nullable InstanceSetup setup,
        @Nullable AutoScaling autoScaling) {

    void check(MemberCheck check) {
        check.text("name", name, MemberCheck.SHORT);
        if (setup != null) {
            setup.check(check);
        }
        if (autoScaling != null) {
            autoScaling.check(check);
        }
    }
}
