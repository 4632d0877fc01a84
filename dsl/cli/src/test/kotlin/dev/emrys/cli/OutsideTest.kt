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

class OutsideTest :
    FunSpec({
        val program = autoClose(Program())
        val folder = program.folder
        program.script("probe", Program.PROBE)
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

        fun state(name: String): Pair<Path, How> =
            folder.resolve(name) to How(mapOf("EMRYS_STATE" to "${folder.resolve(name)}"))

        test(
            "jars that are not there and secrets that nobody knows are told before anything starts"
        ) {
            for (command in listOf("run", "plan")) {
                val said = program.run(command, "jars.emr.kts") exits ExitCode.MISTAKE
                said.says(
                    "jars.emr.kts:3: ",
                    "$folder/target/none.jar, which does not exist",
                    "Build it",
                )
                said.says(
                    "jars.emr.kts:4: ",
                    "s3://bucket/none.jar",
                    "put it at ${program.state}/local/s3/bucket/none.jar",
                )
                said.says("jars.emr.kts:5: ", "\"unheard-of\"", "EMRYS_SECRET_UNHEARD_OF")
            }
            program.state.shouldNotExist()
            program.run("check", "jars.emr.kts") exits ExitCode.SUCCEEDED
        }

        test("a secret reaches its step, and its value lies nowhere else") {
            val (state, known) = state("secrets")
            val how = How(known.environment + ("EMRYS_SECRET_WIDE_OPEN" to SECRET))
            program
                .run("plan", "secret.emr.kts", how = how)
                .exits(ExitCode.SUCCEEDED)
                .all shouldNotContain SECRET
            val said =
                program.run("run", "secret.emr.kts", "--output", "json", how = how) exits
                    ExitCode.SUCCEEDED
            said.all shouldNotContain SECRET
            program
                .run("logs", said.json().path("name").asText(), "says", how = how)
                .out
                .trim() shouldBe "it is $SECRET"
            program.run("show", said.json().path("name").asText(), how = how).all shouldNotContain
                SECRET
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

        test("a state folder that may not be written is an outside failure").config(
            enabledOrReasonIf = { anybody() }
        ) {
            val shut = folder.resolve("shut").createDirectories().mode("r-xr-xr-x")
            for (at in listOf(shut, shut.resolve("below"))) {
                val how = How(mapOf("EMRYS_STATE" to "$at"), before = AS_ANYBODY!!)
                val said = program.run("run", "probe.emr.kts", how = how) exits ExitCode.OUTSIDE
                said.says("$at", "this user may not write", "--state")
            }
            shut.listDirectoryEntries().shouldBeEmpty()
            shut.mode("rwxr-xr-x")
        }

        test("a state folder that is a file is an outside failure") {
            val file = folder.resolve("a-file").also { it.writeText("") }
            val said =
                program.run(
                    "run",
                    "probe.emr.kts",
                    how = How(mapOf("EMRYS_STATE" to "$file")),
                ) exits ExitCode.OUTSIDE
            said.says("The state folder $file cannot be created: $file is not a folder.", "--state")
        }

        test("a journal that is garbage is an outside failure, and stays as it is") {
            val (state, how) = state("garbage")
            state
                .createDirectories()
                .resolve("journal.db")
                .writeText("this has never been a database\n".repeat(200))
            val before = state.resolve("journal.db").readBytes().toList()
            for (words in
                listOf(arrayOf("run", "probe.emr.kts"), arrayOf("runs"), arrayOf("show", "x"))) {
                val said = program.run(*words, how = how) exits ExitCode.OUTSIDE
                said.says("$state/journal.db", "is not a journal", "another state folder")
            }
            state.resolve("journal.db").readBytes().toList() shouldBe before
            state.resolve("local").shouldNotExist()
        }

        test("an emulator that cannot start is told before a run is written down") {
            val (state, how) = state("broken-emulator")
            state.resolve("local").createDirectories()
            state.resolve("local/emulator.db").writeText("no database, ".repeat(100))
            val said = program.run("run", "probe.emr.kts", how = how) exits ExitCode.OUTSIDE
            said.says("$state/local/emulator.db cannot be used", "The whole log: ")
            said.err shouldNotContain "bug"
            program.run("runs", "--output", "json", how = how).json().size() shouldBe 0
        }

        test(
            "results that cannot be written are an outside failure, and an early end of reading is none"
        ) {
            fun into(file: String) = How(before = listOf("sh", "-c", "exec \"\$@\" > $file", "sh"))
            for (words in
                listOf(arrayOf("plan", "probe.emr.kts"), arrayOf("runs", "--output", "json"))) {
                val said = program.run(*words, how = into("/dev/full")) exits ExitCode.OUTSIDE
                said.says("The output could not be written: No space left on device.")
                program.run(*words, how = into("/dev/null")) exits ExitCode.SUCCEEDED
            }
            val piped = How(before = listOf("sh", "-c", "\"\$@\" | true", "sh"))
            program.run("plan", "probe.emr.kts", how = piped).err shouldNotContain "written"
        }

        test("a damaged copy of a compiled script is made anew, with a word") {
            val cache = folder.resolve("cache")
            @OptIn(kotlin.io.path.ExperimentalPathApi::class)
            Program.CACHE.resolve("scripts")
                .copyToRecursively(
                    cache.resolve("scripts").also { it.parent.createDirectories() },
                    followLinks = false,
                )
            cache.resolve("scripts").listDirectoryEntries("*.jar").forEach {
                it.writeBytes(it.readBytes().copyOf(300))
            }
            val how = How(mapOf("EMRYS_CACHE" to "$cache"))
            program
                .run("plan", "probe.emr.kts", how = how)
                .exits(ExitCode.SUCCEEDED)
                .says("was damaged; the script is compiled again")
            val healed = program.run("plan", "probe.emr.kts", how = how) exits ExitCode.SUCCEEDED
            healed.err shouldNotContain "damaged"
            healed.out shouldContain "Pipeline probe"
        }

        test(
            "without a network, what a step needs cannot be fetched: one message, nothing started, and a later run may succeed"
        ) {
            val (state, known) = state("offline")
            val settings = program.home.resolve(".m2").createDirectories().resolve("settings.xml")
            settings.writeText(
                "<settings><mirrors><mirror><id>closed</id><mirrorOf>*</mirrorOf><url>http://127.0.0.1:9/</url></mirror></mirrors></settings>"
            )
            val how =
                How(
                    known.environment +
                        ("EMRYS_CACHE" to "${folder.resolve("no-cache")}") +
                        ("HOME" to "${program.home}")
                )
            val said = program.run("run", "spark.emr.kts", how = how) exits ExitCode.OUTSIDE
            said.says("spark-3.5.4", "http://127.0.0.1:9", "settings.xml")
            said.err.lines().filter { it.isNotEmpty() } shouldHaveSize
                said.err.lines().distinct().count { it.isNotEmpty() }
            program.run("runs", "--output", "json", how = how).json().size() shouldBe 0
            state.resolve("local/owner.json").shouldNotExist()
            state.resolve("local/clusters").shouldNotExist()
            program.run("run", "probe.emr.kts", how = known) exits ExitCode.SUCCEEDED
        }
    })
