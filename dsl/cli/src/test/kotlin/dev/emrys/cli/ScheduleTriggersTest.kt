package dev.emrys.cli

import com.fasterxml.jackson.databind.JsonNode
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption
import java.nio.file.attribute.FileTime
import java.time.Instant
import kotlin.io.path.createDirectories
import kotlin.io.path.writeText

/** Schedules that wait for runs, files and objects, as processes of their own. */
class ScheduleTriggersTest :
    FunSpec({
        val program = autoClose(EmrysProgram())
        val ledger = program.folder.resolve("ledger")

        fun write(folder: String, name: String, body: String): Path {
            program.script(name, "pipeline(\"$name\") {\n${body.trimIndent()}\n}\n")
            val file = program.folder.resolve("$name.emr.kts")
            return Files.move(
                file,
                program.folder.resolve(folder).createDirectories().resolve(file.fileName),
                StandardCopyOption.REPLACE_EXISTING,
            )
        }

        fun state(name: String): LaunchOptions =
            LaunchOptions(mapOf("EMRYS_STATE" to "${program.folder.resolve(name)}"))

        fun step(words: String) =
            "cluster(\"c\") { instances { primary(\"m6g.xlarge\") } }.step(\"s\") { bash(\"echo $words >> $ledger\") }"

        /** As programs do that others wait for: written elsewhere, then moved. */
        fun arrive(folder: Path, name: String, minutesAgo: Long = 10) {
            val file = program.folder.resolve(name)
            file.writeText("x")
            val time = Instant.now().minusSeconds(60 * minutesAgo)
            Files.setLastModifiedTime(file, FileTime.from(time))
            Files.move(
                file,
                folder.createDirectories().resolve(name),
                StandardCopyOption.REPLACE_EXISTING,
            )
        }

        fun listed(options: LaunchOptions, id: String): JsonNode =
            program
                .run("schedule", "list", "--output", "json", options = options)
                .json()
                .path("schedules")
                .single { it.path("id").asText() == id }

        test(
            "a success starts the next pipeline for the same day, and what arrives starts another one"
        ) {
            val options = state("chain-state")
            val ingest =
                write(
                    "chain",
                    "ingest",
                    "schedule(\"0 3 * * *\")\nwait(\"pause\", 1.seconds)",
                )
            write(
                "chain",
                "report",
                """
                schedule(afterSuccess("ingest"))
                val day = param("day") { default { "${'$'}logicalDate ${'$'}{dataInterval.start.toLocalDate()} ${'$'}triggeringRun" } }
                ${step("report \$day")}
                """,
            )
            val load =
                write(
                    "chain",
                    "load",
                    """
                    schedule(fileArrival("in/*.csv")) { settle = 2.seconds; pollEvery = 1.seconds }
                    schedule(objectArrival("s3://bucket/in/"), name = "objects") { pollEvery = 1.seconds }
                    val files = param("files") { default { arrived.joinToString(" ") } }
                    ${step("load \$files")}
                    """,
                )
            val folder = program.folder.resolve("chain/in")
            val bucket = program.folder.resolve("chain-state/local/s3/bucket")
            program
                .run("schedule", "explain", "$load", options = options)
                .exits(ExitCode.SUCCEEDED)
                .out
                .let {
                    it shouldContain
                        "It waits for each file that matches $folder/*.csv, unchanged for 2 s, looked for every 1 s."
                    it shouldContain "$folder does not exist now."
                    it shouldContain "It waits for each object that matches s3://bucket/in/"
                }
            arrive(folder, "old.csv")
            val daemon = program.start("schedule", "serve", "chain", options = options)
            daemon.prints("Serving 4 schedules")
            listed(options, "report/main").let {
                it.path("state").asText() shouldBe "active"
                it.path("timing").asText() shouldBe "after success of ingest"
                it.path("next").isNull shouldBe true
            }
            daemon.until("the files that exist are remembered") {
                program.run("schedule", "list", options = options).out.contains("load/objects")
            }
            program
                .run("run", "$ingest", "--at", "2026-04-25T03:00:00Z", options = options)
                .exits(ExitCode.SUCCEEDED)
            daemon.printsTimes("report-success-", 2)
            daemon.until("the report is written") { ledger.lines().isNotEmpty() }
            ledger.lines() shouldContainExactly
                listOf("report 2026-04-25 2026-04-24 ingest-20260425T030000Z")

            arrive(folder, "new.csv")
            daemon.until("the file is loaded") { "load $folder/new.csv" in ledger.lines() }
            arrive(bucket.resolve("in"), "part-1")
            daemon.until("the object is loaded") { "load s3://bucket/in/part-1" in ledger.lines() }

            // Nothing is lost while no process serves them.
            daemon.process.destroyForcibly().waitFor()
            program
                .run("run", "$ingest", "--at", "2026-04-26T03:00:00Z", options = options)
                .exits(ExitCode.SUCCEEDED)
            arrive(folder, "new.csv", minutesAgo = 5)
            val second = program.start("schedule", "serve", "chain", options = options)
            second.until("both have run") {
                ledger.lines().count { it == "load $folder/new.csv" } == 2 &&
                    "report 2026-04-26 2026-04-25 ingest-20260426T030000Z" in ledger.lines()
            }
            second.signal("TERM")
            second.result() exits ExitCode.SUCCEEDED
            ledger.lines().size shouldBe 5

            val fires =
                program
                    .run("schedule", "history", "--output", "json", options = options)
                    .json()
                    .path("fires")
            fires.map { it.path("cause").asText() }.toSet() shouldBe setOf("success", "arrival")
            fires.map { it.path("triggeringRun").asText() } shouldContain "ingest-20260426T030000Z"
            fires.flatMap { it.path("arrived").map(JsonNode::asText) } shouldContain
                "s3://bucket/in/part-1"
            program
                .run("schedule", "list", "--output", "json", options = options)
                .json()
                .path("schedules")
                .flatMap { it.path("last").path("arrived").map(JsonNode::asText) }
                .isEmpty() shouldBe false
        }

        test("each call of tick looks once, and starts what has arrived since the one before") {
            val options = state("tick-state")
            write(
                "tick",
                "ticked",
                "schedule(fileArrival(\"in/\"))\nval f = param(\"f\") { default { arrived.joinToString() } }\n" +
                    step("ticked \$f"),
            )
            val folder = program.folder.resolve("tick/in")
            arrive(folder, "old")
            fun tick() =
                program.run("schedule", "tick", "tick", options = options) exits ExitCode.SUCCEEDED
            tick()
            tick()
            ledger.lines().filter { it.startsWith("ticked") } shouldContainExactly emptyList()
            arrive(folder, "one")
            repeat(2) { tick() }
            ledger.lines().filter { it.startsWith("ticked") } shouldContainExactly
                listOf("ticked $folder/one")
        }

        test("a schedule that waits has no times to run for") {
            val script =
                write(
                    "refused",
                    "waits",
                    "schedule(afterSuccess(\"other\"))\nwait(\"w\", 1.seconds)",
                )
            val options = state("refused-state")
            program
                .run("run", "$script", "--at", "last", options = options)
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr(
                    "error E561: The schedule waits/main has no times: it fires after success of other.",
                    "Leave out --at",
                )
            program
                .run(
                    "schedule",
                    "backfill",
                    "$script",
                    "--from",
                    "2026-01-01",
                    "--to",
                    "2026-01-02",
                    options = options,
                )
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("error E561", "emrys schedule trigger waits/main")
        }

        test("pipelines that wait for each other are a warning") {
            val options = state("cycle-state")
            write("cycle", "ping", "schedule(afterSuccess(\"pong\"))\nwait(\"w\", 1.seconds)")
            write("cycle", "pong", "schedule(afterSuccess(\"ping\"))\nwait(\"w\", 1.seconds)")
            val daemon = program.start("schedule", "serve", "cycle", options = options)
            daemon.prints("The pipelines ping, pong wait for each other")
            daemon.signal("TERM")
            daemon.result() exits ExitCode.SUCCEEDED
        }
    })
