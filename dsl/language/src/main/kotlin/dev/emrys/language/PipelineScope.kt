package dev.emrys.language

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import dev.emrys.schedule.Arrival
import dev.emrys.spec.Budget
import dev.emrys.spec.ClusterOperation
import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.ExistingCluster
import dev.emrys.spec.PipelineSpec
import dev.emrys.spec.ScriptCode
import dev.emrys.spec.SourceLocation
import dev.emrys.spec.StepKind
import java.nio.file.FileSystems
import java.nio.file.InvalidPathException
import java.nio.file.Path
import java.time.LocalDate
import java.util.regex.PatternSyntaxException
import kotlin.time.Duration

/**
 * The block of a pipeline: its parameters, its clusters and, through a cluster's handle, its steps.
 */
@EmrysDsl
public class PipelineScope
internal constructor(
    internal val script: Script,
    internal val name: String,
    internal val location: SourceLocation,
) {
    private val clusters = ArrayList<ClusterSpec>()
    private val existingClusters = ArrayList<ExistingCluster>()
    private val tasks = ArrayList<DeclaredTask>()
    private val defaults = DefaultsScope(script)
    private val scheduleNames = HashSet<String>()
    internal val schedules = ArrayList<DeclaredSchedule>()
    internal var notifications: DeclaredNotifications? = null
    private var sequence: Sequence? = null
    private var openStep: String? = null

    /** What the pipeline is for; shown in the plan. Default: none. */
    public var description: String? = null

    /**
     * What the clusters of one run may cost on AWS, by estimate: instances and EMR's part of the
     * price, at the largest size that their scaling allows. The run warns at 80 % of it, and is
     * cancelled when it is reached, with its clusters ended; `emrys resume RUN --budget USD`
     * continues it with a larger one. The prices are of a table with a date, see `emrys plan
     * --target aws`; `aws.prices` of emrys.properties names a file with your own. On this machine
     * nothing is counted. Default: none.
     *
     * ```
     * budget = 25.usd
     * ```
     */
    public var budget: Usd? = null
        set(value) {
            field = value
            budgetLocation = script.here()
        }

    private var budgetLocation = SourceLocation.UNKNOWN

    /**
     * Where the runs of this pipeline execute their tasks: [Local] or [aws]. `--target` of the
     * command line replaces it. Default: `target` of emrys.properties, else [Local].
     */
    public var target: RunTarget? = null

    /**
     * Amazon EMR on EC2, in an account and a region of AWS.
     *
     * ```
     * target = aws { profile = "prod"; region = "eu-central-1" }
     * ```
     */
    public fun aws(block: AwsScope.() -> Unit = {}): RunTarget =
        AwsScope(script).apply(block).build()

    /**
     * A text that is given from outside: `--param day=2026-04-25`. It has its value while the
     * script is evaluated, so the result is a plain [String]. Without a default it is required.
     *
     * ```
     * val day = param("day") { description = "The day to load"; default { logicalDate.toString() } }
     * ```
     *
     * @param name begins with a letter; letters, digits, `.`, `_` and `-`
     */
    public fun param(name: String, block: ParamScope<String>.() -> Unit = {}): String =
        script.params.bind(this, name, ParamForm.TEXT, block)

    /**
     * A whole number that is given from outside: `val parts = intParam("parts") { default = 4 }`.
     * See [param].
     */
    public fun intParam(name: String, block: ParamScope<Int>.() -> Unit = {}): Int =
        script.params.bind(this, name, ParamForm.INT, block)

    /**
     * `true` or `false`, given from outside: `val full = booleanParam("full") { default = false }`.
     * See [param].
     */
    public fun booleanParam(name: String, block: ParamScope<Boolean>.() -> Unit = {}): Boolean =
        script.params.bind(this, name, ParamForm.BOOLEAN, block)

    /**
     * A date that is given from outside as `2026-04-25`: `val from = dateParam("from") { default {
     * logicalDate.minusDays(1) } }`. See [param].
     */
    public fun dateParam(name: String, block: ParamScope<LocalDate>.() -> Unit = {}): LocalDate =
        script.params.bind(this, name, ParamForm.DATE, block)

    /**
     * A file, a folder or an S3 location that is given from outside: `--param input=books/`
     * (resolved against the working folder of the command) or `--param input=s3://bucket/books/`. A
     * default is resolved against the script's folder: `val input = fileParam("input") {
     * default("data/james.txt") }`. See [param].
     */
    public fun fileParam(name: String, block: FileParamScope.() -> Unit = {}): Source =
        script.params.bind(this, name, ParamForm.file(script)) {
            val file = FileParamScope(script, moment).apply(block)
            description = file.description
            default = file.default
        }

    /**
     * A cluster that the run starts, uses and ends. The result is its handle: `etl.step("curate") {
     * … }`.
     *
     * ```
     * val etl = cluster("etl") {
     *     applications(Spark)
     *     instances { primary("m6g.xlarge"); core("m6g.2xlarge", count = 2) }
     * }
     * ```
     *
     * EMR: [RunJobFlow](https://docs.aws.amazon.com/emr/latest/APIReference/API_RunJobFlow.html).
     *
     * @param name unique within the pipeline
     */
    public fun cluster(name: String, block: ClusterScope.() -> Unit): ClusterHandle {
        val scope = ClusterScope(script, name, script.here())
        scope.block()
        clusters.add(scope.build())
        return ClusterHandle(name, this)
    }

    /**
     * A cluster that is there already, which the run uses and never tags, and changes or ends only
     * by operations such as [ClusterHandle.resize]. It is named by its id, or by its name on EMR.
     * The result is its handle: `prod.step("load") { … }`.
     *
     * ```
     * val prod = existingCluster("prod") { id = "j-2AXXXXXXGAPLF" }
     * val shared = existingCluster("shared") { states(ClusterState.Waiting) }    // its name on EMR
     * ```
     *
     * It is looked up when its first step could run, in the account and the region of the run;
     * exactly one must fit, otherwise its steps do not run. When it ends while it is still needed,
     * the steps on it fail with [Failure.ClusterLost], and its retry looks for it anew. What it
     * costs is not counted. A step that cannot be cancelled is waited for, because the cluster is
     * not ended. How many of its steps run at once is the cluster's own setting.
     *
     * EMR:
     * [DescribeCluster](https://docs.aws.amazon.com/emr/latest/APIReference/API_DescribeCluster.html),
     * [ListClusters](https://docs.aws.amazon.com/emr/latest/APIReference/API_ListClusters.html).
     *
     * @param name unique among the clusters of the pipeline
     */
    public fun existingCluster(
        name: String,
        block: ExistingClusterScope.() -> Unit = {},
    ): ClusterHandle {
        val scope = ExistingClusterScope(script, name, script.here())
        scope.block()
        existingClusters.add(scope.build())
        return ClusterHandle(name, this)
    }

    /**
     * Runs the steps that are declared in the block one after the other: each waits until the one
     * above has succeeded, as steps of a cluster do on EMR. The steps may be on several clusters,
     * and declared by a function that the block calls.
     *
     * ```
     * sequence {
     *     etl.step("load") { bash("…") }
     *     etl.step("check") { bash("…") }          // after load
     *     reports.step("publish") { bash("…") }    // after check
     * }
     * ```
     *
     * A sequence inside a sequence continues the outer one. `after(…)` adds to the order. Steps
     * outside of the block are not ordered by it. For the steps of one cluster there is
     * [ClusterHandle.sequence].
     *
     * @return the steps in their order; `after(…)` takes them
     */
    public fun sequence(block: () -> Unit): List<StepHandle> {
        val outer = sequence
        val inner = Sequence(outer?.last)
        sequence = inner
        try {
            block()
        } finally {
            sequence = outer
        }
        outer?.addAll(inner)
        return inner.tasks.filterIsInstance<StepHandle>()
    }

    /**
     * Defaults for all steps of the pipeline, those declared above the block too. What a step says
     * itself replaces them: `retry(1)` for no retry, `timeout = null` for no limit. The start of a
     * cluster has a retry of its own, in `cluster(…) { }`.
     *
     * ```
     * defaults { retry(3); timeout = 2.hours }
     * ```
     */
    public fun defaults(block: DefaultsScope.() -> Unit) {
        defaults.block()
    }

    /**
     * Waits in the engine, without a cluster: `val later = wait("later", 10.minutes) { after(load)
     * }`. The time counts from when the tasks before it have succeeded, also while no process
     * drives the run.
     *
     * @param name unique within the pipeline
     * @param duration 0 to 365 days
     */
    public fun wait(
        name: String,
        duration: Duration,
        block: WaitScope.() -> Unit = {},
    ): WaitHandle {
        val location = script.here()
        val scope = WaitScope(this, name)
        scope.block()
        val length = script.javaDuration(duration, "duration of the wait \"$name\"")
        tasks.add(scope.build(length, sequence?.last?.name, location))
        return WaitHandle(name, this).also { sequence?.add(it) }
    }

    /**
     * Says when this pipeline is started by itself: `emrys schedule explain FILE` prints the next
     * times, `emrys run FILE --at last` starts the run of the last one, once. A pipeline may have
     * several schedules, each with a name of its own.
     *
     * ```
     * schedule("30 2 * * *") { zone = "Europe/Berlin" }
     * schedule("0 6 L * *", name = "month end") { exclude("saturday", "sunday") }
     * ```
     *
     * @param cron minute, hour, day of the month, month, day of the week; a field of seconds may
     *   come first. As in Vixie cron, with names (`MON`, `JAN`), `L`, `W`, `#`, `@daily` and the
     *   like, `CRON_TZ=Zone`, and `H` for a value that depends on the names of pipeline and
     *   schedule. When both days are restricted, either is enough
     * @param name unique within the pipeline
     */
    public fun schedule(
        cron: String,
        name: String = ScheduleScope.DEFAULT_NAME,
        block: ScheduleScope.() -> Unit = {},
    ) {
        addSchedule(name, ScheduleScope.cron(cron), block)
    }

    /**
     * A schedule in equal intervals, which clock changes do not affect:
     * `schedule(every(15.minutes))`. See the other form.
     */
    public fun schedule(
        interval: Every,
        name: String = ScheduleScope.DEFAULT_NAME,
        block: ScheduleScope.() -> Unit = {},
    ) {
        val period = script.javaDuration(interval.period, "interval of the schedule \"$name\"")
        addSchedule(name, ScheduleScope.interval(period), block)
    }

    /**
     * The interval of a schedule: 1 second to 36,500 days, in whole seconds. It counts from the
     * schedule's `start`; without one its times are the multiples since 1970-01-01 in UTC.
     */
    public fun every(period: Duration): Every = Every(period)

    /**
     * A schedule that fires when something happens, at no time that is known before:
     * `schedule(afterSuccess("ingest"))`. What existed when the schedule was served for the first
     * time, changed or resumed does not fire. See [ScheduleScope] for what differs by default.
     *
     * @param trigger from [afterSuccess], [fileArrival] or [objectArrival]
     * @param name unique within the pipeline
     */
    public fun schedule(
        trigger: Trigger,
        name: String = ScheduleScope.DEFAULT_NAME,
        block: ScheduleScope.() -> Unit = {},
    ) {
        if (trigger is Trigger.Success && trigger.pipeline == this.name)
            script.report(ScriptCode.SCHEDULE_LOOP, name, this.name)
        addSchedule(name, ScheduleScope.trigger(trigger), block, trigger)
    }

    /**
     * Each run of another pipeline that succeeds, however it was started, in the same journal; each
     * once. The run that is started has the `logicalDate`, `logicalTime` and `dataInterval` of that
     * run, so that they are the same in a chain of pipelines, and its name as
     * [ParamMoment.triggeringRun]. Two schedules wait for either of two pipelines.
     *
     * ```
     * pipeline("report") {
     *     schedule(afterSuccess("ingest"))
     *     val day = dateParam("day") { default { logicalDate } }
     * }
     * ```
     *
     * @param pipeline the name of another pipeline, which need not have a schedule
     */
    public fun afterSuccess(pipeline: String): Trigger {
        if (pipeline.isBlank())
            script.report(
                ScriptCode.SCHEDULE_VALUE,
                "afterSuccess",
                ScheduleScope.DEFAULT_NAME,
                pipeline,
                "the name of another pipeline",
            )
        return Trigger.Success(pipeline)
    }

    /**
     * Files of this machine that arrive. One that is overwritten later, so that its size or its
     * time of modification is another one, arrives again. Files whose names begin with a dot are
     * left out, unless an element of the path begins with one. Up to 1,000 files that have arrived
     * since the last look are processed by one run, which knows them as [ParamMoment.arrived]; more
     * by several. All machines that serve the schedule have to see the same files. At most 100,000
     * files may match.
     *
     * ```
     * pipeline("load") {
     *     schedule(fileArrival("/data/in/orders-*.csv")) { settle = 1.minutes }
     *     val files = param("files") { default { arrived.joinToString(" ") } }
     * }
     * ```
     *
     * @param path a relative path is relative to the folder of the script; with `*`, `?`, `[…]` and
     *   `{…}` in its elements, and `**` for any depth; a folder that ends with `/` is for all of
     *   its files
     */
    public fun fileArrival(path: String): Trigger {
        val absolute =
            if (path.startsWith("/")) path else "${Arrival.escaped(script.inputs.folder)}/$path"
        try {
            if (path.isBlank()) script.report(ScriptCode.FILE_EMPTY, "fileArrival(\"\")")
            val folder = if (path.endsWith("/")) "/" else ""
            val normal = "${Path.of(absolute).normalize()}$folder"
            val unused = FileSystems.getDefault().getPathMatcher("glob:$normal")
            return Trigger.Arriving(Arrival.Kind.FILE, normal)
        } catch (e: PatternSyntaxException) {
            script.report(ScriptCode.FILE_PATH, path, e.description)
        } catch (e: InvalidPathException) {
            script.report(ScriptCode.FILE_PATH, path.replace('\u0000', '?'), e.reason)
        }
        return Trigger.Arriving(Arrival.Kind.FILE, "/")
    }

    /**
     * Objects on Amazon S3 that arrive below a prefix, on the local target only: a schedule with it
     * is not served when the target of its runs is `aws`. As [fileArrival], but without patterns.
     *
     * ```
     * pipeline("load") {
     *     schedule(objectArrival("s3://my-bucket/in/"))
     *     val objects = param("objects") { default { arrived.joinToString(" ") } }
     * }
     * ```
     *
     * @param prefix how the locations of the objects begin
     */
    public fun objectArrival(prefix: String): Trigger {
        if (!S3Uri.FORM.matches(prefix)) {
            script.report(ScriptCode.S3_FORM, prefix)
            return Trigger.Arriving(Arrival.Kind.OBJECT, "s3://bucket/")
        }
        val location = "s3://" + prefix.substringAfter("://")
        val slash = if ('/' in location.removePrefix("s3://")) "" else "/"
        return Trigger.Arriving(Arrival.Kind.OBJECT, "$location$slash")
    }

    /**
     * Who is told when a run of a schedule fails, recovers or is late. See [NotificationsScope].
     *
     * ```
     * notifications {
     *     webhook(secret("slack"))
     *     lateAfter = 2.hours
     * }
     * ```
     */
    public fun notifications(block: NotificationsScope.() -> Unit) {
        val scope = NotificationsScope(script)
        scope.block()
        if (notifications != null) script.report(ScriptCode.NOTIFICATIONS_TWICE)
        notifications = scope.build()
    }

    private fun addSchedule(
        name: String,
        timing: (String) -> dev.emrys.schedule.Timing,
        block: ScheduleScope.() -> Unit,
        trigger: Trigger? = null,
    ) {
        val location = script.here()
        val scope = ScheduleScope(script, name, trigger)
        scope.block()
        if (!scheduleNames.add(name)) {
            script.reportAt(location, ScriptCode.SCHEDULE_TWICE, name)
            return
        }
        scope.build(this.name, timing, location)?.let(schedules::add)
    }

    internal fun addStep(
        cluster: ClusterHandle,
        name: String,
        block: StepScope.() -> Unit,
    ): StepHandle {
        val scope = StepScope(script, cluster, name, script.here())
        val outer = openStep
        if (outer != null) script.report(ScriptCode.STEP_IN_STEP, name, outer)
        openStep = name
        try {
            scope.block()
        } finally {
            openStep = outer
        }
        tasks.add(scope.build(sequence?.last?.name))
        return StepHandle(name, this).also { sequence?.add(it) }
    }

    internal fun <S : OperationScope> addOperation(
        cluster: ClusterHandle,
        name: String,
        scope: S,
        block: S.() -> Unit,
        operation: (S) -> ClusterOperation,
    ): OperationHandle {
        val location = script.here()
        scope.block()
        tasks.add(scope.build(cluster.name, operation(scope), sequence?.last?.name, location))
        return OperationHandle(name, this).also { sequence?.add(it) }
    }

    private val steps: List<DeclaredStep>
        get() = tasks.filterIsInstance<DeclaredStep>()

    internal fun build(): PipelineSpec =
        PipelineSpec(
            name,
            description,
            ImmutableMap.copyOf(script.params.bound()),
            ImmutableList.copyOf(clusters),
            ImmutableList.copyOf(tasks.map { it.with(defaults) }),
            location,
            budget?.let { Budget(it.amount, budgetLocation) },
            ImmutableList.copyOf(existingClusters),
        )

    /** Adds the warnings that need the whole pipeline. */
    internal fun warn() {
        warnOfMissingApplications()
        val unordered = UnorderedSteps(tasks.map { it.with(defaults) })
        for (cluster in clusters.filter { it.stepConcurrency() == 1 }) {
            val (first, second) = unordered.pairOn(cluster.name()) ?: continue
            script.reportAt(
                second.location(),
                ScriptCode.UNORDERED_STEPS,
                cluster.name(),
                first.name(),
                second.name(),
            )
        }
    }

    /**
     * EMR would start the cluster and then fail the step, minutes and money later. Only a warning:
     * a custom AMI may bring its own Spark.
     */
    private fun warnOfMissingApplications() {
        val byName = clusters.associateBy { it.name() }
        for (step in steps.map { it.spec }) {
            val needsSpark = step.kind() == StepKind.SPARK || step.kind() == StepKind.SPARK_SQL
            val cluster = byName[step.cluster()] ?: continue
            if (needsSpark && Spark.name !in cluster.applications()) {
                script.reportAt(
                    step.location(),
                    ScriptCode.SPARK_MISSING,
                    step.name(),
                    cluster.name(),
                )
            }
        }
    }
}

/** The steps of one `sequence { }` so far. */
private class Sequence(private val previous: TaskHandle?) {
    val tasks = ArrayList<TaskHandle>()

    /** The task that the next one waits for. */
    val last: TaskHandle?
        get() = tasks.lastOrNull() ?: previous

    fun add(task: TaskHandle) {
        tasks.add(task)
    }

    fun addAll(inner: Sequence) {
        tasks.addAll(inner.tasks)
    }
}
