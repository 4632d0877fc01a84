package dev.emrys.language

import com.google.common.collect.ImmutableMap
import dev.emrys.spec.ClusterOperation
import dev.emrys.spec.NotebookExecution

/**
 * The block of [ClusterHandle.notebookExecution]: which notebook, its values, and the operation's
 * order, retry and timeout. Either [workspace] or [notebook] names the notebook.
 */
@EmrysDsl
public class NotebookExecutionScope
internal constructor(
    private val script: Script,
    pipeline: PipelineScope,
    private val name: String,
) : OperationScope(script, pipeline, name) {
    private var editorId: String? = null
    private var path: String? = null
    private val parameters = RawTree(script)
    private val environment = LinkedHashMap<String, String>()

    /**
     * The notebook, when no workspace has it: `notebook = s3("s3://bucket/daily.ipynb")`, or a file
     * beside this script, `notebook = file("daily.ipynb")`, which is copied to S3
     * ([AwsScope.staging]). Default: null. EMR: `NotebookS3Location`.
     */
    public var notebook: Any? = null

    /**
     * EMR's role for executions of notebooks: a name or an ARN. Default: the one of EMR's console,
     * `EMR_Notebooks_DefaultRole`, which an account may not have yet. EMR: `ServiceRole`.
     */
    public var serviceRole: String = "EMR_Notebooks_DefaultRole"

    /**
     * Where the executed notebook is written to on S3: `output =
     * s3("s3://bucket/executed/$runName/")`. Default: null, beside the notebook. EMR:
     * `OutputNotebookS3Location`.
     */
    public var output: Any? = null

    /**
     * The ARN of the role whose permissions the notebook has on the cluster. Default: null, those
     * of the cluster. EMR: `ExecutionRoleArn`.
     */
    public var executionRole: String? = null

    /**
     * The security group of the notebook's own instance: `"sg-0123456789abcdef0"`. Default: null,
     * EMR's own. EMR: `NotebookInstanceSecurityGroupId`.
     */
    public var securityGroup: String? = null

    /**
     * The security group of the cluster's primary instance through which the notebook reaches it.
     * Default: null, EMR's own. EMR: `MasterInstanceSecurityGroupId`.
     */
    public var primarySecurityGroup: String? = null

    /**
     * The notebook of a workspace of EMR Studio, or of an EMR notebook: `workspace("e-1ABCDEF",
     * "reports/daily.ipynb")`. EMR: `EditorId`, `RelativePath`.
     *
     * @param editorId the id of the workspace
     * @param path of the notebook in it
     */
    public fun workspace(editorId: String, path: String) {
        this.editorId = editorId
        this.path = path
    }

    /**
     * Values for the cell of the notebook that is tagged `parameters`: `parameters("day" to
     * logicalDate, "top" to 10)`. Texts, numbers, truth values, lists and maps of them. Called
     * again, it adds to the first. Default: none. EMR: `NotebookParams`.
     */
    public fun parameters(vararg values: Pair<String, Any?>) {
        parameters.add(mapOf(*values))
    }

    /** Environment variables of the execution: `environment("STAGE" to "prod")`. Default: none. */
    public fun environment(vararg variables: Pair<String, String>) {
        environment.putAll(variables)
    }

    internal fun operation(): ClusterOperation =
        NotebookExecution(
            editorId,
            path,
            notebook?.let { value ->
                if (value is String) script.source(value).uri
                else script.location(value, "notebook of the operation \"$name\"")
            },
            serviceRole,
            parameters.build(),
            ImmutableMap.copyOf(environment),
            script.location(output, "output of the operation \"$name\""),
            executionRole,
            securityGroup,
            primarySecurityGroup,
        )
}
