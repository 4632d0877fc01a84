package dev.emrys.spec;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One instance group of a cluster.
 *
 * @param role what the instances are for
 * @param instanceType such as {@code m6g.xlarge}; the vocabulary is Amazon's and open
 * @param count how many instances, from 1 (primary: 1 or 3) to 2000
 * @param spot null for on-demand instances
 * @param location where the author asked for it
 */
public record InstanceGroup(
        InstanceRole role,
        String instanceType,
        int count,
        @Nullable SpotMarket spot,
        SourceLocation location) {

    private static final Pattern TYPE = Pattern.compile("[a-z][a-z0-9-]*\\.[a-z0-9-]+");

    /** EMR's limit for one group. */
    public static final int MAX_COUNT = 2000;

    void check(Diagnostics diagnostics) {
        String name = role.name().toLowerCase(Locale.ROOT);
        diagnostics.unless(
                TYPE.matcher(instanceType).matches(),
                location,
                "\"" + instanceType + "\" is not the form of an instance type.",
                "Write family.size, such as \"m6g.xlarge\".");
        if (role == InstanceRole.PRIMARY) {
            diagnostics.unless(
                    count == 1 || count == 3,
                    location,
                    "The primary group has " + count + " instances.",
                    "EMR takes 1, or 3 for high availability.");
        } else {
            diagnostics.unless(
                    count >= 1 && count <= MAX_COUNT,
                    location,
                    "The " + name + " group has " + count + " instances.",
                    "Write 1 to " + MAX_COUNT + ", or leave the group out.");
        }
        if (spot != null) {
            spot.check(location, diagnostics);
        }
    }
}
