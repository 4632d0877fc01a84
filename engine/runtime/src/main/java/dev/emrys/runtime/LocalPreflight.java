package dev.emrys.runtime;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableSet;
import dev.emrys.local.Account;
import dev.emrys.local.Distribution;
import dev.emrys.local.Distributions;
import dev.emrys.local.LocalStep;
import dev.emrys.local.LocalSupport;
import dev.emrys.local.PrivateFiles;
import dev.emrys.local.PySpark;
import dev.emrys.local.ReferencedFiles;
import dev.emrys.local.ReleaseSpark;
import dev.emrys.spec.ClusterSpec;
import dev.emrys.spec.Configuration;
import dev.emrys.spec.Diagnostic;
import dev.emrys.spec.Diagnostics;
import dev.emrys.spec.NotebookExecution;
import dev.emrys.spec.OperationSpec;
import dev.emrys.spec.PipelineSpec;
import dev.emrys.spec.Placeholders;
import dev.emrys.spec.SourceLocation;
import dev.emrys.spec.StepSpec;
import dev.emrys.spec.TargetCode;
import dev.emrys.spec.TaskSpec;
import java.net.URI;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Finds what the local target cannot execute, before anything is started: missing jars and scripts, unknown secrets,
 * unsupported steps. It loads neither the SDK's client nor a database, because a plan uses it too.
 */
final class LocalPreflight {
    /** A setting or a variable that names Python. One of YARN has no effect on this machine. */
    private static final Pattern PYTHON =
            Pattern.compile("spark\\.pyspark\\.(?:driver\\.)?python|(?<![.\\w])PYSPARK_(?:DRIVER_)?PYTHON");

    private final Account account;
    private final SecretSource secrets;
    private final PySpark pySpark;
    private final Supplier<Distributions> distributions;

    /** @param distributions called only for release labels with another Spark: its classes cost a part of a plan's time */
    LocalPreflight(Account account, SecretSource secrets, PySpark pySpark, Supplier<Distributions> distributions) {
        this.account = account;
        this.secrets = secrets;
        this.pySpark = pySpark;
        this.distributions = distributions;
    }

    /** As {@link dev.emrys.drive.Target#preflight}. */
    ImmutableList<Diagnostic> diagnostics(PipelineSpec spec, Predicate<StepSpec> submitted) {
        Diagnostics diagnostics = new Diagnostics();
        check(spec, submitted, diagnostics);
        warn(spec, diagnostics);
        secrets.readableByOthers()
                .ifPresent(file -> diagnostics.add(TargetCode.SECRETS_READABLE.of(file, PrivateFiles.word(file))));
        return diagnostics.all();
    }

    private void check(PipelineSpec spec, Predicate<StepSpec> submitted, Diagnostics diagnostics) {
        ImmutableList<StepSpec> steps =
                spec.steps().stream().filter(submitted).collect(ImmutableList.toImmutableList());
        for (ClusterSpec cluster : spec.clusters()) {
            if (steps.stream().anyMatch(step -> step.cluster().equals(cluster.name()))) {
                checkSecrets("cluster", cluster.name(), cluster.location(), cluster.filled(), diagnostics);
                checkLogLocation(cluster, diagnostics);
            }
        }
        for (TaskSpec task : spec.tasks()) {
            if (task instanceof OperationSpec operation && operation.operation() instanceof NotebookExecution) {
                diagnostics.add(TargetCode.NOTEBOOK_NOT_EMULATED, operation.location(), operation.name());
            }
        }
        for (StepSpec step : steps) {
            checkSecrets(step.noun(), step.name(), step.location(), step.filled(), diagnostics);
            LocalStep local = localStep(step);
            var reason = LocalSupport.unsupported(local);
            if (reason.isPresent()) {
                diagnostics.add(
                        TargetCode.STEP_UNSUPPORTED,
                        step.location(),
                        step.name(),
                        reason.get().what(),
                        reason.get().fix());
            } else {
                ReferencedFiles.of(local).forEach(uri -> checkCode(step, uri, diagnostics));
            }
        }
    }

    private static LocalStep localStep(StepSpec step) {
        return LocalStep.parse(
                step.jarStep().jar(),
                step.jarStep().mainClass(),
                step.jarStep().args(),
                step.jarStep().properties());
    }

    /** What steps of a release label need. */
    record Needed(String release, ImmutableSet<Distribution> distributions, boolean pySpark) {
        boolean spark() {
            return pySpark || distributions.contains(Distribution.SPARK);
        }
    }

    /** What the steps need, by release label. */
    static ImmutableList<Needed> needed(PipelineSpec spec) {
        return spec.steps().stream()
                .collect(ImmutableListMultimap.toImmutableListMultimap(step -> release(spec, step), step -> step))
                .asMap()
                .entrySet()
                .stream()
                .map(entry -> new Needed(
                        entry.getKey(),
                        entry.getValue().stream()
                                .flatMap(step -> Distribution.neededBy(localStep(step)).stream())
                                .collect(ImmutableSet.toImmutableSet()),
                        entry.getValue().stream().anyMatch(step -> needsPySpark(spec, step))))
                .collect(ImmutableList.toImmutableList());
    }

    /** The label of the step's cluster; that of an existing one is not known. */
    private static String release(PipelineSpec spec, StepSpec step) {
        return spec.clusters().stream()
                .filter(cluster -> cluster.name().equals(step.cluster()))
                .map(ClusterSpec::releaseLabel)
                .findFirst()
                .orElse(Distribution.RELEASE);
    }

    /** Whether a step runs a Python program and its author names no Python, which may have pyspark. */
    private static boolean needsPySpark(PipelineSpec spec, StepSpec step) {
        return localStep(step) instanceof LocalStep.SparkSubmit submit
                && submit.isPython()
                && submit.arguments().options().stream()
                        .noneMatch(option -> namesPython(String.valueOf(option.value())))
                && spec.clusters().stream()
                        .filter(cluster -> cluster.name().equals(step.cluster()))
                        .flatMap(cluster -> cluster.configurations().stream())
                        .noneMatch(configuration -> namesPython(configuration.toString()));
    }

    private static boolean namesPython(String text) {
        return PYTHON.matcher(text).find();
    }

    /** What this target does in another way than the script says. */
    private void warn(PipelineSpec spec, Diagnostics diagnostics) {
        for (ClusterSpec cluster : spec.clusters()) {
            String note =
                    ReleaseSpark.expected(cluster.releaseLabel(), distributions).warning();
            if (!note.isEmpty()) {
                diagnostics.add(TargetCode.RELEASE_NOT_EMULATED, cluster.location(), note);
            }
            LocalSupport.cluster(
                            cluster.applications(),
                            cluster.configurations().stream()
                                    .map(Configuration::classification)
                                    .collect(ImmutableList.toImmutableList()))
                    .forEach(text -> diagnostics.add(TargetCode.CLUSTER_NOT_EMULATED, cluster.location(), text));
        }
        Map<String, Optional<String>> pySparkProblems = new LinkedHashMap<>();
        for (StepSpec step : spec.steps()) {
            (needsPySpark(spec, step)
                            ? pySparkProblems.computeIfAbsent(
                                    ReleaseSpark.expected(release(spec, step), distributions)
                                            .version(),
                                    pySpark::problem)
                            : Optional.<String>empty())
                    .ifPresent(text -> diagnostics.add(TargetCode.PROGRAM_MISSING, step.location(), step.name(), text));
            LocalSupport.warning(localStep(step))
                    .ifPresent(text -> diagnostics.add(TargetCode.PROGRAM_MISSING, step.location(), step.name(), text));
        }
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

    /** The placeholders of a run, which it may have, are names of files as well. */
    private void checkLogLocation(ClusterSpec cluster, Diagnostics diagnostics) {
        if (cluster.logUri() == null) {
            return;
        }
        try {
            var unused = account.path(cluster.logUri());
        } catch (IllegalArgumentException e) {
            diagnostics.add(
                    TargetCode.LOG_LOCATION_UNMAPPED,
                    cluster.location(),
                    cluster.name(),
                    cluster.logUri(),
                    String.valueOf(e.getMessage()));
        }
    }

    private void checkCode(StepSpec step, String uri, Diagnostics diagnostics) {
        if (Placeholders.any(uri)) {
            return;
        }
        try {
            if (uri.startsWith("file:")) {
                checkFile(step, Path.of(URI.create(uri)), true, diagnostics);
            } else if (uri.startsWith("s3") && uri.contains("://")) {
                checkObject(step, uri, diagnostics);
            } else if (uri.startsWith("/")) {
                checkFile(step, Path.of(uri), step.after().isEmpty(), diagnostics);
            } else if (!uri.contains(":")) {
                diagnostics.add(TargetCode.CODE_RELATIVE, step.location(), step.name(), uri);
            }
        } catch (IllegalArgumentException | FileSystemNotFoundException e) {
            diagnostics.add(TargetCode.CODE_URI, step.location(), step.name(), uri, String.valueOf(e.getMessage()));
        }
    }

    /** @param now whether it must exist already: a step before this one might still write it */
    private static void checkFile(StepSpec step, Path path, boolean now, Diagnostics diagnostics) {
        diagnostics.unless(
                !now || Files.isRegularFile(path), TargetCode.CODE_MISSING, step.location(), step.name(), path);
        diagnostics.unless(
                !Files.isRegularFile(path) || Files.isReadable(path),
                TargetCode.CODE_FORBIDDEN,
                step.location(),
                step.name(),
                path);
    }

    private void checkObject(StepSpec step, String uri, Diagnostics diagnostics) {
        if (!step.after().isEmpty()) {
            // A step before this one might still write it.
            return;
        }
        Path path = account.path(uri);
        diagnostics.unless(
                Files.isRegularFile(path), TargetCode.CODE_MISSING_OBJECT, step.location(), step.name(), uri, path);
    }
}
