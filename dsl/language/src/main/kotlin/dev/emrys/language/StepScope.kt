package dev.emrys.language

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import dev.emrys.spec.HadoopJarStep
import dev.emrys.spec.RetryPolicy
import dev.emrys.spec.SourceLocation
import dev.emrys.spec.StepKind
import dev.emrys.spec.StepSpec
import kotlin.time.Duration

/**
 * The block of a step: exactly one word for what runs, and when. EMR: "Submit work to a cluster".
 */
@EmrysDsl
public class StepScope
internal constructor(
    private val script: Script,
    private val cluster: ClusterHandle,
    private val name: String,
    private val location: SourceLocation,
) {
    private class Action(
        val word: String,
        val kind: StepKind,
        val jarStep: HadoopJarStep,
        val location: SourceLocation,
    )

    private var action: Action? = null
    private val after = LinkedHashSet<String>()
    private var retry: RetryPolicy = RetryPolicy.NONE

    /**
     * The longest time that one attempt may run, from the moment EMR starts it; at least
     * `1.seconds`. Default: no limit. The clock on the wall counts: on this machine its sleep does
     * too, on EMR nobody sleeps.
     */
    public var timeout: Duration? = null

    /**
     * The steps that must have succeeded before this one starts: `after(curate, check)`. Default:
     * none.
     */
    public fun after(vararg steps: StepHandle) {
        for (step in steps) {
            if (step.pipeline !== cluster.pipeline) {
                script.diagnostic(
                    "The step \"$name\" is after \"${step.name}\", which is a step of another pipeline, \"${step.pipeline.name}\".",
                    "A step can only wait for steps of its own pipeline.",
                )
            } else if (step.name == name) {
                script.diagnostic(
                    "The step \"$name\" is after a step of its own name.",
                    "A step cannot wait for itself: rename one of the two, or take it out of after(…).",
                )
            } else {
                after.add(step.name)
            }
        }
    }

    /** How often to try this step. Default: once. See [RetryScope]. */
    public fun retry(block: RetryScope.() -> Unit) {
        retry = RetryScope(script).apply(block).build()
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
     * @param app an `s3://` URI, or a path on the primary instance
     * @param mainClass needed for a jar whose manifest names none
     */
    public fun sparkSubmit(
        app: String,
        mainClass: String? = null,
        block: SparkSubmitScope.() -> Unit = {},
    ) {
        sparkSubmitOf(app, mainClass, block)
    }

    /** As [sparkSubmit] with a text, for `file("../target/etl.jar")` or `s3("s3://…")`. */
    public fun sparkSubmit(
        app: Source,
        mainClass: String? = null,
        block: SparkSubmitScope.() -> Unit = {},
    ) {
        sparkSubmitOf(app.uri, mainClass, block)
    }

    private fun sparkSubmitOf(app: String, mainClass: String?, block: SparkSubmitScope.() -> Unit) {
        if (app.isBlank()) {
            script.diagnostic(
                "sparkSubmit(\"\") names no application.",
                "Name a jar or a .py file, such as \"s3://bucket/etl.jar\".",
            )
        }
        script.checkUri(app)
        runs(
            "sparkSubmit",
            StepKind.SPARK,
            command(SparkSubmitScope(script).apply(block).arguments(app, mainClass)),
        )
    }

    /**
     * Runs a file of SQL statements with `spark-sql`.
     *
     * ```
     * sparkSql(s3("s3://my-bucket/report.sql")) { define("day", day) }     // in the file: '${day}'
     * ```
     */
    public fun sparkSql(file: Source, block: SparkSqlScope.() -> Unit = {}) {
        runs(
            "sparkSql",
            StepKind.SPARK_SQL,
            command(SparkSqlScope(script).apply(block).arguments(file.uri)),
        )
    }

    /**
     * Runs one of Spark's own examples: `sparkExample("SparkPi", 10)`.
     *
     * EMR: "Add a Spark step".
     */
    public fun sparkExample(example: String, vararg args: Any) {
        runs(
            "sparkExample",
            StepKind.SPARK,
            command(listOf("spark-example", example) + texts(args)),
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
     * @param mainClass needed for a jar whose manifest names none
     */
    public fun mapReduce(jar: String, mainClass: String? = null, block: JarScope.() -> Unit = {}) {
        runs(
            "mapReduce",
            StepKind.MAP_REDUCE,
            JarScope(script).apply(block).jarStep(jar, mainClass),
        )
    }

    /** As [mapReduce] with a text, for `file("../target/count.jar")` or `s3("s3://…")`. */
    public fun mapReduce(jar: Source, mainClass: String? = null, block: JarScope.() -> Unit = {}) {
        mapReduce(jar.uri, mainClass, block)
    }

    /**
     * Runs a command line on the primary instance: `bash("date && sort -u list > sorted")`. The
     * whole [text] goes to `bash -c`.
     *
     * A dollar is Kotlin's: `bash("echo $day")` puts in a value of the script. For the shell's own
     * variable write `\$HOME`, and within three quotes `${'$'}HOME`.
     *
     * On this machine the step sees this machine's programs: `hadoop`, `spark-submit` or `aws`,
     * which a cluster has, are there only if they are installed here, and no AWS account is
     * reached. Hadoop's own commands run as [hadoopJarStep].
     */
    public fun bash(text: String) {
        if (text.isBlank()) {
            script.diagnostic(
                "bash(\"\") runs nothing.",
                "Write a command, such as bash(\"date\").",
            )
        }
        runs("bash", StepKind.SHELL, command(listOf("bash", "-c", text)))
    }

    /**
     * Runs a shell script from S3 on the primary instance.
     *
     * ```
     * script(s3("s3://my-bucket/run.sh")) { args(day) }
     * ```
     *
     * EMR: "Run commands and scripts on an Amazon EMR cluster", script-runner.jar.
     *
     * @param region the cluster's region, where script-runner.jar is read from. Default:
     *   `us-east-1`
     */
    public fun script(
        file: Source,
        region: String = "us-east-1",
        block: ArgumentsScope.() -> Unit = {},
    ) {
        val args = listOf(file.uri) + ArgumentsScope(script).apply(block).arguments
        val jar = "s3://$region.elasticmapreduce/libs/script-runner/script-runner.jar"
        runs(
            "script",
            StepKind.SHELL,
            HadoopJarStep(jar, null, ImmutableList.copyOf(args), ImmutableMap.of()),
        )
    }

    /**
     * EMR's own step, for what has no word of its own here.
     *
     * ```
     * hadoopJarStep("command-runner.jar") { args("hadoop", "fs", "-ls", "s3://my-bucket/") }
     * ```
     *
     * EMR: `HadoopJarStepConfig`.
     */
    public fun hadoopJarStep(
        jar: String,
        mainClass: String? = null,
        block: JarScope.() -> Unit = {},
    ) {
        runs("hadoopJarStep", StepKind.RAW, JarScope(script).apply(block).jarStep(jar, mainClass))
    }

    /** As [hadoopJarStep] with a text, for `file("…")` or `s3("s3://…")`. */
    public fun hadoopJarStep(
        jar: Source,
        mainClass: String? = null,
        block: JarScope.() -> Unit = {},
    ) {
        hadoopJarStep(jar.uri, mainClass, block)
    }

    private fun texts(values: Array<out Any>) = values.map {
        script.text(it, "An argument of the step \"$name\"")
    }

    private fun command(args: List<String>) =
        HadoopJarStep(
            HadoopJarStep.COMMAND_RUNNER,
            null,
            ImmutableList.copyOf(args),
            ImmutableMap.of(),
        )

    private fun runs(word: String, kind: StepKind, jarStep: HadoopJarStep) {
        val first = action
        if (first == null) {
            action = Action(word, kind, jarStep, script.here())
        } else {
            script.diagnostic(
                "The step \"$name\" already runs ${first.word}, and a step runs one thing.",
                "Give $word a step of its own, after(…) this one if need be.",
            )
        }
    }

    internal fun build(): StepSpec {
        if (action == null) {
            script.diagnostic(
                "The step \"$name\" does not say what to run.",
                "Write one of sparkSubmit, sparkSql, sparkExample, mapReduce, bash, script, hadoopJarStep.",
                location,
            )
        }
        val limit = timeout?.let { script.javaDuration(it, "timeout of the step \"$name\"") }
        return StepSpec(
            name,
            cluster.name,
            action?.kind ?: StepKind.RAW,
            action?.jarStep ?: command(listOf("true")),
            ImmutableList.copyOf(after),
            retry,
            limit,
            location,
        )
    }
}
