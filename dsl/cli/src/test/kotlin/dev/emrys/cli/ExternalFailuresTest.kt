package dev.emrys.cli

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.paths.shouldNotExist
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Path
import kotlin.io.path.copyToRecursively
import kotlin.io.path.createDirectories
import kotlin.io.path.isRegularFile
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readBytes
import kotlin.io.path.relativeTo
import kotlin.io.path.walk
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

private const val SECRET = "correct-horse-battery-staple"

class ExternalFailuresTest :
    FunSpec({
        val program = autoClose(EmrysProgram())
        val folder = program.folder
        program.script("probe", EmrysProgram.PROBE)
        program.script(
            "jars",
            """
            pipeline("jars") {
                val c = cluster("c") { applications(Spark, Hadoop); instances { primary("m6g.xlarge") } }
                c.step("local") { mapReduce(file("target/none.jar")) }
                c.step("remote") { sparkSubmit("s3://bucket/none.jar", mainClass = "X") }
                c.step("password") { bash("echo ${'$'}{secret("unheard-of")}") }
            }
            """
                .trimIndent(),
        )
        program.script(
            "secret",
            """
            pipeline("secret") {
                val c = cluster("c") { instances { primary("m6g.xlarge") } }
                c.step("says") { bash("echo it is ${'$'}{secret("wide-open")}") }
            }
            """
                .trimIndent(),
        )
        program.script(
            "spark",
            """
            pipeline("spark") {
                val c = cluster("c") { applications(Spark); instances { primary("m6g.xlarge") } }
                c.step("pi") { sparkExample("SparkPi", 10) }
            }
            """
                .trimIndent(),
        )

        fun state(name: String): Pair<Path, LaunchOptions> =
            folder.resolve(name) to LaunchOptions(mapOf("EMRYS_STATE" to "${folder.resolve(name)}"))

        test(
            "run refuses missing jars and unknown secrets before anything starts; plan and check warn of them"
        ) {
            for ((command, exit) in
                mapOf(
                    "run" to ExitCode.USER_ERROR,
                    "plan" to ExitCode.SUCCEEDED,
                    "check" to ExitCode.SUCCEEDED,
                )) {
                val all = (program.run(command, "jars.emr.kts") exits exit).all
                for (text in
                    listOf(
                        "jars.emr.kts:3: ",
                        "$folder/target/none.jar, which does not exist",
                        "Build it",
                        "jars.emr.kts:4: ",
                        "s3://bucket/none.jar",
                        "Put it at ${program.state}/local/s3/bucket/none.jar",
                        "jars.emr.kts:5: ",
                        "\"unheard-of\"",
                        "EMRYS_SECRET_UNHEARD_OF",
                    )) {
                    all shouldContain text
                }
            }
            program.state.shouldNotExist()
        }

        test("a secret reaches its step, and its value is stored nowhere else") {
            val (state, known) = state("secrets")
            val options = LaunchOptions(known.environment + ("EMRYS_SECRET_WIDE_OPEN" to SECRET))
            program
                .run("plan", "secret.emr.kts", options = options)
                .exits(ExitCode.SUCCEEDED)
                .all shouldNotContain SECRET
            val result =
                program.run("run", "secret.emr.kts", "--output", "json", options = options) exits
                    ExitCode.SUCCEEDED
            result.all shouldNotContain SECRET
            program
                .run("logs", result.json().path("name").asText(), "says", options = options)
                .out
                .trim() shouldBe "it is $SECRET"
            program
                .run("show", result.json().path("name").asText(), options = options)
                .all shouldNotContain SECRET
            // The step's own files (its command line and what it printed), and the emulator's
            // store: EMR too keeps a step's arguments.
            val allowed =
                Regex(
                    "local/emulator\\.db(-wal|-shm)?|local/clusters/j-\\w+/steps/s-\\w+/(?!controller).*"
                )
            val files = state.walk().filter { it.isRegularFile() }.toList()
            files.size shouldBeGreaterThan 5
            files
                .filter { String(it.readBytes(), Charsets.ISO_8859_1).contains(SECRET) }
                .map { "${it.relativeTo(state)}" }
                .filterNot(allowed::matches)
                .shouldBeEmpty()
        }

        test("a state folder without write permission is an external failure").config(
            enabledOrReasonIf = { unprivilegedOrDisabled() }
        ) {
            val shut = folder.resolve("shut").createDirectories().mode("r-xr-xr-x")
            for (at in listOf(shut, shut.resolve("below"))) {
                val options = LaunchOptions(mapOf("EMRYS_STATE" to "$at"), before = UNPRIVILEGED!!)
                val result =
                    program.run("run", "probe.emr.kts", options = options) exits
                        ExitCode.EXTERNAL_FAILURE
                result.printsOnStderr("$at", "this user may not write", "--state")
            }
            shut.listDirectoryEntries().shouldBeEmpty()
            shut.mode("rwxr-xr-x")
        }

        test("a state folder that is a file is an external failure") {
            val file = folder.resolve("a-file").also { it.writeText("") }
            val result =
                program.run(
                    "run",
                    "probe.emr.kts",
                    options = LaunchOptions(mapOf("EMRYS_STATE" to "$file")),
                ) exits ExitCode.EXTERNAL_FAILURE
            result.printsOnStderr(
                "The state folder $file cannot be created: $file is not a folder.",
                "--state",
            )
        }

        test("a damaged journal is an external failure, and is not changed") {
            val (state, options) = state("garbage")
            state
                .createDirectories()
                .resolve("journal.db")
                .writeText("this has never been a database\n".repeat(200))
            val before = state.resolve("journal.db").readBytes().toList()
            for (arguments in
                listOf(arrayOf("run", "probe.emr.kts"), arrayOf("runs"), arrayOf("show", "x"))) {
                val result =
                    program.run(*arguments, options = options) exits ExitCode.EXTERNAL_FAILURE
                result.printsOnStderr(
                    "$state/journal.db",
                    "is not a journal",
                    "another state folder",
                )
            }
            state.resolve("journal.db").readBytes().toList() shouldBe before
            state.resolve("local").shouldNotExist()
        }

        test("an emulator that cannot start is reported before a run is created") {
            val (state, options) = state("broken-emulator")
            state.resolve("local").createDirectories()
            state.resolve("local/emulator.db").writeText("no database, ".repeat(100))
            val result =
                program.run("run", "probe.emr.kts", options = options) exits
                    ExitCode.EXTERNAL_FAILURE
            result.printsOnStderr("$state/local/emulator.db cannot be used", "The whole log: ")
            result.err shouldNotContain "bug"
            program.run("runs", "--output", "json", options = options).json().size() shouldBe 0
        }

        test(
            "results that cannot be written are an external failure; a pipe that the reader closed is not"
        ) {
            fun into(file: String) =
                LaunchOptions(before = listOf("sh", "-c", "exec \"\$@\" > $file", "sh"))
            for (arguments in
                listOf(arrayOf("plan", "probe.emr.kts"), arrayOf("runs", "--output", "json"))) {
                val result =
                    program.run(*arguments, options = into("/dev/full")) exits
                        ExitCode.EXTERNAL_FAILURE
                result.printsOnStderr("The output could not be written: No space left on device.")
                program.run(*arguments, options = into("/dev/null")) exits ExitCode.SUCCEEDED
            }
            val piped = LaunchOptions(before = listOf("sh", "-c", "\"\$@\" | true", "sh"))
            program.run("plan", "probe.emr.kts", options = piped).err shouldNotContain "written"
        }

        test("a damaged compiled script is compiled again, with a warning") {
            val cache = folder.resolve("cache")
            @OptIn(kotlin.io.path.ExperimentalPathApi::class)
            EmrysProgram.CACHE.resolve("scripts")
                .copyToRecursively(
                    cache.resolve("scripts").also { it.parent.createDirectories() },
                    followLinks = false,
                )
            cache.resolve("scripts").listDirectoryEntries("*.jar").forEach {
                it.writeBytes(it.readBytes().copyOf(300))
            }
            val options = LaunchOptions(mapOf("EMRYS_CACHE" to "$cache"))
            program
                .run("plan", "probe.emr.kts", options = options)
                .exits(ExitCode.SUCCEEDED)
                .printsOnStderr("was damaged.\n    The script is compiled again")
            val healed =
                program.run("plan", "probe.emr.kts", options = options) exits ExitCode.SUCCEEDED
            healed.err shouldNotContain "damaged"
            healed.out shouldContain "Pipeline probe"
        }

        test(
            "without a network a failed download prints one message and starts nothing, and a later run can succeed"
        ) {
            val (state, known) = state("offline")
            val settings = program.home.resolve(".m2").createDirectories().resolve("settings.xml")
            settings.writeText(
                "<settings><mirrors><mirror><id>closed</id><mirrorOf>*</mirrorOf><url>http://127.0.0.1:9/</url></mirror></mirrors></settings>"
            )
            val options =
                LaunchOptions(
                    known.environment +
                        ("EMRYS_CACHE" to "${folder.resolve("no-cache")}") +
                        ("HOME" to "${program.home}")
                )
            val result =
                program.run("run", "spark.emr.kts", options = options) exits
                    ExitCode.EXTERNAL_FAILURE
            result.printsOnStderr("spark-3.5.4", "http://127.0.0.1:9", "settings.xml")
            result.err.lines().filter { it.isNotEmpty() } shouldHaveSize
                result.err.lines().distinct().count { it.isNotEmpty() }
            program.run("runs", "--output", "json", options = options).json().size() shouldBe 0
            state.resolve("local/owner.json").shouldNotExist()
            state.resolve("local/clusters").shouldNotExist()
            program.run("run", "probe.emr.kts", options = known) exits ExitCode.SUCCEEDED
        }
    })
