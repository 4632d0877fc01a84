package dev.emrys.aws;

import static com.google.common.collect.ImmutableMap.toImmutableMap;
import static com.google.common.collect.ImmutableSet.toImmutableSet;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.emrys.emr.Endpoint;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.emr.EmrClient;
import software.amazon.awssdk.services.emr.model.EmrException;
import software.amazon.awssdk.services.emr.model.SimplifiedApplication;
import software.amazon.awssdk.services.emr.model.SupportedInstanceType;

/**
 * What EMR has in one region: its release labels, their applications and their instance types. Each list is asked for
 * once, when it is needed first. Its methods block, change nothing, and throw {@link AwsException} when EMR cannot be
 * asked. Not thread-safe.
 *
 * @see <a href="https://docs.aws.amazon.com/emr/latest/APIReference/API_ListReleaseLabels.html">ListReleaseLabels</a>
 * @see <a href="https://docs.aws.amazon.com/emr/latest/APIReference/API_DescribeReleaseLabel.html">DescribeReleaseLabel</a>
 * @see <a
 *     href="https://docs.aws.amazon.com/emr/latest/APIReference/API_ListSupportedInstanceTypes.html">ListSupportedInstanceTypes</a>
 */
public final class RegionLists implements AutoCloseable {
    private final AwsAccess access;
    private final EmrClient emr;
    private final Map<String, Optional<ImmutableMap<String, String>>> applications = new HashMap<>();
    private final Map<String, ImmutableSet<String>> instanceTypes = new HashMap<>();
    private @Nullable ImmutableSet<String> releases;

    /**
     * @param access stays open
     * @throws AwsException when no region is known
     */
    public RegionLists(AwsAccess access) {
        this.access = access;
        this.emr = access.questions();
    }

    /** The region's name, such as {@code eu-central-1}. */
    public String region() {
        return access.region().id();
    }

    /** The release labels that EMR lists, newest first. It may have others, such as patched ones. */
    public ImmutableSet<String> releases() {
        ImmutableSet<String> known = releases;
        if (known == null) {
            known = asked(() -> emr.listReleaseLabelsPaginator(request -> {}).stream()
                    .flatMap(page -> page.releaseLabels().stream())
                    .collect(toImmutableSet()));
            releases = known;
        }
        return known;
    }

    /** Whether a cluster can have a release label. */
    public boolean has(String release) {
        return releases().contains(release) || applications(release).isPresent();
    }

    /**
     * The applications of a release label, with their versions.
     *
     * @return empty when EMR does not describe the label
     */
    public Optional<ImmutableMap<String, String>> applications(String release) {
        return applications.computeIfAbsent(release, this::describe);
    }

    private Optional<ImmutableMap<String, String>> describe(String release) {
        return asked(() -> {
            try {
                return Optional.of(
                        emr.describeReleaseLabel(request -> request.releaseLabel(release)).applications().stream()
                                .collect(toImmutableMap(
                                        SimplifiedApplication::name,
                                        application -> String.valueOf(application.version()),
                                        (one, other) -> one)));
            } catch (EmrException e) {
                if (isAboutRelease(e)) {
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    private static boolean isAboutRelease(EmrException refusal) {
        String code = AwsFailures.code(refusal);
        return code.equals("InvalidRequestException") || code.equals("ValidationException");
    }

    /** The instance types that clusters of a release label can have; empty when EMR lists none. */
    public ImmutableSet<String> instanceTypes(String release) {
        return instanceTypes.computeIfAbsent(release, this::listTypes);
    }

    private ImmutableSet<String> listTypes(String release) {
        return asked(() -> {
            ImmutableSet.Builder<String> types = ImmutableSet.builder();
            String marker = null;
            do {
                String from = marker;
                var page = emr.listSupportedInstanceTypes(
                        request -> request.releaseLabel(release).marker(from));
                page.supportedInstanceTypes().stream()
                        .map(SupportedInstanceType::type)
                        .forEach(types::add);
                marker = page.marker();
            } while (marker != null);
            return types.build();
        });
    }

    private <T> T asked(Supplier<T> question) {
        try {
            return question.get();
        } catch (SdkException | Endpoint.UnavailableException e) {
            throw AwsFailures.exception(e, access.settings(), "Amazon EMR in " + region());
        }
    }

    @Override
    public void close() {
        emr.close();
    }
}
