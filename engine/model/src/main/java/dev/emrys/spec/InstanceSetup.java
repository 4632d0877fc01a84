package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.google.common.collect.ImmutableList;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the instances of a group, or of one type of a fleet, are set up with.
 *
 * @param volumes empty for the default of the instance type
 * @param ebsOptimized null for the default of the instance type
 * @param customAmiId null for that of the cluster
 * @param configurations added to those of the cluster
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record InstanceSetup(
        ImmutableList<EbsVolume> volumes,
        @Nullable Boolean ebsOptimized,
        @Nullable String customAmiId,
        ImmutableList<Configuration> configurations) {

    /** The defaults. */
    public static final InstanceSetup NONE = new InstanceSetup(ImmutableList.of(), null, null, ImmutableList.of());

    void values(ImmutableList.Builder<String> texts) {
        configurations.forEach(configuration -> configuration.values(texts));
    }

    InstanceSetup withValues(UnaryOperator<String> replace) {
        return new InstanceSetup(
                volumes,
                ebsOptimized,
                customAmiId,
                configurations.stream()
                        .map(configuration -> configuration.withValues(replace))
                        .collect(ImmutableList.toImmutableList()));
    }

    void check(MemberCheck check) {
        volumes.forEach(volume -> volume.check(check));
        check.form("customAmi", customAmiId, ImageOptions.AMI, ImageOptions.AMI_EXAMPLE);
        configurations.forEach(configuration -> configuration.check(check.location(), check.diagnostics()));
    }
}
