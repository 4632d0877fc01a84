package dev.emrys.runtime;

import com.google.common.collect.ImmutableList;
import dev.emrys.local.PrivateFiles;
import dev.emrys.spec.AwsCode;
import dev.emrys.spec.BootstrapAction;
import dev.emrys.spec.ClusterSpec;
import dev.emrys.spec.Diagnostic;
import dev.emrys.spec.Diagnostics;
import dev.emrys.spec.PipelineSpec;
import dev.emrys.spec.Placeholders;
import dev.emrys.spec.SourceLocation;
import dev.emrys.spec.StepSpec;
import dev.emrys.spec.TargetCode;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds what a cluster on AWS cannot execute, before anything is started. It asks AWS nothing, and loads none of the
 * SDK.
 */
final class AwsPreflight {
    private static final Pattern FILE = Pattern.compile("\\bfile:(/[^\\s,;'\"]*)");

    /** What a cluster has itself. */
    private static final Pattern ON_CLUSTER = Pattern.compile("/+(usr|etc|opt|tmp|var|mnt\\d*|home/hadoop|emr)(/.*)?");

    private final SecretSource secrets;

    AwsPreflight(SecretSource secrets) {
        this.secrets = secrets;
    }

    /** As {@link dev.emrys.drive.Target#preflight}. */
    ImmutableList<Diagnostic> diagnostics(PipelineSpec spec, Predicate<StepSpec> submitted) {
        Diagnostics diagnostics = new Diagnostics();
        ImmutableList<StepSpec> steps =
                spec.steps().stream().filter(submitted).collect(ImmutableList.toImmutableList());
        for (ClusterSpec cluster : spec.clusters()) {
            if (steps.stream().anyMatch(step -> step.cluster().equals(cluster.name()))) {
                checkSecrets("cluster", cluster.name(), cluster.location(), cluster.filled(), diagnostics);
                for (BootstrapAction action : cluster.bootstrapActions()) {
                    checkFiles("cluster", cluster.name(), cluster.location(), action.path(), diagnostics);
                }
                if (!cluster.supportsIdleTimeout()) {
                    diagnostics.add(AwsCode.NO_IDLE_LEASE, cluster.location(), cluster.name(), cluster.releaseLabel());
                }
                if (cluster.logUri() == null) {
                    diagnostics.add(TargetCode.LOGS_NOWHERE, cluster.location(), cluster.name());
                }
            }
        }
        for (StepSpec step : steps) {
            checkSecrets(step.noun(), step.name(), step.location(), step.filled(), diagnostics);
            for (String text : step.filled()) {
                if (checkFiles(step.noun(), step.name(), step.location(), text, diagnostics)) {
                    break;
                }
            }
        }
        secrets.readableByOthers()
                .ifPresent(file -> diagnostics.add(TargetCode.SECRETS_READABLE.of(file, PrivateFiles.word(file))));
        return diagnostics.all();
    }

    private void checkSecrets(
            String noun, String name, SourceLocation location, ImmutableList<String> texts, Diagnostics diagnostics) {
        Set<String> named = new LinkedHashSet<>();
        texts.forEach(text -> named.addAll(Placeholders.secrets(text)));
        for (String secret : named) {
            if (secrets.find(secret).isEmpty()) {
                diagnostics.add(TargetCode.SECRET_UNKNOWN, location, noun, name, secret, Placeholders.variable(secret));
            }
        }
    }

    /** Whether a text names a file of this machine. */
    private static boolean checkFiles(
            String noun, String name, SourceLocation location, String text, Diagnostics diagnostics) {
        Optional<String> found = file(text);
        found.ifPresent(file -> diagnostics.add(TargetCode.FILE_NOT_ON_CLUSTER, location, noun, name, file));
        return found.isPresent();
    }

    private static Optional<String> file(String text) {
        Matcher matcher = FILE.matcher(text);
        while (matcher.find()) {
            if (!ON_CLUSTER.matcher(matcher.group(1)).matches()) {
                return Optional.of(matcher.group());
            }
        }
        return Optional.empty();
    }
}
