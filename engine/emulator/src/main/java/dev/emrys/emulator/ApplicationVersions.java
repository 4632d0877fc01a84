package dev.emrys.emulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.base.Ascii;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.emr.model.SimplifiedApplication;

/**
 * The applications of the release labels and their versions, from the tables of the EMR release guide; {@code applications.json} names its
 * source and date. Thread-safe.
 *
 * <p>The guide's versions have suffixes ({@code 3.5.4-amzn-0}). EMR's answers have the "concise version" (API_DescribeReleaseLabel), which
 * is the part before the first hyphen.
 */
final class ApplicationVersions {

    private ApplicationVersions() {}

    /** Read when it is first needed. */
    private static final class Table {
        static final ImmutableMap<String, ImmutableMap<String, SimplifiedApplication>> BY_LABEL = byLabel(read());

        private static ImmutableMap<String, ImmutableMap<String, SimplifiedApplication>> byLabel(JsonNode table) {
            JsonNode names = table.get("applications");
            ImmutableMap.Builder<String, ImmutableMap<String, SimplifiedApplication>> labels = ImmutableMap.builder();
            for (Map.Entry<String, JsonNode> label : table.get("labels").properties()) {
                ImmutableMap.Builder<String, SimplifiedApplication> applications = ImmutableMap.builder();
                for (int i = 0; i < names.size(); i++) {
                    JsonNode version = label.getValue().get(i);
                    if (version.isTextual()) {
                        String name = names.get(i).textValue();
                        applications.put(Ascii.toLowerCase(name), application(name, version.textValue()));
                    }
                }
                labels.put(label.getKey(), applications.buildOrThrow());
            }
            return labels.buildOrThrow();
        }

        private static SimplifiedApplication application(String name, String version) {
            return SimplifiedApplication.builder()
                    .name(name)
                    .version(Splitter.on('-').splitToList(version).get(0))
                    .build();
        }

        private static JsonNode read() {
            try {
                return SdkJson.parse(Resources.toString(
                        Resources.getResource(ApplicationVersions.class, "applications.json"), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException("The emulator's own applications.json cannot be read.", e);
            }
        }
    }

    /** The labels of the table. */
    static Set<String> labels() {
        return Table.BY_LABEL.keySet();
    }

    /** By name in lower case; null if the guide has no table for the label. */
    static @Nullable ImmutableMap<String, SimplifiedApplication> of(String label) {
        return Table.BY_LABEL.get(label);
    }

    /** The application of a label, with any case of its name; null if the label has not got it or is not in the table. */
    static @Nullable SimplifiedApplication find(@Nullable String label, @Nullable String name) {
        ImmutableMap<String, SimplifiedApplication> applications = label == null ? null : of(label);
        return applications == null || name == null ? null : applications.get(Ascii.toLowerCase(name));
    }
}
