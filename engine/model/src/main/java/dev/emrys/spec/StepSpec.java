package dev.emrys.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One step of the pipeline.
 *
 * @param name unique within the pipeline
 * @param cluster the name of the cluster it runs on
 * @param kind the word the author wrote it with
 * @param jarStep what EMR is given
 * @param after the names of the steps that must have succeeded before
 * @param retry how often and on what to try again
 * @param timeout the longest time that one attempt may run, from the moment EMR starts it; null for no limit
 * @param location where the author wrote it
 * @param logs null for the log location of the cluster
 * @param runtimeRole the ARN of the IAM role that the step acts with; null for that of the cluster's instances
 */
public record StepSpec(
        String name,
        String cluster,
        StepKind kind,
        HadoopJarStep jarStep,
        ImmutableList<String> after,
        RetryPolicy retry,
        @Nullable Duration timeout,
        SourceLocation location,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable StepLogs logs,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String runtimeRole)
        implements TaskSpec {
    private static final Pattern ROLE = Pattern.compile("arn:aws[a-z0-9-]*:iam::[0-9]{12}:role/[\\w+=,.@/-]+");

    /** A step whose logs are below those of its cluster, and which acts with the role of its instances. */
    public StepSpec(
            String name,
            String cluster,
            StepKind kind,
            HadoopJarStep jarStep,
            ImmutableList<String> after,
            RetryPolicy retry,
            @Nullable Duration timeout,
            SourceLocation location) {
        this(name, cluster, kind, jarStep, after, retry, timeout, location, null, null);
    }

    @Override
    public String action() {
        return "run-step";
    }

    @Override
    public <R> R accept(Cases<R> cases) {
        return cases.step(this);
    }

    @Override
    public String noun() {
        return "step";
    }

    @Override
    public String summary() {
        return "runs " + jarStep.jar();
    }

    @Override
    public String scope() {
        return cluster;
    }

    @Override
    public ImmutableList<String> filled() {
        ImmutableList.Builder<String> texts = ImmutableList.<String>builder().add(jarStep.jar());
        if (jarStep.mainClass() != null) {
            texts.add(jarStep.mainClass());
        }
        return texts.addAll(jarStep.args())
                .addAll(jarStep.properties().values())
                .build();
    }

    @Override
    public StepSpec withTexts(UnaryOperator<String> replace) {
        return new StepSpec(
                name, cluster, kind, jarStep.withTexts(replace), after, retry, timeout, location, logs, runtimeRole);
    }

    /** With other arguments of its jar. */
    public StepSpec withArguments(ImmutableList<String> args) {
        HadoopJarStep replaced = new HadoopJarStep(jarStep.jar(), jarStep.mainClass(), args, jarStep.properties());
        return new StepSpec(name, cluster, kind, replaced, after, retry, timeout, location, logs, runtimeRole);
    }

    @Override
    public void check(Diagnostics diagnostics) {
        Names.check("step", name, location, diagnostics);
        jarStep.check(name, location, diagnostics);
        if (logs != null) {
            logs.check(name, location, diagnostics);
        }
        MemberCheck check = new MemberCheck("the step \"" + name + "\"", location, diagnostics);
        check.text("runtimeRole", runtimeRole, MemberCheck.LONG);
        check.form("runtimeRole", runtimeRole, ROLE, "its ARN, such as \"arn:aws:iam::123456789012:role/etl\"");
        retry.check("step", name, RetryPolicy.OF_STEPS, location, diagnostics);
        if (timeout != null) {
            diagnostics.unless(
                    timeout.toSeconds() >= 1, PipelineCode.TIMEOUT_TOO_SHORT, location, noun(), name, timeout);
        }
    }
}
