package dev.emrys.emulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.base.Ascii;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.SimplifiedApplication;

/**
 * The applications of the release labels and their versions, from the tables of the EMR release guide; {@code
 * applications.json} names its source and date. Thread-safe.
 *
 * <p>The guide's versions have suffixes ({@code 3.5.4-amzn-0}). EMR's answers have the "concise version"
 * (API_DescribeReleaseLabel), which is the part before the first hyphen.
 */
final class ApplicationVersions {

    private ApplicationVersions() {}

    /** Read when it is first needed. */
    private static final class Table {
        static final JsonNode SHIPPED = read();
        static final ImmutableSet<String> LABELS = ImmutableSet.copyOf(
                SHIPPED.get("labels").propertyStream().map(Map.Entry::getKey).iterator());

        private static JsonNode read() {
            try {
                return SdkJson.parse(Resources.toString(
                        Resources.getResource(ApplicationVersions.class, "applications.json"), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException("The emulator's own applications.json cannot be read.", e);
            }
        }
    }

    /** Whether the guide has a table for the label. */
    static boolean has(String label) {
        return Table.LABELS.contains(label);
    }

    /** The applications of a label; empty if the guide has no table for it. */
    static ImmutableList<SimplifiedApplication> of(String label) {
        ImmutableList.Builder<SimplifiedApplication> applications = ImmutableList.builder();
        JsonNode versions = Table.SHIPPED.get("labels").path(label);
        for (int i = 0; i < versions.size(); i++) {
            if (versions.get(i).isTextual()) {
                applications.add(application(i, versions.get(i).textValue()));
            }
        }
        return applications.build();
    }

    /**
     * The application of a label, with any case of its name; null if the label does not have it or is not in the table.
     */
    static @Nullable SimplifiedApplication find(@Nullable String label, @Nullable String name) {
        return label == null || name == null
                ? null
                : of(label).stream()
                        .filter(one -> Ascii.equalsIgnoreCase(one.name(), name))
                        .findFirst()
                        .orElse(null);
    }

    private static SimplifiedApplication application(int index, String version) {
        return SimplifiedApplication.builder()
                .name(Table.SHIPPED.get("applications").get(index).textValue())
                .version(Splitter.on('-').splitToList(version).get(0))
                .build();
    }
}
