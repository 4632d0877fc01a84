package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.google.common.collect.ImmutableList;
import java.util.function.UnaryOperator;
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
 * @param options null for none
 */
public record InstanceGroup(
        InstanceRole role,
        String instanceType,
        int count,
        @Nullable SpotMarket spot,
        SourceLocation location,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable GroupOptions options) {

    private static final Pattern TYPE = Pattern.compile("[a-z][a-z0-9-]*\\.[a-z0-9-]+");

    /** EMR's limit for one group. */
    public static final int MAX_COUNT = 2000;

    /** A group without options. */
    public InstanceGroup(
            InstanceRole role, String instanceType, int count, @Nullable SpotMarket spot, SourceLocation location) {
        this(role, instanceType, count, spot, location, null);
    }

    static boolean isType(String text) {
        return TYPE.matcher(text).matches();
    }

    void values(ImmutableList.Builder<String> texts) {
        if (options != null && options.setup() != null) {
            options.setup().values(texts);
        }
    }

    InstanceGroup withValues(UnaryOperator<String> replace) {
        if (options == null || options.setup() == null) {
            return this;
        }
        GroupOptions replaced =
                new GroupOptions(options.name(), options.setup().withValues(replace), options.autoScaling());
        return new InstanceGroup(role, instanceType, count, spot, location, replaced);
    }

    void check(Diagnostics diagnostics) {
        diagnostics.unless(isType(instanceType), ClusterCode.INSTANCE_TYPE_FORM, location, instanceType);
        if (role == InstanceRole.PRIMARY) {
            diagnostics.unless(count == 1 || count == 3, ClusterCode.PRIMARY_COUNT, location, count);
        } else if (count < 1 || count > MAX_COUNT) {
            diagnostics.add(ClusterCode.GROUP_COUNT, location, role.word(), count, MAX_COUNT);
        }
        if (spot != null) {
            spot.check(location, diagnostics);
        }
        if (options != null) {
            options.check(new MemberCheck("the " + role.word() + " group", location, diagnostics));
        }
    }
}
