package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * EBS volumes of one kind that every instance gets. EMR: {@code EbsBlockDeviceConfig}.
 *
 * @param type such as {@code gp3}; the vocabulary is Amazon's and open
 * @param sizeGiB at least 1
 * @param perInstance how many of them an instance gets, 1 to 25; null for one
 * @param iops input and output operations per second; null for the type's default
 * @param throughputMiB MiB per second, of {@code gp3} only; null for the type's default
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record EbsVolume(
        String type,
        int sizeGiB,
        @Nullable Integer perInstance,
        @Nullable Integer iops,
        @Nullable Integer throughputMiB) {

    private static final int MAX_SIZE = 65_536;
    private static final int MAX_PER_INSTANCE = 25;

    void check(MemberCheck check) {
        check.text("The type of volume(…)", type, MemberCheck.SHORT);
        check.range("size of volume(…)", sizeGiB, 1, MAX_SIZE);
        check.range("count of volume(…)", perInstance, 1, MAX_PER_INSTANCE);
        check.atLeast("iops of volume(…)", iops, 1);
        check.atLeast("throughput of volume(…)", throughputMiB, 1);
        check.needs(
                throughputMiB != null && (type.equals("gp2") || type.equals("io1") || type.equals("standard")),
                "throughput of volume(…)",
                "volume of the type gp3",
                "Write volume(\"gp3\", …), or remove throughput.");
    }
}
