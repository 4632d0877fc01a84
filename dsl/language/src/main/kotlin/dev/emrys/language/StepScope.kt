package dev.emrys.language

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import dev.emrys.spec.HadoopJarStep
import dev.emrys.spec.RetryPolicy
import dev.emrys.spec.ScriptCode
import dev.emrys.spec.SourceLocation
import dev.emrys.spec.StepKind
import dev.emrys.spec.StepLogs
import dev.emrys.spec.StepSpec
import dev.emrys.spec.TaskSpec
import kotlin.time.Duration

/**
 * The block of a step: exactly one word for what runs, and its order, retry and timeout. EMR:
 * "Submit work to a cluster".
 */
@EmrysDsl
public class StepScope
internal constructor(
    private val script: Script,
    private val cluster: ClusterHandle,
    private val name: String,
    private val location: SourceLocation,
) {
    private class Action(val word: String, val kind: StepKind, val jarStep: HadoopJarStep)

    private var action: Action? = null
    private val after = LinkedHashSet<String>()
    private var retry: RetryPolicy? = null
    private var isTimeoutSet = false
    private var logUri: String? = null

    /**
     * The longest time that one attempt may run, from the moment EMR starts it; at least
     * `1.seconds`. Wall-clock time, including local suspend. Default: that of
     * [PipelineScope.defaults], else null, which is no limit.
     */
    public var timeout: Duration? = null
        set(value) {
            field = value
            isTimeoutSet = true
        }

    /**
     * The folder on S3 that EMR writes the logs of this step to, a text or `s3(…)`. Default: below
     * [ClusterScope.logs] of the cluster. EMR: `StepMonitoringConfiguration`,
     * `S3MonitoringConfiguration.LogUri`.
     */
    public var logs: Any? = null
        set(value) {
            field = value
            logUri = script.location(value, "logs of the step \"$name\"")
        }

    /**
     * The ARN of the KMS key that EMR encrypts these logs with. Default: none. EMR:
     * `S3MonitoringConfiguration.EncryptionKeyArn`.
     */
    public var logEncryptionKey: String? = null

    /**
     * The ARN of the IAM role that the step acts with on AWS, such as
     * `arn:aws:iam::123456789012:role/etl`. EMR refuses it unless the
     * [ClusterScope.securityConfiguration] of the cluster allows runtime roles, and refuses a step
     * without one if it does. Needs emr-6.7.0 or later. The target `local` does not use it.
     * Default: null, the [ClusterScope.instanceProfile] of the cluster. EMR: "Runtime roles for
     * Amazon EMR steps", `ExecutionRoleArn`.
     */
    public var runtimeRole: String? = null

    /**
     * The tasks that must have succeeded before this step starts: `after(curate, check)`. Default:
     * none; in a `sequence { }` the task above.
     */
    public fun after(vararg tasks: TaskHandle) {
        after(tasks.asIterable())
    }

    /** As [after] with single tasks: `after(listOf(curate, check))`. An empty list adds nothing. */
    public fun after(tasks: Iterable<TaskHandle>) {
        for (step in tasks) {
            when {
                step.pipeline !== cluster.pipeline ->
                    script.report(
                        ScriptCode.STEP_OF_OTHER_PIPELINE,
                        name,
                        step.name,
                        step.pipeline.name,
                    )
                step.name == name -> script.report(ScriptCode.STEP_AFTER_ITSELF, name)
                else -> after.add(step.name)
            }
        }
    }

    /** As [after] with one list: `after(loads, checks)`. */
    public fun after(first: Iterable<TaskHandle>, vararg more: Iterable<TaskHandle>) {
        after(first)
        more.forEach { after(it) }
    }

    /**
     * How often to try this step: `retry(3)`, or a block. Default: that of
     * [PipelineScope.defaults], else once. See [RetryScope].
     *
     * @param attempts all attempts together, the first included; 1 is no retry
     */
    public fun retry(
        attempts: Int = RetryScope.DEFAULT_ATTEMPTS,
        block: RetryScope.() -> Unit = {},
    ) {
        retry = RetryScope(script, attempts).apply(block).build()
    }

    /**
     * Runs a Spark application: a jar, or a Python file.
     *
     * ```
     * sparkSubmit("s3://my-bucket/jobs/etl.jar", mainClass = "com.acme.Etl") {
     *     args("--input", "s3://my-bucket/raw/$day/")
     *     conf("spark.sql.adaptive.enabled", true)
     *     submit("--executor-memory", "2g")
     * }
     * ```
     *
     * Runs `spark-submit --deploy-mode cluster` unless `submit(…)` names another mode. EMR: "Add a
     * Spark step".
     *
     * @param app an `s3://` URI, an absolute path on the primary instance, or a relative path of
     *   this machine, beside the script
     * @param mainClass needed for a jar whose manifest names none
     */
    public fun sparkSubmit(
        app: String,
        mainClass: String? = null,
        block: SparkSubmitScope.() -> Unit = {},
    ) {
        if (app.isBlank()) script.report(ScriptCode.APPLICATION_EMPTY)
        val source = if (app.isBlank()) TextLocation(app) else script.source(app)
        sparkSubmit(source, mainClass, block)
    }

    /** As [sparkSubmit] with a text, for `file("../target/etl.jar")` or `s3("s3://…")`. */
    public fun sparkSubmit(
        app: Source,
        mainClass: String? = null,
        block: SparkSubmitScope.() -> Unit = {},
    ) {
        declare(
            "sparkSubmit",
            StepKind.SPARK,
            command(SparkSubmitScope(script).apply(block).arguments(app.uri, mainClass)),
        )
    }

    /**
     * Runs a file of SQL statements with `spark-sql`.
     *
     * ```
     * sparkSql("s3://my-bucket/report.sql") { define("day", day) }     // in the file: '${day}'
     * ```
     *
     * EMR: "Add a Spark step".
     */
    public fun sparkSql(file: Source, block: SparkSqlScope.() -> Unit = {}) {
        declare(
            "sparkSql",
            StepKind.SPARK_SQL,
            command(SparkSqlScope(script).apply(block).arguments(file.uri)),
        )
    }

    /** As [sparkSql] with a [Source]; [file] is a URI, or a path beside the script. */
    public fun sparkSql(file: String, block: SparkSqlScope.() -> Unit = {}) {
        sparkSql(script.source(file), block)
    }

    /**
     * Runs one of Spark's own examples: `sparkExample("SparkPi", 10)`.
     *
     * EMR: "Add a Spark step".
     */
    public fun sparkExample(example: String, vararg args: Any) {
        declare(
            "sparkExample",
            StepKind.SPARK,
            command(
                listOf("spark-example", example) +
                    script.arguments(args.asIterable(), "An argument of the step \"$name\"")
            ),
        )
    }

    /**
     * Runs a Hadoop jar, such as a MapReduce program.
     *
     * ```
     * mapReduce("s3://my-bucket/jobs/count.jar", mainClass = "com.acme.Count") { args("in", "out"); property("k", "v") }
     * ```
     *
     * EMR: "Process data with a custom JAR".
     *
     * @param jar an `s3://` URI, an absolute path on the primary instance, or a relative path of
     *   this machine, beside the script
     * @param mainClass needed for a jar whose manifest names none
     */
    public fun mapReduce(jar: String, mainClass: String? = null, block: JarScope.() -> Unit = {}) {
        mapReduce(jarOf(jar), mainClass, block)
    }

    /** As [mapReduce] with a text, for `file("../target/count.jar")` or `s3("s3://…")`. */
    public fun mapReduce(jar: Source, mainClass: String? = null, block: JarScope.() -> Unit = {}) {
        declare(
            "mapReduce",
            StepKind.MAP_REDUCE,
            JarScope(script).apply(block).jarStep(jar.uri, mainClass),
        )
    }

    /**
     * Runs a command line on the primary instance: `bash("date && sort -u list > sorted")`. The
     * whole [text] goes to `bash -c`.
     *
     * Kotlin evaluates a dollar: `bash("echo $day")` inserts a value of the script. For a variable
     * of the shell write `\$HOME`, and within three quotes `${'$'}HOME`.
     *
     * On the local target the step sees the programs of this machine: `hadoop`, `spark-submit` or
     * `aws`, which a cluster has, must be installed here, and no AWS account can be reached.
     * Hadoop's own commands run as [hadoopJarStep].
     */
    public fun bash(text: String) {
        if (text.isBlank()) {
            script.report(ScriptCode.COMMAND_EMPTY)
        }
        declare("bash", StepKind.SHELL, command(listOf("bash", "-c", text)))
    }

    /**
     * Runs a shell script from S3 on the primary instance.
     *
     * ```
     * script("s3://my-bucket/run.sh") { args(day) }
     * ```
     *
     * EMR: "Run commands and scripts on an Amazon EMR cluster", script-runner.jar.
     *
     * @param region the cluster's region, where script-runner.jar is read from. Default:
     *   `us-east-1`. Not an argument of the script: those are in the block
     */
    public fun script(
        file: Source,
        region: String = "us-east-1",
        block: ArgumentsScope.() -> Unit = {},
    ) {
        if (!REGION.matches(region) && !script.params.isSample(region)) {
            script.report(ScriptCode.REGION_FORM, region)
        }
        val args = listOf(file.uri) + ArgumentsScope(script).apply(block).arguments
        val jar = "s3://$region.elasticmapreduce/libs/script-runner/script-runner.jar"
        declare(
            "script",
            StepKind.SHELL,
            HadoopJarStep(jar, null, ImmutableList.copyOf(args), ImmutableMap.of()),
        )
    }

    /** As [script] with a [Source]; [file] is a URI, or a path beside the script. */
    public fun script(
        file: String,
        region: String = "us-east-1",
        block: ArgumentsScope.() -> Unit = {},
    ) {
        script(script.source(file), region, block)
    }

    /**
     * EMR's own step, for programs that have no word of their own here.
     *
     * ```
     * hadoopJarStep("command-runner.jar") { args("hadoop", "fs", "-ls", "s3://my-bucket/") }
     * ```
     *
     * EMR: `HadoopJarStepConfig`.
     *
     * @param jar `command-runner.jar`, an `s3://` URI, an absolute path on the primary instance, or
     *   a relative path of this machine, beside the script
     */
    public fun hadoopJarStep(
        jar: String,
        mainClass: String? = null,
        block: JarScope.() -> Unit = {},
    ) {
        hadoopJarStep(jarOf(jar), mainClass, block)
    }

    /** As [hadoopJarStep] with a text, for `file("…")` or `s3("s3://…")`. */
    public fun hadoopJarStep(
        jar: Source,
        mainClass: String? = null,
        block: JarScope.() -> Unit = {},
    ) {
        val jarStep = JarScope(script).apply(block).jarStep(jar.uri, mainClass)
        declare("hadoopJarStep", StepKind.RAW, jarStep)
    }

    /** An empty text is left to the spec's check, which names the step. */
    private fun jarOf(text: String): Source =
        if (text.isBlank() || text == HadoopJarStep.COMMAND_RUNNER) TextLocation(text)
        else script.source(text)

    private fun command(args: List<String>) =
        HadoopJarStep(
            HadoopJarStep.COMMAND_RUNNER,
            null,
            ImmutableList.copyOf(args),
            ImmutableMap.of(),
        )

    private fun declare(word: String, kind: StepKind, jarStep: HadoopJarStep) {
        val first = action
        if (first == null) action = Action(word, kind, jarStep)
        else script.report(ScriptCode.STEP_RUNS_TWICE, name, first.word, word)
    }

    /** @param previous the step above in a sequence; null outside of one */
    internal fun build(previous: String?): DeclaredStep {
        if (action == null) script.reportAt(location, ScriptCode.STEP_RUNS_NOTHING, name)
        val limit = timeout?.let { script.javaDuration(it, "timeout of the step \"$name\"") }
        val spec =
            StepSpec(
                name,
                cluster.name,
                action?.kind ?: StepKind.RAW,
                action?.jarStep ?: command(listOf("true")),
                ImmutableList.copyOf(setOfNotNull(previous?.takeIf { it != name }) + after),
                retry ?: RetryPolicy.NONE,
                limit,
                location,
                StepLogs(logUri, logEncryptionKey).takeIf { it != StepLogs(null, null) },
                runtimeRole,
            )
        return DeclaredStep(spec, retry != null, isTimeoutSet)
    }

    private companion object {
        /** Such as `eu-central-1`, `us-gov-west-1` and `eusc-de-east-1`. */
        val REGION = Regex("[a-z]{2,8}(-[a-z]{2,12}){1,3}-[0-9]{1,2}")
    }
}

/** A step, and which of its members do not take the pipeline's default. */
internal class DeclaredStep(
    val spec: StepSpec,
    private val hasRetry: Boolean,
    private val hasTimeout: Boolean,
) : DeclaredTask {
    override fun with(defaults: DefaultsScope): StepSpec {
        val retry = if (hasRetry) spec.retry() else defaults.policy ?: spec.retry()
        val timeout = if (hasTimeout) spec.timeout() else defaults.limit ?: spec.timeout()
        return StepSpec(
            spec.name(),
            spec.cluster(),
            spec.kind(),
            spec.jarStep(),
            spec.after(),
            retry,
            timeout,
            spec.location(),
            spec.logs(),
            spec.runtimeRole(),
        )
    }
}

/** A task as its block declares it. */
internal interface DeclaredTask {
    /** The task with the pipeline's defaults for what its block does not say. */
    fun with(defaults: DefaultsScope): TaskSpec
}
