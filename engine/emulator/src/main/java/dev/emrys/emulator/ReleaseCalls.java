package dev.emrys.emulator;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.ImmutableMap.toImmutableMap;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Streams;
import com.google.common.io.Resources;
import dev.emrys.emulator.Pages.Page;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import software.amazon.awssdk.services.emr.model.DescribeReleaseLabelRequest;
import software.amazon.awssdk.services.emr.model.DescribeReleaseLabelResponse;
import software.amazon.awssdk.services.emr.model.InvalidRequestException;
import software.amazon.awssdk.services.emr.model.ListReleaseLabelsRequest;
import software.amazon.awssdk.services.emr.model.ListReleaseLabelsResponse;
import software.amazon.awssdk.services.emr.model.ListSupportedInstanceTypesRequest;
import software.amazon.awssdk.services.emr.model.ListSupportedInstanceTypesResponse;
import software.amazon.awssdk.services.emr.model.ReleaseLabelFilter;
import software.amazon.awssdk.services.emr.model.SimplifiedApplication;
import software.amazon.awssdk.services.emr.model.SupportedInstanceType;

/**
 * The operations on release labels, from a table of what EMR answered in us-east-1; {@code releases.json} names its
 * source and date. Their applications are in {@link ApplicationVersions}. Thread-safe.
 */
final class ReleaseCalls {

    /** The default of MaxResults; see API_ListReleaseLabels in the API reference. */
    private static final int LABELS_PER_PAGE = 100;

    /** The column of a type's name. */
    private static final int TYPE = 0;

    private ReleaseCalls() {}

    /** Read when it is first needed: it is large. */
    private static final class Table {
        static final JsonNode SHIPPED = read();

        /** The index of the list of types of each label, newest label first. */
        static final ImmutableMap<String, Integer> LISTS = Streams.stream(SHIPPED.get("labels"))
                .collect(toImmutableMap(
                        label -> label.get(0).textValue(), label -> label.get(1).intValue()));

        /** The rows of the types of a label. */
        static ImmutableList<JsonNode> rows(int list) {
            return Streams.stream(SHIPPED.get("typesOfLabels").get(list))
                    .map(index -> SHIPPED.get("types").get(index.intValue()))
                    .collect(toImmutableList());
        }

        static SupportedInstanceType type(JsonNode row) {
            ObjectNode type = SdkJson.MAPPER.createObjectNode();
            for (int i = 0; i < row.size(); i++) {
                type.set(SHIPPED.get("columns").get(i).textValue(), row.get(i));
            }
            return SdkJson.read(type, SupportedInstanceType.builder());
        }

        private static JsonNode read() {
            try {
                return SdkJson.parse(Resources.toString(
                        Resources.getResource(ReleaseCalls.class, "releases.json"), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException("The emulator's own releases.json cannot be read.", e);
            }
        }
    }

    /** Newest first, as EMR. */
    static ListReleaseLabelsResponse labels(ListReleaseLabelsRequest request) {
        ReleaseLabelFilter filter = request.filters();
        String prefix = filter == null || filter.prefix() == null ? "" : filter.prefix();
        String application = filter == null ? null : filter.application();
        ImmutableList<String> labels = Table.LISTS.keySet().stream()
                .filter(label -> label.startsWith(prefix) && (application == null || has(label, application)))
                .collect(toImmutableList());
        int size = request.maxResults() == null ? LABELS_PER_PAGE : request.maxResults();
        Page<String> page = Pages.of("ListReleaseLabels", labels, request.nextToken(), size);
        return ListReleaseLabelsResponse.builder()
                .releaseLabels(page.items())
                .nextToken(page.marker())
                .build();
    }

    /**
     * @param filter a name, or a name and a version as in {@code spark@2.1.0}; see ReleaseLabelFilter in the API
     *     reference
     */
    private static boolean has(String label, String filter) {
        List<String> parts = Splitter.on('@').limit(2).splitToList(filter);
        SimplifiedApplication found = ApplicationVersions.find(label, parts.get(0));
        return found != null && (parts.size() == 1 || parts.get(1).equals(found.version()));
    }

    /** The applications of a label. The releases of Amazon Linux are absent: the table does not have them. */
    static DescribeReleaseLabelResponse describe(DescribeReleaseLabelRequest request) {
        String label = request.releaseLabel();
        if (label == null || label.isEmpty()) {
            throw Errors.validation("ReleaseLabel is required.");
        } else if (!isKnown(label)) {
            throw unknownLabel(label);
        }
        if (!ApplicationVersions.has(label)) {
            throw Errors.validation("Emrys's emulator has no table of the applications of " + label
                    + ": read the EMR release guide (docs.aws.amazon.com/emr), or run against AWS.");
        }
        return DescribeReleaseLabelResponse.builder()
                .releaseLabel(label)
                .applications(ApplicationVersions.of(label))
                .build();
    }

    private static final Comparator<Release> VERSIONS = Comparator.comparingInt(Release::major)
            .thenComparingInt(Release::minor)
            .thenComparingInt(Release::patch);

    /** Whether EMR has had the label. Some labels that EMR no longer lists are only in the release guide. */
    static boolean isKnown(String label) {
        return Table.LISTS.containsKey(label) || ApplicationVersions.has(label);
    }

    /**
     * Whether the label would be a later one than all known ones, of their newest major version and with a higher
     * version.
     */
    static boolean isLater(String label) {
        Release release = Release.parse(label);
        if (release == null) {
            return false;
        }
        Release newest = Table.LISTS.keySet().stream()
                .filter(known -> seriesOf(known).equals(seriesOf(label)))
                .map(Release::parse)
                .filter(Objects::nonNull)
                .max(VERSIONS)
                .orElse(null);
        return newest != null && release.major() == newest.major() && VERSIONS.compare(release, newest) > 0;
    }

    /** What is before the version: {@code emr-} or {@code emr-spark-}. */
    private static String seriesOf(String label) {
        return label.substring(0, CharMatcher.inRange('0', '9').indexIn(label));
    }

    /** Whether a label has an instance type; true if its types are not known. */
    static boolean mayHaveType(String label, String type) {
        Integer list = Table.LISTS.get(label);
        return list == null
                || Table.rows(list).stream()
                        .anyMatch(row -> row.get(TYPE).textValue().equals(type));
    }

    private static InvalidRequestException unknownLabel(String label) {
        return Errors.invalid("InvalidReleaseLabel", "The supplied release label is invalid: " + label + ".");
    }

    static ListSupportedInstanceTypesResponse instanceTypes(ListSupportedInstanceTypesRequest request) {
        Integer list = Table.LISTS.get(request.releaseLabel());
        if (list == null) {
            throw unknownLabel(request.releaseLabel());
        }
        Page<JsonNode> page = Pages.of("ListSupportedInstanceTypes", Table.rows(list), request.marker(), Pages.SIZE);
        return ListSupportedInstanceTypesResponse.builder()
                .supportedInstanceTypes(page.items().stream().map(Table::type).toList())
                .marker(page.marker())
                .build();
    }
}
