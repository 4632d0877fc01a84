package dev.emrys.spec;

import org.jspecify.annotations.Nullable;

/**
 * The size of one instance group. It is named by its role, or by its name or id.
 *
 * @param role null when it is named otherwise
 * @param group its name or its id on EMR; null when it is the only one of its role
 * @param count how many instances
 */
public record GroupSize(
        @Nullable InstanceRole role, @Nullable String group, int count) {
    /** Which group it is, for people. */
    public String identity() {
        return role == null ? "instance group \"" + group + "\"" : role.word() + " instance group";
    }

    String named() {
        return role == null ? String.valueOf(group) : role.word();
    }
}
