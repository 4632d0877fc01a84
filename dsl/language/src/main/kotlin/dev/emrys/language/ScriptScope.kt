package dev.emrys.language

import dev.emrys.spec.ScriptCode

/** What may be written at the top level of a `.emr.kts` file. */
public class ScriptScope internal constructor(internal val script: Script) {
    internal val pipelines = ArrayList<PipelineScope>()

    /**
     * Describes the pipeline of this script. Write it once per script.
     *
     * ```
     * pipeline("daily-etl") {
     *     description = "Raw events to curated parquet"
     *     val etl = cluster("etl") { instances { primary("m6g.xlarge") } }
     *     etl.step("hello") { bash("echo hello") }
     * }
     * ```
     *
     * @param name 1 to 180 letters, digits, spaces, `.`, `_` and `-`, beginning with a letter or a
     *   digit
     */
    public fun pipeline(name: String, block: PipelineScope.() -> Unit) {
        val pipeline = PipelineScope(script, name, script.here())
        pipelines.firstOrNull()?.let { first ->
            script.reportAt(
                pipeline.location,
                ScriptCode.SECOND_PIPELINE,
                name,
                first.name,
                first.location.withCalls(),
            )
        }
        pipelines.add(pipeline)
        pipeline.block()
    }

    /**
     * What several clusters have in common, to be used as `cluster("etl", base) { … }`; see
     * [cluster].
     *
     * ```
     * val base = clusterShape {
     *     applications(Spark)
     *     instances { primary("m6g.xlarge"); core("m6g.2xlarge", count = 2) }
     * }
     * ```
     */
    public fun clusterShape(block: ClusterScope.() -> Unit): ClusterShape =
        ClusterShape(listOf(block))

    /** As the other form; [base] is another shape, to which the block adds. */
    public fun clusterShape(base: ClusterShape, block: ClusterScope.() -> Unit): ClusterShape =
        ClusterShape(base.blocks + block)

    /**
     * A location on Amazon S3, such as `s3("s3://my-bucket/raw/")`.
     *
     * @param uri `s3://bucket`, `s3://bucket/key` or `s3://bucket/prefix/`; `s3a://` and `s3n://`
     *   are taken as well
     */
    public fun s3(uri: String): S3Uri {
        if (!S3Uri.FORM.matches(uri)) {
            script.report(ScriptCode.S3_FORM, uri)
            return S3Uri("s3://bucket/")
        }
        return S3Uri(uri)
    }

    /**
     * A file beside this script: `file("../target/etl.jar")`. For a cluster on AWS it is copied to
     * S3 ([AwsScope.staging]). The path is resolved against the folder of the script, never against
     * the working folder. The file need not exist before the run.
     */
    public fun file(path: String): Source = script.fileOfScript(path)

    /**
     * The name of the run: `s3("s3://bucket/out/$runName/")`. A run exists only after the script
     * was evaluated, so this is a placeholder that is filled in when a step is sent. Use it in any
     * text of a step, and in a cluster's log location, tags, configurations and bootstrap
     * arguments. Two runs at the same time never share a name.
     */
    public val runName: String = "\${run:name}"

    /** The globally unique id of the run; a placeholder as [runName]. */
    public val runId: String = "\${run:id}"

    /**
     * Which attempt of its step, or of its cluster, this is, from 1; a placeholder as [runName].
     */
    public val attempt: String = "\${run:attempt}"

    /**
     * A secret that Emrys fills in when it sends the request. Its value is never part of a spec,
     * journal, plan or log. Give it to programs in the environment:
     * ```
     * configuration("hadoop-env") {
     *     configuration("export") { set("DB_PASSWORD", secret("warehouse")) }
     * }
     * ```
     *
     * Any text of a step may contain it, too:
     * ```
     * args("--url", "jdbc:postgresql://db/x?password=${secret("warehouse")}")
     * ```
     *
     * But all users of a machine can read the arguments of its processes. On this machine Emrys
     * hides those of Spark and Hadoop, and the text of `bash("…")`. Those of other programs are
     * visible, such as the arguments of a script and of the programs that a script starts. On EMR
     * all are, and DescribeStep and DescribeCluster show arguments and configurations to everybody
     * who may call them.
     *
     * @param name 1 to 512 letters, digits and `/ _ + = . @ -`; the first a letter, a digit, `/` or
     *   `_`
     */
    public fun secret(name: String): Secret {
        if (!Secret.FORM.matches(name)) {
            script.report(ScriptCode.SECRET_NAME, name)
        }
        return Secret(name)
    }
}
