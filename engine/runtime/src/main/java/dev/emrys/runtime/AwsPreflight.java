package dev.emrys.runtime;

import com.google.common.collect.ImmutableList;
import dev.emrys.aws.AwsSettings;
import dev.emrys.local.PrivateFiles;
import dev.emrys.runtime.FileStaging.StagedFile;
import dev.emrys.spec.AwsCode;
import dev.emrys.spec.ClusterSpec;
import dev.emrys.spec.Diagnostic;
import dev.emrys.spec.Diagnostics;
import dev.emrys.spec.HadoopJarStep;
import dev.emrys.spec.OperationSpec;
import dev.emrys.spec.PipelineSpec;
import dev.emrys.spec.Placeholders;
import dev.emrys.spec.SourceLocation;
import dev.emrys.spec.StepSpec;
import dev.emrys.spec.TargetCode;
import dev.emrys.spec.TaskSpec;
import java.io.UncheckedIOException;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Finds what a cluster on AWS cannot execute, before anything is started. It asks AWS nothing, and loads none of the
 * SDK.
 */
final class AwsPreflight {
    private final SecretSource secrets;
    private final AwsSettings aws;
    private final Map<String, String> environment;

    AwsPreflight(SecretSource secrets, AwsSettings aws, Map<String, String> environment) {
        this.secrets = secrets;
        this.aws = aws;
        this.environment = environment;
    }

    /** As {@link dev.emrys.drive.Target#preflight}. */
    ImmutableList<Diagnostic> diagnostics(PipelineSpec spec, Predicate<StepSpec> submitted) {
        Diagnostics diagnostics = new Diagnostics();
        ImmutableList<StepSpec> steps =
                spec.steps().stream().filter(submitted).collect(ImmutableList.toImmutableList());
        for (ClusterSpec cluster : spec.clusters()) {
            if (steps.stream().anyMatch(step -> step.cluster().equals(cluster.name()))) {
                checkSecrets("cluster", cluster.name(), cluster.location(), cluster.filled(), diagnostics);
                checkFiles("cluster", cluster.name(), cluster.location(), LocalFiles.texts(cluster), diagnostics);
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
            checkFiles(step.noun(), step.name(), step.location(), step.filled(), diagnostics);
        }
        if (aws.staging() == null) {
            LongArguments.in(spec)
                    .forEach(step -> diagnostics.add(
                            TargetCode.ARGUMENTS_NOT_STAGED,
                            step.location(),
                            step.name(),
                            step.jarStep().characters(),
                            HadoopJarStep.MAX_CHARACTERS));
        }
        for (TaskSpec task : spec.tasks()) {
            if (task instanceof OperationSpec operation) {
                checkSecrets(task.noun(), task.name(), task.location(), operation.filled(), diagnostics);
                checkFiles(task.noun(), task.name(), task.location(), operation.filled(), diagnostics);
            }
        }
        checkStorage(spec, diagnostics);
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

    /** Tells of the first file of this machine that cannot be copied to S3. */
    private void checkFiles(
            String noun, String name, SourceLocation location, ImmutableList<String> texts, Diagnostics diagnostics) {
        for (String text : texts) {
            for (String file : LocalFiles.in(text)) {
                Optional<String> problem = LocalFiles.problem(file);
                if (aws.staging() == null) {
                    diagnostics.add(TargetCode.FILE_NOT_ON_CLUSTER, location, noun, name, file);
                    return;
                }
                if (problem.isPresent()) {
                    diagnostics.add(TargetCode.FILE_NOT_COPIED, location, noun, name, file, problem.get());
                    return;
                }
            }
        }
    }

    private void checkStorage(PipelineSpec spec, Diagnostics diagnostics) {
        String staging = aws.staging();
        String endpoint = aws.endpoint();
        boolean unknown = !aws.hasStorage(environment);
        if (staging != null
                && endpoint != null
                && unknown
                && !(LocalFiles.in(spec).isEmpty() && LongArguments.in(spec).isEmpty())) {
            diagnostics.add(TargetCode.STORAGE_NOT_KNOWN.of(staging, endpoint));
        }
    }

    /** As {@link dev.emrys.drive.Target#preparations}: what is copied to S3, and to where. */
    static ImmutableList<String> preparations(PipelineSpec spec, AwsSettings aws) {
        boolean hasProblem = LocalFiles.in(spec).stream()
                .anyMatch(uri -> LocalFiles.problem(uri).isPresent());
        if (aws.staging() == null || hasProblem) {
            return ImmutableList.of();
        }
        ImmutableList.Builder<String> texts = ImmutableList.builder();
        try {
            for (StagedFile file : new FileStaging(aws.staging()).files(spec).values()) {
                texts.add("Copies " + file.path() + " (" + file.size() + " bytes) to " + file.uri()
                        + " unless it is there.");
            }
        } catch (UncheckedIOException e) {
            // The diagnostics of the spec tell which file.
            return ImmutableList.of();
        }
        for (StepSpec step : LongArguments.in(spec)) {
            texts.add("Copies the arguments of the step \"" + step.name() + "\" ("
                    + step.jarStep().characters() + " characters) to " + aws.staging() + " unless they are there.");
        }
        return texts.build();
    }
}
