package dev.emrys.cli

import dev.emrys.drive.TargetUnavailableException
import dev.emrys.journal.JournalException
import dev.emrys.journal.RunRecord
import dev.emrys.journal.SqliteJournal
import dev.emrys.spec.CommandCode
import dev.emrys.spec.DiagnosticCode
import dev.emrys.spec.RuntimeCode
import dev.emrys.spec.SpecJson
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.ByteArrayOutputStream
import java.nio.file.Path
import java.time.Instant
import java.util.concurrent.CompletionException
import kotlin.io.path.createDirectories
import kotlin.io.path.deleteExisting
import kotlin.io.path.exists
import kotlin.io.path.readText
import kotlin.io.path.writeText

/** Codes whose text needs another process or another working folder; other tests have them. */
private val ELSEWHERE: Set<DiagnosticCode> =
    setOf(
        CommandCode.COMMAND_LINE_INVALID,
        CommandCode.RUN_IN_SEVERAL_FOLDERS,
        RuntimeCode.TARGET_UNUSABLE,
        RuntimeCode.ACCOUNT_UNUSABLE,
        RuntimeCode.OUTPUT_UNWRITTEN,
        RuntimeCode.BUG,
        // They need a script that compiles: ScheduleTest.
        CommandCode.NO_SCHEDULE,
        CommandCode.NO_FIRE,
        CommandCode.FIRE_OF_OTHER_SCRIPT,
        // They need a process that serves schedules: ScheduleServeTest.
        CommandCode.SCHEDULE_UNKNOWN,
        CommandCode.SCHEDULE_IN_SEVERAL_FOLDERS,
        CommandCode.SERVED_PATH_MISSING,
        CommandCode.BACKFILL_RANGE,
        CommandCode.BACKFILL_TIME,
        CommandCode.HTTP_ADDRESS,
        RuntimeCode.HTTP_UNAVAILABLE,
        // They need an emulator: EmulatorCommandTest.
        RuntimeCode.EMULATOR_IN_USE,
        RuntimeCode.EMULATOR_UNREACHABLE,
        CommandCode.FAULTS_REFUSED,
        CommandCode.FAULTS_ENDPOINT,
        // They need a script that compiles: ScheduleTriggersTest.
        CommandCode.SCHEDULE_WITHOUT_TIMES,
        // They need a script that compiles, or a crontab: ScheduleInstallTest.
        CommandCode.LAUNCHER_UNKNOWN,
        CommandCode.NOTHING_TO_INSTALL,
        CommandCode.INSTALLED_CHARACTER,
        CommandCode.CRONTAB_UNUSABLE,
        CommandCode.CRONTAB_INCOMPLETE,
        CommandCode.INSTALLED_PASSWORD,
        CommandCode.UNITS_UNUSABLE,
        // They need a script that compiles, or a run on AWS: AwsTargetTest, TargetSelectionTest.
        CommandCode.PROPERTIES_KEY,
        CommandCode.PROPERTIES_LINE,
        CommandCode.PROPERTIES_TARGET,
        CommandCode.PROPERTIES_TWICE,
        CommandCode.PROPERTIES_UNREADABLE,
        CommandCode.AWS_OPTION,
        CommandCode.TARGET_OF_RUN,
        CommandCode.ENDPOINT_FORM,
        CommandCode.STAGING_FORM,
        CommandCode.LOGS_ELSEWHERE,
        CommandCode.PRICES_UNREADABLE,
    )

/**
 * What the command line says of its own errors: command lines, their messages and their exit codes.
 * `-Dgolden.update=true` writes the file; read it before you commit it.
 */
class MessagesTest :
    FunSpec({
        val folder = tempdir().toPath().toRealPath()
        val state = folder.resolve("state")
        val home: String? = System.getProperty("user.home")

        /** The output of a command as a person sees it, without what differs between machines. */
        fun transcript(line: String): String {
            val err = ByteArrayOutputStream()
            val words =
                line.split(' ').filter { it.isNotEmpty() }.map { it.replace("FOLDER", "$folder") }
            val exit = execute(words.toTypedArray(), Console(ByteArrayOutputStream(), err))
            val text =
                err.toString(Charsets.UTF_8)
                    .replace("$folder", "FOLDER")
                    .replace(Regex("process \\d+ on \\S+ since \\S+\\."), "process N on H since T.")
            return "$ emrys $line\n${text}exit code $exit\n"
        }

        fun json(vararg words: String) =
            ByteArrayOutputStream().let { out ->
                execute(arrayOf(*words), Console(out, ByteArrayOutputStream()))
                JSON.readTree(out.toString(Charsets.UTF_8))
            }

        beforeSpec {
            // The cache folder is found through it.
            System.setProperty("user.home", "$folder")
            mapOf(
                    "syntax" to "{\n  \"day\": today\n}\n",
                    "open" to "{\"day\": \"2026-04-25\"",
                    "twice" to "{\n  \"day\": \"a\",\n  \"day\": \"b\"\n}\n",
                    "two" to "{\"day\": 1}\n{\"day\": 2}\n",
                    "empty" to "",
                    "array" to "[1]\n",
                    "values" to "{\n  \"day\": {\"from\": 1},\n  \"parts\": null\n}\n",
                )
                .forEach { (name, text) -> folder.resolve("$name.json").writeText(text) }
            val damaged = folder.resolve("damaged").createDirectories()
            damaged.resolve("journal.db").writeText("no database\n".repeat(100))
            SqliteJournal.open(folder.resolve("empty-state")) {}.close()
            folder.resolve("shared").createDirectories().resolve("journal.db").writeText("")
            folder.resolve("shared").mode("rwxrwxrwx")
            val spec = SpecJson.write(EmrysProgram.graph(EmrysProgram.PROBE).spec())
            SqliteJournal.open(state) {}
                .use { journal ->
                    for ((id, name) in listOf("r2" to "calm-otter", "r3" to "calm-heron")) {
                        val start = Instant.parse("2026-04-25T03:00:00Z")
                        val run = RunRecord(id, name, "probe", "", "local", start, null, null)
                        journal.runs().create(run, spec).close()
                    }
                }
        }

        afterSpec { home?.let { System.setProperty("user.home", it) } }

        val lines =
            """
            rnu
            resume calm-heron --budget much
            resume calm-heron --budget 0
            plan x.emr.kts --pram day=1
            runs much
            show
            runs --limit
            runs --limit many
            runs --limit 0
            schedule explain x.emr.kts --count 0
            run x.emr.kts --at noon
            plan x.emr.kts --output xml
            check x.emr.kts --output xml
            plan x.emr.kts --output json --output text
            help lgos
            completion fish
            plan x.emr.kts --param day
            plan x.emr.kts --param day=1 --param day=2
            plan x.emr.kts --params FOLDER/none.json
            plan x.emr.kts --params FOLDER/syntax.json
            plan x.emr.kts --params FOLDER/open.json
            plan x.emr.kts --params FOLDER/twice.json
            plan x.emr.kts --params FOLDER/two.json
            plan x.emr.kts --params FOLDER/empty.json
            plan x.emr.kts --params FOLDER/array.json
            plan x.emr.kts --params FOLDER/values.json
            show calm-otter --state FOLDER/nothing
            show last --state FOLDER/empty-state
            show absent --state FOLDER/state
            show calm --state FOLDER/state
            logs calm-otter three --state FOLDER/state
            logs calm-otter --state FOLDER/state
            logs calm-otter one --state FOLDER/state --log out
            logs calm-otter one --state FOLDER/state
            schedule tick x.emr.kts --every-minutes 60
            schedule uninstall /pipes --as systemd --units FOLDER/units
            runs --state FOLDER/damaged
            runs --state FOLDER/shared
            """
                .trimIndent()
                .lines()

        test("the messages about a command line equal the golden file") {
            val driven =
                SqliteJournal.open(state) {}
                    .use { journal ->
                        journal.leases().acquire("r3").orElseThrow().use {
                            transcript("resume calm-heron --state FOLDER/state")
                        }
                    }
            val bare = transcript("").replace("$ emrys \n", "$ emrys\n")
            val actual = (listOf(bare) + lines.map(::transcript) + driven).joinToString("\n")
            val expected = Path.of("src/test/resources/messages/command-line.txt")
            if (System.getProperty("golden.update").toBoolean()) expected.writeText(actual)
            withClue("$expected") {
                (if (expected.exists()) expected.readText() else "") shouldBe actual
            }
        }

        test("the golden file has every code of the command line") {
            val text = Path.of("src/test/resources/messages/command-line.txt").readText()
            DiagnosticCode.all()
                .filter { it is CommandCode || it is RuntimeCode }
                .filterNot { it in ELSEWHERE || " ${it.id()}: " in text }
                .shouldBeEmpty()
        }

        test("a failure of the engine is a diagnostic whose fix is in the indented lines") {
            val message =
                "The emulator ended:\n    at first\nlast line\n    Free space.\n    Its log: x"
            val failure = TargetUnavailableException(message, null)
            Failures.diagnostics(failure).single().let {
                it.code() shouldBe RuntimeCode.TARGET_UNUSABLE
                it.what() shouldBe "The emulator ended:\n    at first\nlast line"
                it.fix() shouldBe "Free space. Its log: x"
            }
            Failures.diagnostics(JournalException("The journal is closed.", null)).single().let {
                it.code() shouldBe RuntimeCode.JOURNAL_UNUSABLE
                it.advice() shouldBe ""
            }
        }

        test(
            "a failure that is not expected is a bug, with exit code 70 and the file of its details"
        ) {
            val err = ByteArrayOutputStream()
            val out = ByteArrayOutputStream()
            val console = Console(out, err)
            val exit =
                Failures(console, DiagnosticOutput.JSON)
                    .report(CompletionException(IllegalStateException("no such task")))
            exit shouldBe ExitCode.INTERNAL_ERROR.code
            val text = err.toString(Charsets.UTF_8)
            text shouldContain
                "error E691: This is a bug in Emrys: IllegalStateException: no such task\n"
            val details = Path.of(Regex("details are in (\\S+)\\.").find(text)!!.groupValues[1])
            details.readText() shouldContain "IllegalStateException: no such task"
            details.deleteExisting()
            JSON.readTree(out.toString(Charsets.UTF_8)).path("exit").asInt() shouldBe 70
        }

        test("an error in the command line is JSON, too, with its message and its diagnostics") {
            val failure = json("runs", "--output", "json", "--limit", "many")
            failure.path("exit").asInt() shouldBe 2
            failure.path("error").asText() shouldBe
                "\"many\" is not a value of --limit.\n    Write a whole number."
            failure.path("diagnostics").map { it.path("code").asText() } shouldContainExactly
                listOf("E507")
            failure.path("diagnostics")[0].path("file").isNull shouldBe true
            val params =
                json("plan", "x.emr.kts", "--output=json", "--params", "$folder/values.json")
            params.path("diagnostics").map { it.path("line").asInt() } shouldContainExactly
                listOf(2, 3)
            params.path("error").asText() shouldContain "values.json:2:10: The value of the param"
        }
    })
