package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the instances boot from.
 *
 * @param customAmiId null for EMR's own image
 * @param osReleaseLabel such as {@code 2.0.20241031.0}; null for the newest
 * @param repoUpgradeOnBoot EMR's {@code SECURITY} or {@code NONE}; null for EMR's default
 * @param rootVolumeGiB null for EMR's default, as the next two
 * @param rootVolumeIops input and output operations per second
 * @param rootVolumeThroughputMiB MiB per second
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ImageOptions(
        @Nullable String customAmiId,
        @Nullable String osReleaseLabel,
        @Nullable String repoUpgradeOnBoot,
        @Nullable Integer rootVolumeGiB,
        @Nullable Integer rootVolumeIops,
        @Nullable Integer rootVolumeThroughputMiB) {

    static final Pattern AMI = Pattern.compile("ami-[0-9a-z]+");
    static final String AMI_EXAMPLE = "the id of an image, such as \"ami-0a1b2c3d\"";

    /** Nothing said. */
    public static final ImageOptions NONE = new ImageOptions(null, null, null, null, null, null);

    private static final int MIN_GIB = 10;
    private static final int MAX_GIB = 16_384;

    void check(ClusterFacts cluster, MemberCheck check) {
        check.form("customAmi", customAmiId, AMI, AMI_EXAMPLE);
        check.text("osRelease", osReleaseLabel, MemberCheck.SHORT);
        check.exclusive(
                customAmiId != null && osReleaseLabel != null,
                "customAmi",
                "osRelease",
                "The custom image has an operating system already.");
        check.text("repoUpgradeOnBoot", repoUpgradeOnBoot, MemberCheck.SHORT);
        check.range("size of rootVolume", rootVolumeGiB, MIN_GIB, MAX_GIB);
        check.atLeast("iops of rootVolume", rootVolumeIops, 1);
        check.atLeast("throughput of rootVolume", rootVolumeThroughputMiB, 1);
        check.needs(
                (rootVolumeIops != null || rootVolumeThroughputMiB != null) && !cluster.rootVolumeSpeed(),
                "iops or throughput of rootVolume",
                "release label from emr-6.15.0 on",
                "Use a newer release label, or remove them.");
    }
}
