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
        diagnostics.unless(
                TYPE.matcher(instanceType).matches(), ClusterCode.INSTANCE_TYPE_FORM, location, instanceType);
        if (role == InstanceRole.PRIMARY) {
            diagnostics.unless(count == 1 || count == 3, ClusterCode.PRIMARY_COUNT, location, count);
        } else if (count < 1 || count > MAX_COUNT) {
            String name = role.name().toLowerCase(Locale.ROOT);
            diagnostics.add(ClusterCode.GROUP_COUNT, location, name, count, MAX_COUNT);
        }
        if (spot != null) {
            spot.check(location, diagnostics);
        }
    }
}
