package dev.emrys.spec

import dev.emrys.spec.AwsCode.*
import dev.emrys.spec.ClusterCode.*
import dev.emrys.spec.CommandCode.*
import dev.emrys.spec.HostCode.*
import dev.emrys.spec.PipelineCode.*
import dev.emrys.spec.RuntimeCode.*
import dev.emrys.spec.ScriptCode.*
import dev.emrys.spec.TargetCode.*
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldBeUnique
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldMatch
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import kotlin.io.path.exists
import kotlin.io.path.extension
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.writeText

private val PAGE = Path.of("src/main/resources/dev/emrys/spec/diagnostics.md")

/**
 * The page of all diagnostics, each with an example: documentation, and the expected text of every
 * code.
 */
private fun page(): String = buildString {
    appendLine("# Diagnostics")
    appendLine()
    appendLine(
        "Every error and warning that Emrys reports about a script or a command, with an example of its text. An id"
    )
    appendLine(
        "never changes its meaning. An error E1xx to E5xx ends the command with exit code 2 before anything is"
    )
    appendLine(
        "started; E601 to E621 and E7xx with 3, E631 with 4, E691 with 70. A warning ends nothing. E711 to E714 are also"
    )
    appendLine(
        "named by the reason why a cluster failed; then the run fails, and the exit code is 1."
    )
    for (code in DiagnosticCode.all()) {
        appendLine()
        appendLine("## ${code.id()} ${code.title()}")
        appendLine()
        appendLine("```")
        appendLine(code.at(exampleLocation(code), *EXAMPLES.getValue(code).toTypedArray()))
        appendLine("```")
    }
}

/** A command line has no location. */
private fun exampleLocation(code: DiagnosticCode): SourceLocation =
    when (code) {
        PARAMS_JSON,
        PARAMS_VALUE -> SourceLocation("params.json", 2, 12)
        PARAMS_NO_OBJECT -> SourceLocation("params.json", 1, 1)
        PARAMS_UNREADABLE -> SourceLocation("params.json", 0, 0)
        PROPERTIES_KEY,
        PROPERTIES_LINE,
        PROPERTIES_TARGET,
        PROPERTIES_TWICE -> SourceLocation("/pipes/emrys.properties", 2, 1)
        SECRETS_READABLE,
        is CommandCode,
        is RuntimeCode,
        is AwsCode -> SourceLocation.UNKNOWN
        else -> SourceLocation.at("daily.emr.kts", 7)
    }

/** The files of the catalogue itself. */
private val CATALOGUE =
    DiagnosticCode::class.java.permittedSubclasses.map { "${it.simpleName}.java" }.toSet()

/** The folder that holds all modules. */
private fun root(): Path =
    generateSequence(Path.of("").toAbsolutePath()) { it.parent }
        .first { it.resolve("emrys").exists() }

/** The text of all main sources besides the catalogue itself. */
private fun producers(): String =
    listOf("engine", "dsl")
        .flatMap { folder -> Files.walk(root().resolve(folder)).use { it.toList() } }
        .filter { "/src/main/" in "$it" && it.extension in setOf("java", "kt") }
        .filterNot { it.name in CATALOGUE }
        .joinToString("\n") { it.readText() }

class DiagnosticCodeTest :
    FunSpec({
        test("every code has an id of its own, in ascending order") {
            val ids = DiagnosticCode.all().map { it.id() }
            ids.forEach { it shouldMatch "E[1-9][0-9]{2}" }
            ids.shouldBeUnique()
            ids shouldBe ids.sorted()
        }

        test("the catalogue contains all codes of all areas") {
            val areas = DiagnosticCode::class.java.permittedSubclasses
            DiagnosticCode.all() shouldContainExactlyInAnyOrder
                areas.flatMap { it.enumConstants.toList() }
        }

        test("every code is documented with the text that a person reads") {
            val actual = page()
            if (System.getProperty("golden.update").toBoolean()) PAGE.writeText(actual)
            PAGE.readText() shouldBe actual
        }

        test("an example has exactly the arguments that the texts name") {
            for (code in DiagnosticCode.all()) {
                withClue(code) {
                    val example = EXAMPLES.getValue(code)
                    val marked = example.indices.map { "<argument $it>" }
                    val text =
                        code.at(SourceLocation.UNKNOWN, *marked.toTypedArray()).let {
                            "${it.what()} ${it.why()} ${it.fix()}"
                        }
                    Regex("\\{\\d}").containsMatchIn(text) shouldBe false
                    marked.filterNot { it in text }.shouldBeEmpty()
                }
            }
        }

        test("every code is used by a producer") {
            // One pass: the sources are several megabytes.
            val used = Regex("\\b\\w+Code\\.\\w+").findAll(producers()).map { it.value }.toSet()
            DiagnosticCode.all()
                .filterNot { "${it.javaClass.simpleName}.${it.name()}" in used }
                .shouldBeEmpty()
        }

        test("a range, a severity and the calls that led to it are kept") {
            val call = SourceLocation("a.kts", 9, 0)
            val outer = SourceLocation("a.kts", 20, 0)
            val inner = SourceLocation("a.kts", 3, 5, SourceLocation(call.file(), 9, 0, outer))
            val diagnostic =
                TAG_RESERVED.over(SourceRange(inner, 3, 8), "aws:x").withSeverity(Severity.WARNING)
            diagnostic.isError shouldBe false
            diagnostic.range().endColumn() shouldBe 8
            diagnostic.toString() shouldBe
                "a.kts:3:5: warning E125: The tag key \"aws:x\" is reserved.\n" +
                    "    Keys that begin with aws: belong to Amazon, with emrys: to Emrys. Choose another. " +
                    "Called from a.kts:9. Called from a.kts:20."
        }

        test("a diagnostic that is about no file names none") {
            val diagnostic = NO_RUN_YET.of()
            diagnostic.hasLocation() shouldBe false
            diagnostic.toString() shouldBe
                "error E522: There is no run yet.\n    `emrys run FILE` starts one."
            PARAM_REPEATED.at(at(3), "day").hasLocation() shouldBe true
        }

        test("a warning alone refuses nothing, and an error brings the warnings along") {
            val diagnostics = Diagnostics()
            diagnostics.add(SPARK_MISSING, at(4), "a", "c")
            diagnostics.throwIfAny()
            diagnostics.hasErrors() shouldBe false
            diagnostics.add(NO_PIPELINE, at(1))
            diagnostics.errors().map { it.code() } shouldBe listOf(NO_PIPELINE)
            diagnostics.warnings().map { it.code() } shouldBe listOf(SPARK_MISSING)
            io.kotest.assertions.throwables
                .shouldThrow<InvalidSpecException> { diagnostics.throwIfAny() }
                .diagnostics()
                .map { it.code() } shouldBe listOf(NO_PIPELINE, SPARK_MISSING)
        }

        test("a valid spec of a hundred thousand steps builds no text") {
            val steps = (0 until 100_000).map { step("s$it", timeout = Duration.ofHours(1)) }
            val spec = pipeline(steps = steps)
            spec.check().all().shouldBeEmpty()
            val memory =
                java.lang.management.ManagementFactory.getThreadMXBean()
                    as com.sun.management.ThreadMXBean
            val before = memory.currentThreadAllocatedBytes
            spec.check().isEmpty shouldBe true
            val perStep = (memory.currentThreadAllocatedBytes - before) / steps.size
            // A matcher for the name and boxed arguments. With the texts it was more than 5,000.
            withClue("$perStep bytes per step") { (perStep < 800) shouldBe true }
        }
    })

private val FIRST = SourceLocation.at("daily.emr.kts", 2)
private const val TYPES = "actual type is 'String', but 'Int' was expected."

private val EXAMPLES: Map<DiagnosticCode, List<Any>> =
    mapOf(
        BUDGET_RANGE to listOf("0", "10000000"),
        BUDGET_UNPRICED to listOf("x9.xlarge", "\$25.00"),
        BUDGET_SPENT to listOf("brave-otter", "\$25.10", "\$25.00"),
        PIPELINE_EMPTY to listOf("daily"),
        NAME_EMPTY to listOf("step"),
        NAME_TOO_LONG to listOf("step", "load-the-raw-events-", 181, 180),
        NAME_CHARACTERS to listOf("step", "a:b"),
        NAME_TWICE to listOf("step", "load", FIRST),
        CLUSTER_WITHOUT_STEPS to listOf("etl"),
        RELEASE_LABEL to listOf("etl", "7.8.0"),
        STEP_CONCURRENCY_RANGE to listOf("etl", 300, 256),
        STEP_CONCURRENCY_RELEASE to listOf("etl", 2, "emr-5.27.0"),
        IDLE_TIMEOUT_RANGE to listOf("etl", Duration.ofSeconds(30)),
        LOG_LOCATION to listOf("logs/", "etl"),
        PRESTO_AND_TRINO to listOf("etl"),
        PRIMARY_GROUPS to listOf("etl", "no"),
        CORE_GROUPS to listOf("etl", 2),
        TASK_WITHOUT_CORE to listOf("etl"),
        SECRET_READABLE to listOf("etl", "db"),
        PLACEHOLDER_MISPLACED to listOf("etl", "\${secret:net}"),
        TAG_COUNT to listOf("etl", 41, 40),
        TAG_LENGTH to listOf("", "etl"),
        TAG_RESERVED to listOf("aws:x"),
        CONFIGURATION_UNNAMED to listOf(),
        INSTANCE_TYPE_FORM to listOf("xlarge"),
        PRIMARY_COUNT to listOf(2),
        GROUP_COUNT to listOf("core", 0, 2000),
        SPOT_PRICE to listOf("cheap"),
        STEP_WITHOUT_JAR to listOf("load"),
        COMMAND_RUNNER_EMPTY to listOf("load"),
        STEP_TOO_LONG to listOf("load", 12_000, 10_240),
        ARGUMENT_FOR_LINUX to listOf("load", 140_000, 131_071),
        ARGUMENT_TOO_LONG to listOf("load", 10_281, 10_280),
        ARGUMENT_NUL to listOf("load"),
        WAIT_OUT_OF_RANGE to listOf("cool-down", Duration.ofDays(400)),
        TIMEOUT_TOO_SHORT to listOf("step", "load", Duration.ofMillis(999)),
        CLUSTER_UNKNOWN to listOf("step", "load", "elt"),
        RETRY_AFTER_IDLE_TIMEOUT to
            listOf("step", "load", Duration.ofMinutes(10), "etl", Duration.ofMinutes(5)),
        RETRY_CONDITIONS to listOf("the step \"load\"", "Bootstrap", "Step, Timeout, ClusterLost"),
        RETRY_ATTEMPTS to listOf(0, 100),
        RETRY_LIMIT to listOf(0, "Cause.MissingInput", 100),
        RETRY_REFUSED to listOf(),
        BACKOFF_NEGATIVE to listOf(Duration.ofSeconds(-1), Duration.ofMinutes(1)),
        BACKOFF_FACTOR to listOf(0.5),
        BACKOFF_JITTER to listOf(2.0),
        UPSTREAM_UNKNOWN to listOf("step", "load", "fetch"),
        CYCLE to listOf("a → b → a"),
        NO_PIPELINE to listOf(),
        SECOND_PIPELINE to listOf("two", "one", FIRST),
        STEP_OF_OTHER_PIPELINE to listOf("load", "fetch", "one"),
        STEP_AFTER_ITSELF to listOf("load"),
        STEP_RUNS_NOTHING to listOf("load"),
        STEP_RUNS_TWICE to listOf("load", "bash", "sparkExample"),
        STEP_IN_STEP to listOf("load", "fetch"),
        VALUE_WITHOUT_TEXT to listOf("An argument", "Thread"),
        DURATION_TOO_LONG to listOf("idleTimeout of the cluster \"etl\"", "Infinity"),
        S3_FORM to listOf("s3:/bucket/x"),
        FILE_EMPTY to listOf("file(\"\")"),
        FILE_PATH to listOf("a?b", "Nul character not allowed"),
        SECRET_NAME to listOf("a b"),
        COMMAND_EMPTY to listOf(),
        APPLICATION_EMPTY to listOf(),
        LOCATION_TYPE to listOf("logs of the cluster \"etl\"", "Int"),
        RAW_VALUE to listOf("Thread", "Instances.Custom"),
        RAW_JSON to listOf("it is an array"),
        REGION_FORM to listOf("--day"),
        PARAM_TWICE to listOf("day", FIRST),
        PARAM_NAME to listOf("my day"),
        PARAM_PLACEHOLDER to listOf("day", "\${secret:db}"),
        PARAM_FORM to listOf("parts", "many", "a whole number", "4"),
        PARAM_MISSING to listOf("day", "text", "…"),
        PARAM_UNKNOWN to listOf("dya", "Did you mean --param day=…?"),
        MEMBER_FORM to
            listOf(
                "customAmi",
                "the cluster \"etl\"",
                "my-image",
                "the id of an image, such as \"ami-0a1b2c3d\"",
            ),
        MEMBER_LENGTH to listOf("securityConfiguration", "the cluster \"etl\"", 0, 10_280),
        MEMBER_RANGE to listOf("size of rootVolume", "the cluster \"etl\"", 5, "10 to 16384"),
        MEMBER_PLACEHOLDER to listOf("name", "the core group", "\${run:name}"),
        MEMBERS_EXCLUSIVE to
            listOf(
                "the cluster \"etl\"",
                "subnet",
                "subnets(…)",
                "EMR takes one of the two.",
            ),
        MEMBER_NEEDS to
            listOf(
                "the cluster \"etl\"",
                "autoScaling { }",
                "role for it",
                "Add autoScalingRole = \"EMR_AutoScaling_DefaultRole\".",
            ),
        TOO_MANY to listOf("etl", 17, "bootstrap actions", 16),
        GROUPS_AND_FLEETS to listOf("etl"),
        FLEET_ROLES to listOf("etl", 2, "core"),
        EXISTING_CLUSTER_TWO_WAYS to listOf("prod"),
        EXISTING_CLUSTER_ID to listOf("prod", "prod-1"),
        EXISTING_CLUSTER_NAME to listOf("prod", 300, 256),
        EXISTING_CLUSTER_STATES to listOf("prod"),
        EXISTING_CLUSTER_UNUSED to listOf("prod"),
        RESIZE_EMPTY to listOf("grow"),
        RESIZE_MIXED to listOf("grow"),
        RESIZE_RANGE to listOf("grow", "core instance group", "0", 1, 2000),
        RESIZE_TWICE to listOf("grow", "task instance group"),
        RESIZE_PRIMARY to listOf("grow"),
        RESIZE_OF_NONE to listOf("grow", "task instance group", "etl"),
        RESIZE_OF_SEVERAL to listOf("grow", "task instance group", "etl"),
        OPERATION_STEP_CONCURRENCY to listOf("many at once", 300, 256),
        OPERATION_IDLE_TIMEOUT to listOf("stay longer", "PT0S"),
        OPERATION_WITHOUT_IDLE_TIMEOUT to listOf("stay", "etl"),
        OPERATION_IDLE_TIMEOUT_RELEASE to listOf("stay longer", "etl", "emr-5.20.0"),
        OPERATION_ON_END_OF_OWN to listOf("done", "ends", "etl"),
        STEP_CHOICE to listOf("their load"),
        STEP_ID to listOf("their load", "load"),
        NOTEBOOK_CHOICE to listOf("report"),
        NOTEBOOK_MEMBER to
            listOf(
                "report",
                "output",
                "out",
                "Write a location on S3, such as s3://bucket/executed/.",
            ),
        NOTEBOOK_APPLICATION to listOf("report", "etl", "Livy", "Application(\"Livy\")"),
        EXISTING_CLUSTER_TWICE to listOf("j-2AXXXXXXGAPLF", "prod", "shared"),
        RETRY_CAPACITY_EMPTY to listOf("etl"),
        KEPT_WITHOUT_IDLE_TIMEOUT to listOf("shared", "emr-5.20.0"),
        EXISTING_CLUSTER_UNKNOWN to
            listOf(
                "j-2AXXXXXXGAPLF",
                "Cluster id 'j-2AXXXXXXGAPLF' is not valid.",
                "Look for it with aws emr list-clusters --active.",
            ),
        CLUSTER_NOT_USABLE to
            listOf(
                "j-2AXXXXXXGAPLF",
                "TERMINATED",
                "Look for it with aws emr list-clusters --active.",
            ),
        CLUSTER_NOT_FOUND to
            listOf(
                "shared",
                "running or waiting",
                "Look for it with aws emr list-clusters --active.",
            ),
        CLUSTER_NOT_UNIQUE to
            listOf(2, "shared", "running or waiting", "j-1 (WAITING), j-2 (RUNNING)"),
        CLUSTER_USED_TWICE to listOf("j-2AXXXXXXGAPLF", "prod", "shared"),
        CLUSTER_ENDS_WITH_RUN to listOf("shared", "j-2AXXXXXXGAPLF of the run calm-otter"),
        INSTANCES_NOT_FOUND to
            listOf(
                "j-2AXXXXXXGAPLF",
                "task instance group",
                "Primary (ig-1, primary), Core (ig-2, core)",
            ),
        INSTANCES_NOT_UNIQUE to
            listOf("j-2AXXXXXXGAPLF", "task instance group", "Spot (ig-3), On demand (ig-4)"),
        RESIZE_REPLACED to
            listOf("j-2AXXXXXXGAPLF", "task instance group", "10 instances", "4 instances"),
        STEP_NOT_FOUND to
            listOf("j-2AXXXXXXGAPLF", "step \"load\"", "it was not among the newest 1,000."),
        STEP_AWAITED_TWICE to listOf("j-2AXXXXXXGAPLF", "s-3ABCDEFGHIJKL"),
        STATE_UNREACHABLE to
            listOf("j-2AXXXXXXGAPLF", "has no step to run", "TERMINATED, USER_REQUEST."),
        STEP_NOT_CANCELLED to
            listOf("j-2AXXXXXXGAPLF", "s-3ABCDEFGHIJKL", "The step is still RUNNING."),
        RESIZE_STOPPED to
            listOf(
                "j-2AXXXXXXGAPLF",
                "task instance group",
                "SUSPENDED",
                "4 instances running",
                "10",
                "Insufficient capacity.",
            ),
        FLEET_CAPACITY to
            listOf(
                "core",
                0,
                0,
                "Write at least one unit, such as coreFleet(onDemand = 2, spot = 6) { … }.",
            ),
        FLEET_TYPES to listOf("core", 6, 5),
        FLEET_TYPE_TWICE to listOf("core", "m6g.xlarge"),
        MANAGED_SCALING_RELEASE to listOf("etl", "emr-6.0.0"),
        MANAGED_SCALING_LIMITS to listOf("minimum", 8, 4),
        MANAGED_SCALING_UNIT to listOf("Instances", "fleets", "ScalingUnit.InstanceFleetUnits"),
        PASSWORD_IN_SPEC to listOf("the cluster \"etl\""),
        SPOT_PERCENT_OF_GROUP to listOf(60),
        VALUE_UNKNOWN to listOf("The scaleDownBehavior", "NEVR", " Did you mean \"NEVER\"?"),
        ARGUMENT_EMPTY to listOf("An argument"),
        ARGUMENT_S3 to listOf("An argument", "s3:/bucket/in"),
        INSTANCE_TYPE_UNKNOWN to listOf("m6g.2xlrge", " Did you mean \"m6g.2xlarge\"?"),
        APPLICATION_UNKNOWN to listOf("Sprak", " Did you mean \"Spark\"?"),
        SPARK_MISSING to listOf("load", "etl"),
        UNORDERED_STEPS to listOf("etl", "fetch", "load"),
        DEPRECATED_WORD to listOf("autoTermination", "idleTimeout"),
        SCHEDULE_CRON to
            listOf(
                "The hour 25 is out of range",
                "0 25 * * *",
                "characters 3 to 4",
                "Write 0-23.",
            ),
        SCHEDULE_ZONE to listOf("main", "Europe/Berln", " Did you mean \"Europe/Berlin\"?"),
        SCHEDULE_VALUE to listOf("start", "main", "tomorrow", "a local date, such as 2026-01-01"),
        SCHEDULE_TWICE to listOf("main"),
        SCHEDULE_IMPOSSIBLE to
            listOf("main", "All days of the week are excluded, so the schedule never fires."),
        NOTIFICATION_VALUE to
            listOf(
                "sns",
                "data",
                "the ARN of a topic, such as arn:aws:sns:eu-central-1:123456789012:data",
            ),
        NOTIFICATIONS_EMPTY to emptyList(),
        NOTIFICATIONS_TWICE to emptyList(),
        SCHEDULE_WORD to listOf("jitter", "main", "waits for runs of another pipeline"),
        SCHEDULE_LOOP to listOf("main", "daily"),
        SCRIPT_IS_FOLDER to listOf(".emr.kts"),
        SCRIPT_MISSING to listOf("Did you mean daily.emr.kts?"),
        SCRIPT_NAME to listOf(".emr.kts"),
        SCRIPT_FORBIDDEN to listOf(),
        SCRIPT_UNREADABLE to listOf("Input/output error"),
        SCRIPT_ENCODING to listOf(),
        SYNTAX to
            listOf(
                "Syntax error: Expecting '}'.",
                "The block that begins in line 2 has no '}': close it where it is to end.",
            ),
        UNKNOWN_WORD to
            listOf("relase", "Did you mean 'release'? It can be used in cluster(…) { }."),
        MISPLACED_WORD to listOf("timeout", "in step(…) { }"),
        NO_SUCH_FORM to listOf("core", "core(type: String, count: Int = ...)"),
        TYPE_MISMATCH to listOf("Argument type mismatch: $TYPES", "Write a number without quotes."),
        COMPILER to
            listOf(
                "'val' cannot be reassigned.",
                "This is the Kotlin compiler's message: correct the line.",
            ),
        UNUSED_RESULT to listOf("==", "To set a member, write = instead of ==."),
        BLOCK_NEVER_RUNS to listOf("step"),
        BLOCK_NOT_RUN to listOf("step"),
        SCRIPT_TIMEOUT to listOf("30s"),
        SCRIPT_THREW to listOf("IllegalStateException: no region for us"),
        SCRIPT_RECURSION to listOf(),
        SCRIPT_EXIT to listOf("System.exit(0)"),
        SCRIPT_THREAD to listOf("Thread-0"),
        CACHE_DAMAGED to listOf("/home/me/.cache/emrys/scripts/0a.jar"),
        CACHE_READ_ONLY to listOf("AccessDeniedException: /home/me/.cache/emrys"),
        STEP_UNSUPPORTED to
            listOf(
                "load",
                "\"flink\" is not emulated.",
                "Emulated are spark-submit and others.",
            ),
        SECRET_UNKNOWN to listOf("step", "load", "db", "EMRYS_SECRET_DB"),
        CODE_RELATIVE to listOf("load", "etl.jar"),
        CODE_URI to
            listOf("load", "file:a b", "Illegal character in opaque part at index 6: file:a b"),
        CODE_MISSING to listOf("load", "/home/me/etl.jar"),
        CODE_FORBIDDEN to listOf("load", "/home/me/etl.jar"),
        CODE_MISSING_OBJECT to
            listOf("load", "s3://bucket/etl.jar", "/home/me/.emrys/local/s3/bucket/etl.jar"),
        LOG_LOCATION_UNMAPPED to listOf("etl", "s3://bucket/../logs/", "a part of it is \"..\""),
        RELEASE_NOT_EMULATED to
            listOf(
                "The release label emr-6.15.0 is not emulated: its steps run on what emr-7.8.0 has."
            ),
        CLUSTER_NOT_EMULATED to
            listOf(
                "The configuration capacity-scheduler is accepted and has no effect on this machine."
            ),
        PROGRAM_MISSING to
            listOf(
                "load",
                "calls aws for another service than S3, which no step on this machine reaches.",
            ),
        FILE_NOT_ON_CLUSTER to listOf("step", "load", "file:///home/ada/jobs/load.jar"),
        LOGS_NOWHERE to listOf("etl"),
        SECRETS_READABLE to
            listOf("/home/me/.emrys/secrets.properties", "/home/me/.emrys/secrets.properties"),
        COMMAND_MISSING to listOf("run, plan, check"),
        COMMAND_UNKNOWN to listOf("rnu", "Did you mean run? `emrys --help` lists the commands."),
        OPTION_UNKNOWN to
            listOf(
                "emrys plan",
                "--pram",
                "Did you mean --param? `emrys plan --help` lists the options.",
            ),
        ARGUMENT_UNEXPECTED to listOf("much", "emrys runs"),
        ARGUMENT_MISSING to listOf("RUN", "emrys show"),
        OPTION_WITHOUT_VALUE to listOf("--limit", "N"),
        OPTION_VALUE to listOf("xml", "--output", "text or json"),
        OPTION_TWICE to listOf("--output"),
        COMMAND_LINE_INVALID to listOf("Unmatched argument at index 0", "emrys show"),
        PARAM_SYNTAX to listOf("day"),
        PARAM_REPEATED to listOf("day"),
        PARAMS_UNREADABLE to listOf("there is no such file", "Check its path."),
        PARAMS_JSON to listOf("Unexpected character ('}' (code 125))"),
        PARAMS_NO_OBJECT to listOf("is an array"),
        PARAMS_VALUE to listOf("day", "an object"),
        NO_RUNS to listOf("/home/me/pipelines/.emrys"),
        NO_RUN_YET to listOf(),
        RUN_UNKNOWN to listOf("calm-otter"),
        RUN_AMBIGUOUS to
            listOf(
                "\"calm\" matches both calm-otter and calm-heron.",
                "Write more of the name or the id.",
            ),
        RUN_IN_SEVERAL_FOLDERS to
            listOf("calm-otter", "/home/me/a/.emrys and in /home/me/b/.emrys"),
        STEP_UNKNOWN to listOf("laod", "fetch, load"),
        STEP_NOT_NAMED to
            listOf("No step of the run has failed, and it has several.", "fetch, load"),
        LOG_UNKNOWN to listOf("out", "stdout, stderr, controller"),
        LOGS_MISSING to listOf("load", "it was not submitted to a cluster"),
        AT_FORM to listOf("noon"),
        NO_SCHEDULE to listOf("daily"),
        NO_FIRE to
            listOf(
                "daily",
                "2026-04-25T03:01Z",
                "The one before is 2026-04-25T03:00Z, the next one 2026-04-26T03:00Z.",
            ),
        FIRE_OF_OTHER_SCRIPT to listOf("daily-20260425T030000Z", "/pipes/daily.emr.kts"),
        SCHEDULE_UNKNOWN to listOf("nightly", "Write one of daily-etl/main, hourly/main."),
        SCHEDULE_IN_SEVERAL_FOLDERS to
            listOf("daily-etl", "/pipes/a/.emrys and in /pipes/b/.emrys"),
        SERVED_PATH_MISSING to listOf("/pipes/daly.emr.kts"),
        BACKFILL_RANGE to listOf("2026-04-25", "2026-04-25"),
        BACKFILL_TIME to listOf("yesterday"),
        HTTP_ADDRESS to
            listOf("0.0.0.0:8780", "0.0.0.0:8780 is not a loopback address and needs a token."),
        SCHEDULE_WITHOUT_TIMES to
            listOf(
                "load/main",
                "after success of ingest",
                "emrys schedule trigger load/main requests a run now.",
            ),
        HTTP_UNAVAILABLE to
            listOf("Cannot listen on 127.0.0.1:8780: Address already in use.", "--http"),
        EMULATOR_IN_USE to
            listOf("/home/me/.emrys/emulator/000000000000 is used by another process"),
        LIMIT_RANGE to listOf("--limit", 0),
        JOURNAL_UNUSABLE to
            listOf(
                "The journal /home/me/.emrys/journal.db cannot be written: the disk is full.",
                "Free space there.",
            ),
        STATE_UNTRUSTED to
            listOf(
                "The state folder /builds/.emrys belongs to the user eve, and you are anna.",
                "Name another state folder with --state. Or, if you know the content of this one and trust it, run: sudo chown -R anna /builds/.emrys",
            ),
        TARGET_UNUSABLE to
            listOf(
                "Steps need a JDK 17 or later, and none was found on this machine.",
                "Install one (EMR 7 itself uses 17), or name its folder in EMRYS_STEP_JAVA_HOME.",
            ),
        LAUNCHER_UNKNOWN to listOf("/opt/emrys/emrys is no file that can be executed"),
        NOTHING_TO_INSTALL to listOf("/pipes"),
        INSTALLED_CHARACTER to listOf("/pipes/a?b"),
        CRONTAB_UNUSABLE to
            listOf(
                "read",
                "You (anna) are not allowed to use this program (crontab)",
            ),
        CRONTAB_INCOMPLETE to listOf("# emrys schedule begin: /pipes"),
        NOT_INSTALLED to listOf("/pipes", "What is installed: /pipes/daily.emr.kts."),
        INSTALLED_PASSWORD to emptyList(),
        INSTALLED_PERIOD to listOf(60),
        UNITS_UNUSABLE to
            listOf("/etc/systemd/system", "AccessDeniedException /etc/systemd/system"),
        AWS_VALUE to listOf("role", "etl", "the ARN of a role: arn:aws:iam::123456789012:role/etl"),
        PROPERTIES_KEY to
            listOf("aws.profil", "Did you mean aws.profile? ", "target, aws.profile, aws.region"),
        PROPERTIES_LINE to listOf("target"),
        PROPERTIES_TARGET to listOf("awz"),
        PROPERTIES_TWICE to listOf("aws.region"),
        PROPERTIES_UNREADABLE to listOf("/pipes/emrys.properties", "AccessDeniedException"),
        AWS_OPTION to listOf("--profile", "local"),
        TARGET_OF_RUN to listOf("calm-otter", "aws in eu-central-1", "aws in us-east-1"),
        PRICES_UNREADABLE to listOf("/home/me/prices.json", "region is missing"),
        BUDGET_OPTION to listOf("much"),
        ENDPOINT_FORM to listOf("127.0.0.1:8790"),
        LOGS_ELSEWHERE to listOf("load", "s3://logs/j-1/steps/s-1/"),
        ACCOUNT_UNUSABLE to listOf("/home/me/.emrys/local: No space left on device"),
        OUTPUT_UNWRITTEN to listOf("No space left on device"),
        RUN_DRIVEN to
            listOf(
                "The run calm-otter (r63zyribtlk23boza) is driven by process 4711 on laptop since 2026-04-25T03:00:00Z. Nothing was changed.",
                "calm-otter",
            ),
        CREDENTIALS_MISSING to
            listOf(
                " in the profile \"prod\"",
                "Profile file contained no credentials for profile 'prod'",
            ),
        CREDENTIALS_EXPIRED to
            listOf(
                "the SSO session has expired or is otherwise invalid",
                "Renew them: aws sso login --profile prod.",
            ),
        CREDENTIALS_INVALID to
            listOf("The security token included in the request is invalid. (InvalidClientTokenId)"),
        REGION_MISSING to emptyList(),
        PROFILE_UNKNOWN to listOf("pord", "there is no such profile in ~/.aws/config"),
        ACCESS_DENIED to
            listOf(
                "elasticmapreduce:ListClusters",
                "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: elasticmapreduce:ListClusters (AccessDeniedException)",
            ),
        ROLE_UNUSABLE to
            listOf(
                "arn:aws:iam::123456789012:role/etl",
                "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: sts:AssumeRole (AccessDenied)",
            ),
        CLOCK_WRONG to
            listOf("Signature expired: 20260425T030000Z is now earlier (SignatureDoesNotMatch)"),
        UNREACHABLE to
            listOf(
                "AWS STS in eu-central-1",
                "the host sts.eu-central-1.amazonaws.com is not known",
            ),
        THROTTLED to listOf("Rate exceeded (ThrottlingException)"),
        CLUSTER_ROLE to
            listOf("Invalid InstanceProfile: EMR_EC2_DefaultRole. (ValidationException)"),
        SUBNET to listOf("The subnet ID 'subnet-1' does not exist (ValidationException)"),
        KEY_PAIR to listOf("The key pair 'ada' does not exist (ValidationException)"),
        AwsCode.QUOTA to
            listOf("The number of active clusters exceeds the limit (ValidationException)"),
        AwsCode.REFUSED to listOf("Internal error. (InternalServerException)"),
        OTHER_ACCOUNT to listOf("123456789012", "210987654321"),
        ACCOUNT_CHANGED to listOf("123456789012", "210987654321"),
        NO_IDLE_LEASE to listOf("etl", "emr-5.29.0"),
        AwsCode.RELEASE_NOT_IN_REGION to
            listOf("etl", "emr-7.99.0", "eu-central-1", "emr-7.10.0, emr-7.9.0"),
        AwsCode.APPLICATION_NOT_IN_RELEASE to
            listOf("etl", "Sparc", "emr-7.8.0", "eu-central-1", "Hadoop, Hive, Spark"),
        AwsCode.TYPE_NOT_IN_REGION to
            listOf("etl", "m5.huge", "emr-7.8.0", "eu-central-1", "m5.xlarge, m5.2xlarge"),
        AwsCode.LISTS_NOT_ASKED to
            listOf(
                "There are no AWS credentials: none in the environment.",
                "Run `aws configure` or `aws sso login`.",
            ),
        AwsCode.LOGS_NOT_KEPT to listOf("s-1AB2", "j-3CD4"),
        AwsCode.LOGS_IN_CLOUDWATCH to listOf("s-1AB2", "/emr/etl", "j-3CD4/steps/s-1AB2/"),
        AwsCode.LOGS_NOT_THERE to
            listOf(
                "No stderr",
                "s-1AB2",
                "s3://logs/emr/j-3CD4/steps/s-1AB2/",
                "there is no object yet",
                "Wait for them with --follow.",
            ),
        AwsCode.STORAGE_DENIED to
            listOf(
                "s3:GetObject",
                "arn:aws:s3:::logs/emr/stderr.gz",
                "Access Denied (AccessDenied)",
            ),
        AwsCode.KEY_DENIED to
            listOf(
                "s3://logs/emr/stderr.gz",
                "not authorized to perform: kms:Decrypt (AccessDenied)",
            ),
        AwsCode.BUCKET_UNKNOWN to listOf("logs"),
        AwsCode.STEP_FORGOTTEN to listOf("s-1AB2", "j-3CD4"),
        AwsCode.OBJECT_DIFFERS to
            listOf("s3://b/staging/0a1b/etl.jar", 12, "/home/me/etl.jar", 4096),
        AwsCode.FILE_CHANGED to listOf("/home/me/etl.jar", "its content has another SHA-256"),
        TargetCode.ARGUMENTS_NOT_STAGED to listOf("load", 12_000, 10_240),
        TargetCode.NOTEBOOK_NOT_EMULATED to listOf("report"),
        TargetCode.FILE_NOT_COPIED to
            listOf("step", "load", "file:///home/me/etl.jar", "it does not exist"),
        TargetCode.STORAGE_NOT_KNOWN to listOf("s3://b/staging/", "http://127.0.0.1:8790"),
        CommandCode.FAULTS_ENDPOINT to listOf("https://example.com"),
        CommandCode.FAULTS_REFUSED to listOf("rules.json", "/rules/0/kind is missing"),
        RuntimeCode.EMULATOR_UNREACHABLE to listOf("http://127.0.0.1:8790", "Connection refused"),
        CommandCode.STAGING_FORM to listOf("b/staging"),
        AwsCode.SETTINGS_UNTRUSTED to
            listOf("/srv/emrys.properties", "the folder /srv belongs to the user ada"),
        AwsCode.VALUE_FORM to listOf("--region", "Berlin", "a region such as eu-central-1"),
        AwsCode.OBJECT_ARRIVAL to listOf("load/main", "s3://my-bucket/in/"),
        BUG to
            listOf(
                "IllegalStateException: no such task",
                "The details are in /tmp/emrys-bug-1.txt. Please report them with the command that you ran.",
            ),
    )
