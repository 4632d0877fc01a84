package dev.emrys.cli

import com.fasterxml.jackson.databind.JsonNode
import com.sun.net.httpserver.HttpServer
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.net.URI
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption
import java.time.Instant
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.atomic.AtomicInteger
import kotlin.io.path.createDirectories
import kotlin.io.path.writeText

/** The daemon that runs schedules, as a process of its own. */
class ScheduleServeTest :
    FunSpec({
        val program = autoClose(EmrysProgram())
        /** As editors do: the new file takes the place of the old one at once. */
        fun write(name: String, text: String): Path {
            program.script(name, text)
            val file = program.folder.resolve("$name.emr.kts")
            val folder = program.folder.resolve("pipes-$name").createDirectories()
            return Files.move(
                file,
                folder.resolve(file.fileName),
                StandardCopyOption.REPLACE_EXISTING,
            )
        }

        fun state(name: String): LaunchOptions =
            LaunchOptions(mapOf("EMRYS_STATE" to "${program.folder.resolve(name)}"))

        fun history(options: LaunchOptions): JsonNode =
            program
                .run(
                    "schedule",
                    "history",
                    "--limit",
                    "1000",
                    "--output",
                    "json",
                    options = options,
                )
                .json()

        fun list(options: LaunchOptions): List<JsonNode> =
            program
                .run("schedule", "list", "--output", "json", options = options)
                .json()
                .path("schedules")
                .toList()

        fun RunningProcess.stops(): ProcessResult {
            signal("TERM")
            return result() exits ExitCode.SUCCEEDED
        }

        test(
            "fires are run, paused, resumed and triggered, and the history has each with its reason"
        ) {
            write("tick", every(2, "tick", "wait(\"pause\", 1.seconds)", "overlap = Overlap.Allow"))
            val options = state("tick-state")
            val daemon = program.start("schedule", "serve", "pipes-tick", options = options)
            daemon.printsTimes(" succeeded", 2)
            list(options).single().let {
                it.path("id").asText() shouldBe "tick/main"
                it.path("state").asText() shouldBe "active"
                it.path("last").path("run").asText() shouldContain "tick-20"
                (Instant.parse(it.path("next").asText()) > Instant.now().minusSeconds(60)) shouldBe
                    true
            }
            program
                .run("schedule", "pause", "tick", "--reason", "maintenance", options = options)
                .exits(ExitCode.SUCCEEDED)
                .printsOnStderr("tick/main is paused.")
            program
                .run("schedule", "pause", "tick/main", options = options)
                .printsOnStderr("tick/main is paused already.")
            daemon.printsTimes("is skipped: the schedule is paused", 2)
            list(options).single().let {
                it.path("state").asText() shouldBe "paused"
                it.path("pauseReason").asText() shouldBe "maintenance"
            }
            val triggered = program.run("schedule", "trigger", "tick", options = options).out.trim()
            triggered shouldContain "tick-trigger-20"
            daemon.prints("$triggered succeeded")
            program.run("schedule", "resume", "tick", options = options) exits ExitCode.SUCCEEDED
            val before = daemon.count(" succeeded")
            daemon.printsTimes(" succeeded", before + 1)
            daemon.stops()

            val history = history(options)
            val fires = history.path("fires")
            fires.map { it.path("state").asText() }.toSet() shouldBe setOf("succeeded", "skipped")
            fires
                .filter { it.path("state").asText() == "skipped" }
                .map { it.path("reason").asText() }
                .toSet() shouldBe setOf("the schedule is paused")
            fires.single { it.path("cause").asText() == "trigger" }.path("run").asText() shouldBe
                triggered
            history.path("events").map { it.path("type").asText() } shouldContainExactly
                listOf("resumed", "paused", "declared")
            program
                .run("schedule", "history", "tick", options = options)
                .exits(ExitCode.SUCCEEDED)
                .out shouldContain "tick/main is paused by"
            program
                .run("schedule", "pause", "tock", options = options)
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr(
                    "error E555: There is no schedule \"tock\".",
                    "Write one of tick/main.",
                )
        }

        test(
            "a killed daemon's run is continued by the next one, and no fire is lost or run twice"
        ) {
            val ledger = program.folder.resolve("killed")
            write(
                "nightly",
                every(5, "nightly", step(ledger, "sleep 4"), "overlap = Overlap.Allow"),
            )
            val options = state("killed-state")
            val first = program.start("schedule", "serve", "pipes-nightly", options = options)
            first.until("a step has begun") { ledger.lines().isNotEmpty() }
            first.process.destroyForcibly().waitFor()
            val second =
                program.start(
                    "schedule",
                    "serve",
                    "pipes-nightly",
                    "--on-stop",
                    "finish",
                    options = options,
                )
            second.printsTimes(" succeeded", 2)
            second.stops()
            val runs =
                history(options).path("fires").filter { it.path("state").asText() != "skipped" }
            runs.map { it.path("state").asText() }.toSet() shouldBe setOf("succeeded")
            ledger.lines().sorted() shouldContainExactly
                runs.map { it.path("at").asText() }.sorted()
        }

        test("scripts are added, changed, broken and removed while they are served") {
            val options = state("edited-state")
            val file = write("edited", every(2, "edited", "wait(\"one\", 1.seconds)"))
            Files.delete(file)
            val daemon =
                program.start(
                    "schedule",
                    "serve",
                    "pipes-edited",
                    "--output",
                    "json",
                    options = options,
                )
            daemon.prints("Serving 0 schedules")
            write("edited", every(2, "edited", "wait(\"one\", 1.seconds)"))
            daemon.prints("edited/main is new")
            daemon.prints("\"event\":\"fire-succeeded\"")
            file.writeText("pipeline(\"edited\") { schedule(\"* * *\") }")
            daemon.prints("It is served as it was before.")
            val served = daemon.count("\"event\":\"fire-succeeded\"")
            daemon.printsTimes("\"event\":\"fire-succeeded\"", served + 2)
            // Its successor finds the broken text only.
            daemon.stops()
            val next = program.start("schedule", "serve", "pipes-edited", options = options)
            next.prints("It is served as it was before.")
            next.prints(" succeeded")
            write(
                "edited",
                every(2, "edited", "wait(\"one\", 1.seconds)", "zone = \"Asia/Tokyo\""),
            )
            next.prints("is */2 * * * * * in Asia/Tokyo")
            Files.delete(file)
            next.until("the schedule is not served") {
                list(options).single().path("state").asText() == "undeclared"
            }
            next.stops().all shouldNotContain "x "
        }

        test("runs are finished before a stop, or left at once when it is asked for again") {
            val ledger = program.folder.resolve("stopped")
            write("slow", every(3600, "slow", step(ledger, "sleep 6"), "overlap = Overlap.Skip"))
            val options = state("stopped-state")
            val daemon =
                program.start(
                    "schedule",
                    "serve",
                    "pipes-slow",
                    "--on-stop",
                    "finish",
                    options = options,
                )
            daemon.prints("slow/main is new")
            program.run("schedule", "trigger", "slow", options = options) exits ExitCode.SUCCEEDED
            daemon.until("the step has begun") { ledger.lines().size == 1 }
            daemon
                .stops()
                .printsOnStderr("Stopping after the end of 1 run.", " succeeded", "Stopped.")
            val left = program.start("schedule", "serve", "pipes-slow", options = options)
            left.prints("Serving 1 schedule")
            program.run("schedule", "trigger", "slow", options = options) exits ExitCode.SUCCEEDED
            left.until("the step has begun") { ledger.lines().size == 2 }
            left.stops().printsOnStderr("1 run will be continued by the next process")
            program.run("runs", options = options).out shouldContain "interrupted"
            val next = program.start("schedule", "serve", "pipes-slow", options = options)
            next.prints(" succeeded")
            next.stops()
            ledger.lines().size shouldBe 2
        }

        test(
            "a backfill runs the fires of a time in order, leaves out what has succeeded, and continues what failed"
        ) {
            val ledger = program.folder.resolve("backfilled")
            val broken = program.folder.resolve("broken").also { it.writeText("") }
            val steps =
                """
                val day = param("day") { default { logicalDate.toString() } }
                val c = cluster("c") { instances { primary("m6g.xlarge") } }
                c.step("load") { bash("test ! -e $broken || test ${'$'}day != 2026-04-02; echo ${'$'}day >> $ledger") }
                """
            // bash of a step goes on after a failure: the whole command decides.
            program.script(
                "fill",
                """
                pipeline("fill") {
                    schedule("0 3 * * *") { zone = "Europe/Berlin" }
                    ${steps.replace("; echo", " && echo")}
                }
                """,
            )
            fun backfill(vararg more: String) =
                program.run(
                    "schedule",
                    "backfill",
                    "fill.emr.kts",
                    "--from",
                    "2026-04-01",
                    "--to",
                    "2026-04-04",
                    *more,
                )
            backfill("--dry-run").exits(ExitCode.SUCCEEDED).out.lines().filter {
                it.isNotEmpty()
            } shouldContainExactly (1..3).map { "fill-2026040${it}T010000Z  run" }
            ledger.lines().shouldBeEmpty()
            backfill()
                .exits(ExitCode.PIPELINE_FAILED)
                .printsOnStderr("fill-20260402T010000Z: failed: load")
            ledger.lines() shouldContainExactly listOf("2026-04-01", "2026-04-03")
            Files.delete(broken)
            backfill("--only-missing", "--dry-run").out.lines().filter {
                it.isNotEmpty()
            } shouldContainExactly
                listOf(
                    "fill-20260401T010000Z  leave out, it has succeeded",
                    "fill-20260402T010000Z  continue",
                    "fill-20260403T010000Z  leave out, it has succeeded",
                )
            backfill("--only-missing", "--parallel", "2") exits ExitCode.SUCCEEDED
            ledger.lines() shouldContainExactly listOf("2026-04-01", "2026-04-03", "2026-04-02")
            backfill("--parallel", "3") exits ExitCode.SUCCEEDED
            ledger.lines().size shouldBe 6
            program.run("runs").out shouldContain "fill-20260402T010000Z-2"
            val fires =
                program.run("schedule", "history", "fill", "--output", "json").json().path("fires")
            fires.map { it.path("cause").asText() }.toSet() shouldBe setOf("backfill")
            backfill("--schedule", "weekly")
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr(
                    "error E555: There is no schedule \"weekly\".",
                    "The script has main.",
                )
            program
                .run(
                    "schedule",
                    "backfill",
                    "fill.emr.kts",
                    "--from",
                    "2026-04-04",
                    "--to",
                    "2026-04-04",
                )
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("error E558")
            program
                .run(
                    "schedule",
                    "backfill",
                    "fill.emr.kts",
                    "--from",
                    "yesterday",
                    "--to",
                    "2026-04-04",
                )
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("error E559: yesterday is not a time.")
        }

        test(
            "people are told of failures, recoveries, late runs, pauses and broken scripts, and secrets stay secret"
        ) {
            val told = CopyOnWriteArrayList<JsonNode>()
            val receiver =
                HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)
            receiver.createContext("/") {
                val notice = JSON.readTree(it.requestBody.readAllBytes())
                // A receiver that is not there for a moment.
                val refuses = told.isEmpty() && refusals.getAndIncrement() == 0
                if (!refuses) told.add(notice)
                it.sendResponseHeaders(if (refuses) 503 else 200, -1)
                it.close()
            }
            receiver.start()
            autoClose(AutoCloseable { receiver.stop(0) })
            val flag = program.folder.resolve("flag")
            val commands = program.folder.resolve("commands").createDirectories()
            val options =
                LaunchOptions(
                    mapOf(
                        "EMRYS_STATE" to "${program.folder.resolve("alert-state")}",
                        "EMRYS_SECRET_HOOK" to "http://127.0.0.1:${receiver.address.port}/T0KEN",
                    )
                )
            val file =
                write(
                    "alert",
                    """
                    pipeline("alert") {
                        schedule("0 0 1 1 *") { pauseAfterFailures(2) }
                        notifications {
                            webhook(secret("hook"))
                            command("sh", "-c", "cat > $commands/\${'$'}EMRYS_NOTICE_KIND")
                            lateAfter = 1.minutes
                        }
                        val c = cluster("c") { instances { primary("m6g.xlarge") } }
                        c.step("load") { bash("test -e $flag") }
                    }
                    """,
                )
            val daemon =
                program.start(
                    "schedule",
                    "serve",
                    "pipes-alert",
                    "--http",
                    "127.0.0.1:0",
                    options = options,
                )
            daemon.prints("alert/main is new")
            fun trigger() =
                program.run("schedule", "trigger", "alert", options = options).out.trim()
            suspend fun told(title: String) =
                daemon.until("\"$title\" is told") {
                    told.any { it.path("text").asText().contains(title) }
                }

            val failed = trigger()
            told("alert/main: $failed failed")
            told.last().path("text").asText() shouldContain "load: "
            flag.writeText("")
            told("alert/main: ${trigger()} succeeded after a failed run")
            Files.delete(flag)
            repeat(2) { daemon.prints("${trigger()} failed") }
            told("alert/main is paused by")
            file.writeText("pipeline(")
            told("alert.emr.kts has an error, and is served as it was before")
            daemon.until("the command is told, too") {
                commands.toFile().list()!!.sorted() ==
                    listOf("broken", "failed", "paused", "recovered")
            }
            told.map { it.path("text").asText() }.let { it.toSet().size shouldBe it.size }
            val good =
                program.folder.resolve("alert-state/schedules").toFile().listFiles()!!.single()
            suspend fun toldOfErrors(times: Int) =
                daemon.until("$times errors are told") {
                    told.count { it.path("text").asText().contains("has an error") } == times
                }
            good.copyTo(file.toFile(), overwrite = true)
            daemon.printsTimes("alert.emr.kts: 1 schedule", 2)
            file.writeText("pipeline(")
            toldOfErrors(2)

            val url =
                Regex("health and metrics at (http://127.0.0.1:\\d+)")
                    .find(daemon.output())!!
                    .groupValues[1]
            URI("$url/ready").toURL().readText() shouldContain "\"ok\""
            val metrics = URI("$url/metrics").toURL().readText()
            metrics shouldContain "emrys_fires_total{state=\"started\"} 4.0"
            daemon.stops().all shouldNotContain "T0KEN"
            file.writeText("pipeline((")
            val next = program.start("schedule", "serve", "pipes-alert", options = options)
            toldOfErrors(3)
            next.stops()
            program.folder
                .resolve("alert-state")
                .toFile()
                .walk()
                .filter { it.isFile }
                .forEach {
                    withClue(it) { it.readText(Charsets.ISO_8859_1) shouldNotContain "T0KEN" }
                }
        }

        test("what cannot be served is refused") {
            program
                .run("schedule")
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("emrys schedule is followed by one of explain, serve, tick")
            program
                .run("schedule", "serve", "nowhere")
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("error E557", "nowhere is neither a script nor a folder.")
            program.run("schedule", "serve", "--max-runs", "0", ".") exits ExitCode.USER_ERROR
            program
                .run("schedule", "serve", "--http", "0.0.0.0:8780", ".")
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("error E560: --http 0.0.0.0:8780: ", "token")
            val taken = ServerSocket(0, 1, InetAddress.getLoopbackAddress())
            taken.use {
                program
                    .run("schedule", "serve", "--http", "${it.localPort}", ".")
                    .exits(ExitCode.EXTERNAL_FAILURE)
                    .printsOnStderr("error E641", "${it.localPort}")
            }
            val history = program.run("schedule", "history", options = state("nothing"))
            history.exits(ExitCode.SUCCEEDED).printsOnStderr("Nothing has happened yet.")
            withClue("to look at schedules creates nothing") {
                Files.exists(program.folder.resolve("nothing")) shouldBe false
            }
        }
    })

private val refusals = AtomicInteger()

/** A pipeline with a schedule of every so many seconds of a minute, or of the hour. */
internal fun every(seconds: Int, name: String, body: String, words: String = ""): String {
    val cron = if (seconds < 60) "*/$seconds * * * * *" else "0 0 * 1 *"
    return """
        pipeline("$name") {
            schedule("$cron") { $words }
            $body
        }
        """
        .trimIndent() + "\n"
}

/** A step that writes its fire to a ledger when it begins. */
internal fun step(ledger: Path, then: String): String =
    """
    val at = param("at") { default { logicalTime.toInstant().toString() } }
    val c = cluster("c") { instances { primary("m6g.xlarge") } }
    c.step("load") { bash("echo ${'$'}at >> $ledger; $then") }
    """
