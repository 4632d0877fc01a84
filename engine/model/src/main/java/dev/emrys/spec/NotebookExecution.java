package dev.emrys.spec;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Executes a notebook on the cluster, and waits until that has finished. EMR: StartNotebookExecution,
 * DescribeNotebookExecution, StopNotebookExecution.
 *
 * @param editorId the notebook's workspace, such as {@code e-1ABCDEF}; null when {@code notebook} names it
 * @param path of the notebook within the workspace; null when {@code notebook} names it
 * @param notebook the notebook's location, such as {@code s3://bucket/daily.ipynb}; null when the workspace has it
 * @param serviceRole EMR's role for executions of notebooks, a name or an ARN
 * @param parameters values for the cell that is tagged as parameters
 * @param environment variables of the execution
 * @param output where the executed notebook is written to on S3; null for EMR's own place
 * @param executionRole ARN of the role whose permissions the notebook has on the cluster; null for the cluster's own
 * @param securityGroup of the instance that the notebook's editor runs on; null for EMR's own
 * @param primarySecurityGroup of the primary instance, through which it is reached; null for EMR's own
 * @see <a href="https://docs.aws.amazon.com/emr/latest/APIReference/API_StartNotebookExecution.html">
 *     StartNotebookExecution</a>
 */
public record NotebookExecution(
        @Nullable String editorId,
        @Nullable String path,
        @Nullable String notebook,
        String serviceRole,
        RawRequest parameters,
        ImmutableMap<String, String> environment,
        @Nullable String output,
        @Nullable String executionRole,
        @Nullable String securityGroup,
        @Nullable String primarySecurityGroup)
        implements ClusterOperation {
    private static final Pattern LOCATION = Pattern.compile("(s3[an]?://[^/]+/.*[^/]|file:/.+)", Pattern.DOTALL);
    private static final Pattern OUTPUT = Pattern.compile("s3[an]?://[^/]+/.+", Pattern.DOTALL);

    /** API_ExecutionEngineConfig, {@code ExecutionRoleArn}. */
    private static final Pattern ROLE = Pattern.compile("arn:aws[a-zA-Z0-9-]*:iam::(\\d{12})?:role/.+");

    private static final ImmutableList<String> NEEDED = ImmutableList.of("JupyterEnterpriseGateway", "Livy");

    private static final Pattern EDITOR = Pattern.compile("[A-Za-z0-9-]{1,256}");

    @Override
    public <R> R accept(Cases<R> cases) {
        return cases.notebookExecution(this);
    }

    @Override
    public String summary() {
        return "executes the notebook "
                + (notebook == null ? path + " of the workspace " + editorId : notebook)
                + ", and waits until it has finished";
    }

    @Override
    public ImmutableList<String> filled() {
        ImmutableList.Builder<String> texts = ImmutableList.builder();
        for (String text : new String[] {path, notebook, output}) {
            if (text != null) {
                texts.add(text);
            }
        }
        parameters.texts(texts);
        return texts.addAll(environment.values()).build();
    }

    @Override
    public NotebookExecution withTexts(UnaryOperator<String> replace) {
        ImmutableMap.Builder<String, String> replaced = ImmutableMap.builder();
        environment.forEach((name, value) -> replaced.put(name, replace.apply(value)));
        return new NotebookExecution(
                editorId,
                replaced(path, replace),
                replaced(notebook, replace),
                serviceRole,
                parameters.withTexts(replace),
                replaced.buildOrThrow(),
                replaced(output, replace),
                executionRole,
                securityGroup,
                primarySecurityGroup);
    }

    private static @Nullable String replaced(@Nullable String text, UnaryOperator<String> replace) {
        return text == null ? null : replace.apply(text);
    }

    @Override
    public void check(OperationCheck check) {
        boolean isOne = notebook == null ? editorId != null && path != null : editorId == null && path == null;
        check.diagnostics().unless(isOne, PipelineCode.NOTEBOOK_CHOICE, check.location(), check.name());
        member(
                check,
                "editorId",
                editorId,
                editorId == null || EDITOR.matcher(editorId).matches(),
                "Ids of workspaces are like e-1ABCDEFGHIJKLMNOPQRSTUVWX.");
        member(check, "path", path, path == null || !path.isBlank(), "Write the notebook's path in the workspace.");
        member(
                check,
                "notebook",
                notebook,
                notebook == null || LOCATION.matcher(notebook).matches(),
                "Write the location of a notebook on S3, such as s3://bucket/daily.ipynb, or file(\"daily.ipynb\").");
        member(
                check,
                "output",
                output,
                output == null || OUTPUT.matcher(output).matches(),
                "Write a location on S3, such as s3://bucket/executed/.");
        member(check, "serviceRole", serviceRole, !serviceRole.isBlank(), "Name the service role for notebooks.");
        member(
                check,
                "executionRole",
                executionRole,
                executionRole == null || ROLE.matcher(executionRole).matches(),
                "Write the ARN of a role, such as arn:aws:iam::123456789012:role/Analysts.");
    }

    /** Amazon EMR Management Guide, "Considerations when using EMR Notebooks" and "Create an EMR Studio Workspace". */
    @Override
    public void checkOn(ClusterSpec cluster, OperationCheck check) {
        ImmutableList<String> missing = NEEDED.stream()
                .filter(needed -> cluster.applications().stream().noneMatch(needed::equalsIgnoreCase))
                .collect(ImmutableList.toImmutableList());
        check.diagnostics()
                .unless(
                        missing.isEmpty(),
                        PipelineCode.NOTEBOOK_APPLICATION,
                        check.location(),
                        check.name(),
                        cluster.name(),
                        String.join(" and ", missing),
                        missing.stream()
                                .map(name -> "Application(\"" + name + "\")")
                                .collect(Collectors.joining(", ")));
    }

    private static void member(
            OperationCheck check, String name, @Nullable String value, boolean isRight, String advice) {
        check.diagnostics()
                .unless(
                        isRight,
                        PipelineCode.NOTEBOOK_MEMBER,
                        check.location(),
                        check.name(),
                        name,
                        Objects.requireNonNullElse(value, ""),
                        advice);
    }
}
