package dev.emrys.local;

import com.google.common.base.Ascii;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Optional;

/**
 * The versions of Spark and Hadoop of those release labels whose Spark runs on Java 17: 3.3.0 and later. The emulator
 * knows them too, from a table that takes longer to read than a plan may take.
 *
 * @see <a href="https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-release-components.html">EMR releases</a>
 */
final class ReleaseVersions {
    /** Spark and Hadoop by label. */
    private static final ImmutableMap<String, String> VERSIONS = ImmutableMap.<String, String>builder()
            .put("emr-7.13.0", "3.5.6 3.4.2")
            .put("emr-7.12.0", "3.5.6 3.4.1")
            .put("emr-7.11.0", "3.5.6 3.4.1")
            .put("emr-7.10.0", "3.5.5 3.4.1")
            .put("emr-7.9.0", "3.5.5 3.4.1")
            .put("emr-7.8.0", "3.5.4 3.4.1")
            .put("emr-7.7.0", "3.5.3 3.4.0")
            .put("emr-7.6.0", "3.5.3 3.4.0")
            .put("emr-7.5.0", "3.5.2 3.4.0")
            .put("emr-7.4.0", "3.5.2 3.4.0")
            .put("emr-7.3.0", "3.5.1 3.3.6")
            .put("emr-7.2.0", "3.5.1 3.3.6")
            .put("emr-7.1.0", "3.5.0 3.3.6")
            .put("emr-7.0.0", "3.5.0 3.3.6")
            .put("emr-6.15.0", "3.4.1 3.3.6")
            .put("emr-6.14.0", "3.4.1 3.3.3")
            .put("emr-6.13.0", "3.4.1 3.3.3")
            .put("emr-6.12.0", "3.4.0 3.3.3")
            .put("emr-6.11.1", "3.3.2 3.3.3")
            .put("emr-6.11.0", "3.3.2 3.3.3")
            .put("emr-6.10.1", "3.3.1 3.3.3")
            .put("emr-6.10.0", "3.3.1 3.3.3")
            .put("emr-6.9.1", "3.3.0 3.3.3")
            .put("emr-6.9.0", "3.3.0 3.3.3")
            .put("emr-6.8.1", "3.3.0 3.2.1")
            .put("emr-6.8.0", "3.3.0 3.2.1")
            .buildOrThrow();

    private ReleaseVersions() {}

    /** Spark's version; empty for an unknown label, and for one whose Spark does not run here. */
    static Optional<String> spark(String label) {
        return of(label, 0);
    }

    /** Hadoop's version; empty where {@link #spark} is. */
    static Optional<String> hadoop(String label) {
        return of(label, 1);
    }

    private static Optional<String> of(String label, int index) {
        List<String> versions =
                Splitter.on(' ').omitEmptyStrings().splitToList(VERSIONS.getOrDefault(Ascii.toLowerCase(label), ""));
        return versions.isEmpty() ? Optional.empty() : Optional.of(versions.get(index));
    }
}
