package dev.emrys.emulator;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.io.Resources;
import dev.emrys.emulator.Pages.Page;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
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
 * The operations on release labels, from a table of what EMR answered in us-east-1; {@code releases.json} names its source and date. Their
 * applications are in {@link ApplicationVersions}. Thread-safe.
 */
final class ReleaseCalls {

    /** The default of MaxResults; see API_ListReleaseLabels in the API reference. */
    private static final int LABELS_PER_PAGE = 100;

    private ReleaseCalls() {}

    /** Read when it is first needed: it is large. */
    private static final class Table {
        static final Table SHIPPED = new Table(read());

        final ImmutableMap<String, ImmutableList<SupportedInstanceType>> typesByLabel;

        Table(JsonNode table) {
            JsonNode columns = table.get("columns");
            ImmutableList.Builder<SupportedInstanceType> rows = ImmutableList.builder();
            for (JsonNode row : table.get("types")) {
                ObjectNode type = SdkJson.MAPPER.createObjectNode();
                for (int i = 0; i < columns.size(); i++) {
                    type.set(columns.get(i).textValue(), row.get(i));
                }
                rows.add(SdkJson.read(type, SupportedInstanceType.builder()));
            }
            ImmutableList<SupportedInstanceType> types = rows.build();
            ImmutableList.Builder<ImmutableList<SupportedInstanceType>> lists = ImmutableList.builder();
            for (JsonNode list : table.get("typesOfLabels")) {
                ImmutableList.Builder<SupportedInstanceType> selected = ImmutableList.builder();
                list.forEach(index -> selected.add(types.get(index.intValue())));
                lists.add(selected.build());
            }
            ImmutableList<ImmutableList<SupportedInstanceType>> typesOfLabels = lists.build();
            ImmutableMap.Builder<String, ImmutableList<SupportedInstanceType>> byLabel = ImmutableMap.builder();
            table.get("labels")
                    .forEach(label -> byLabel.put(
                            label.get(0).textValue(),
                            typesOfLabels.get(label.get(1).intValue())));
            typesByLabel = byLabel.buildOrThrow();
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
        ImmutableList<String> labels = Table.SHIPPED.typesByLabel.keySet().stream()
                .filter(label -> label.startsWith(prefix) && (application == null || has(label, application)))
                .collect(toImmutableList());
        int size = request.maxResults() == null ? LABELS_PER_PAGE : request.maxResults();
        Page<String> page = Pages.of("ListReleaseLabels", labels, request.nextToken(), size);
        return ListReleaseLabelsResponse.builder()
                .releaseLabels(page.items())
                .nextToken(page.marker())
                .build();
    }

    /** @param filter a name, or a name and a version as in {@code spark@2.1.0}; see ReleaseLabelFilter in the API reference */
    private static boolean has(String label, String filter) {
        List<String> parts = Splitter.on('@').limit(2).splitToList(filter);
        SimplifiedApplication found = ApplicationVersions.find(label, parts.get(0));
        return found != null && (parts.size() == 1 || parts.get(1).equals(found.version()));
    }

    /**
     * The applications of a label. The releases of Amazon Linux are absent: no public document lists them by label.
     */
    static DescribeReleaseLabelResponse describe(DescribeReleaseLabelRequest request) {
        String label = request.releaseLabel();
        if (label == null || label.isEmpty()) {
            throw Errors.validation("ReleaseLabel is required.");
        } else if (!isKnown(label)) {
            throw unknownLabel(label);
        }
        ImmutableMap<String, SimplifiedApplication> applications = ApplicationVersions.of(label);
        if (applications == null) {
            throw Errors.validation("Emrys's emulator has no table of the applications of " + label
                    + ": read the EMR release guide (docs.aws.amazon.com/emr), or run against AWS.");
        }
        return DescribeReleaseLabelResponse.builder()
                .releaseLabel(label)
                .applications(applications.values())
                .build();
    }

    /** Whether EMR has had the label. Some labels that EMR no longer lists are only in the release guide. */
    static boolean isKnown(String label) {
        return Table.SHIPPED.typesByLabel.containsKey(label)
                || ApplicationVersions.labels().contains(label);
    }

    private static InvalidRequestException unknownLabel(String label) {
        return Errors.invalid("InvalidReleaseLabel", "The supplied release label is invalid: " + label + ".");
    }

    static ListSupportedInstanceTypesResponse instanceTypes(ListSupportedInstanceTypesRequest request) {
        @Nullable ImmutableList<SupportedInstanceType> types = Table.SHIPPED.typesByLabel.get(request.releaseLabel());
        if (types == null) {
            throw unknownLabel(request.releaseLabel());
        }
        Page<SupportedInstanceType> page = Pages.of("ListSupportedInstanceTypes", types, request.marker(), Pages.SIZE);
        return ListSupportedInstanceTypesResponse.builder()
                .supportedInstanceTypes(page.items())
                .marker(page.marker())
                .build();
    }
}
