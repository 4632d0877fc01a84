package dev.emrys.runtime;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.emrys.aws.RegionLists;
import dev.emrys.spec.AwsCode;
import dev.emrys.spec.ClusterSpec;
import dev.emrys.spec.Diagnostic;
import dev.emrys.spec.Diagnostics;
import dev.emrys.spec.InstanceGroup;
import dev.emrys.spec.PipelineSpec;
import dev.emrys.spec.SourceLocation;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Compares a spec with what EMR has in the region of its clusters: release labels, applications, instance types. */
final class RegionCheck {
    private static final int MOST_NAMED = 5;

    private RegionCheck() {}

    /** @throws dev.emrys.aws.AwsException when EMR cannot be asked */
    static ImmutableList<Diagnostic> diagnostics(PipelineSpec spec, RegionLists lists) {
        Diagnostics diagnostics = new Diagnostics();
        for (ClusterSpec cluster : spec.clusters()) {
            String release = cluster.releaseLabel();
            if (!lists.has(release)) {
                diagnostics.add(
                        AwsCode.RELEASE_NOT_IN_REGION,
                        cluster.location(),
                        cluster.name(),
                        release,
                        lists.region(),
                        similar(release, lists.releases()));
                continue;
            }
            checkApplications(cluster, lists, diagnostics);
            checkTypes(cluster, lists, diagnostics);
        }
        return diagnostics.all();
    }

    /** EMR does not distinguish upper and lower case in the names of applications. */
    private static void checkApplications(ClusterSpec cluster, RegionLists lists, Diagnostics diagnostics) {
        Optional<ImmutableMap<String, String>> known = lists.applications(cluster.releaseLabel());
        for (String application : cluster.applications()) {
            if (known.isPresent()
                    && known.get().keySet().stream().noneMatch(name -> Ascii.equalsIgnoreCase(name, application))) {
                diagnostics.add(
                        AwsCode.APPLICATION_NOT_IN_RELEASE,
                        cluster.location(),
                        cluster.name(),
                        application,
                        cluster.releaseLabel(),
                        lists.region(),
                        String.join(", ", known.get().keySet()));
            }
        }
    }

    private static void checkTypes(ClusterSpec cluster, RegionLists lists, Diagnostics diagnostics) {
        ImmutableSet<String> known = lists.instanceTypes(cluster.releaseLabel());
        types(cluster).forEach((type, location) -> {
            if (!known.isEmpty() && !known.contains(type)) {
                diagnostics.add(
                        AwsCode.TYPE_NOT_IN_REGION,
                        location,
                        cluster.name(),
                        type,
                        cluster.releaseLabel(),
                        lists.region(),
                        similar(type, known));
            }
        });
    }

    /** Each type once, where it is named first. */
    private static Map<String, SourceLocation> types(ClusterSpec cluster) {
        Map<String, SourceLocation> types = new LinkedHashMap<>();
        for (ClusterSpec attempt : cluster.ofAllAttempts()) {
            for (InstanceGroup group : attempt.instanceGroups()) {
                types.putIfAbsent(group.instanceType(), group.location());
            }
            attempt.optionsOrNone()
                    .instanceFleets()
                    .forEach(fleet ->
                            fleet.types().forEach(type -> types.putIfAbsent(type.instanceType(), fleet.location())));
        }
        return types;
    }

    /** Those with the same beginning up to a dot, else the first ones: labels are listed newest first. */
    private static String similar(String wanted, ImmutableSet<String> known) {
        String series = wanted.substring(0, wanted.indexOf('.') + 1);
        ImmutableList<String> alike = known.stream()
                .filter(name -> !series.isEmpty() && name.startsWith(series))
                .limit(MOST_NAMED)
                .collect(ImmutableList.toImmutableList());
        return String.join(
                ", ", alike.isEmpty() ? known.asList().subList(0, Math.min(MOST_NAMED, known.size())) : alike);
    }
}
