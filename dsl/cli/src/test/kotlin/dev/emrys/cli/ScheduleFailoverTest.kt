package dev.emrys.cli

import com.fasterxml.jackson.databind.JsonNode
import dev.emrys.testing.PostgresServer
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.time.Instant
import kotlin.io.path.createDirectories
import kotlin.io.path.moveTo

/**
 * Several daemons that serve the same schedules by one journal in PostgreSQL, killed and stopped.
 */
class ScheduleFailoverTest :
    FunSpec(
        spec@{
            PostgresServer.unavailable?.let { reason ->
                xtest(reason) {}
                return@spec
            }

            test(
                "a fire is run once whichever of three daemons is killed or stopped, and none is left out"
            ) {
                val program = autoClose(EmrysProgram())
                val ledger = program.folder.resolve("ledger")
                val text =
                    every(PERIOD, "ledger", step(ledger, "sleep 2"), "overlap = Overlap.Allow")
                val folder = program.folder.resolve("pipes").createDirectories()
                program.script("ledger", text).moveTo(folder.resolve("ledger.emr.kts"))
                val database =
                    LaunchOptions(
                        environment = mapOf("EMRYS_JOURNAL" to PostgresServer.newDatabase())
                    )
                fun daemon() =
                    program.start(
                        "schedule",
                        "serve",
                        "pipes",
                        "--on-stop",
                        "finish",
                        options = database,
                    )

                val killed = daemon()
                val stopped = daemon()
                killed.until("both have started a run, and a step is running") {
                    killed.count("starts as") > 0 &&
                        stopped.count("starts as") > 0 &&
                        ledger.lines().size >
                            killed.count(" succeeded") + stopped.count(" succeeded")
                }
                stopped.signal("STOP")
                killed.process.destroyForcibly().waitFor()
                val left = daemon()
                left.prints("Serving 1 schedule")
                // Longer than a lease: the runs of both pass on.
                val taken = Instant.now()
                left.until("all fires before this moment have succeeded") {
                    fires(program, database).all { it.at > taken || it.state == "succeeded" }
                }
                stopped.signal("CONT")
                val before = left.count(" succeeded")
                left.printsTimes(" succeeded", before + 2)
                // A fire at this very moment is left to the next daemon.
                val stop = Instant.now().minusSeconds(1)
                listOf(stopped, left).forEach { it.signal("TERM") }
                listOf(stopped, left).forEach { it.result() exits ExitCode.SUCCEEDED }

                val fires = fires(program, database).filter { it.at < stop }
                withClue(fires.joinToString("\n")) {
                    fires.map { it.state }.toSet() shouldBe setOf("succeeded")
                    val times = fires.map { it.at }.sorted()
                    times shouldContainExactly
                        generateSequence(times.first()) { it.plusSeconds(PERIOD.toLong()) }
                            .takeWhile { it <= times.last() }
                            .toList()
                    ledger
                        .lines()
                        .map(Instant::parse)
                        .filter { it <= times.last() }
                        .sorted() shouldContainExactly times
                }
            }
        }
    )

private const val PERIOD = 5

private class SeenFire(json: JsonNode) {
    val at: Instant = Instant.parse(json.path("at").asText())
    val state: String = json.path("state").asText()

    override fun toString(): String = "$at $state"
}

private fun fires(program: EmrysProgram, options: LaunchOptions): List<SeenFire> =
    program
        .run("schedule", "history", "--limit", "1000", "--output", "json", options = options)
        .json()
        .path("fires")
        .map(::SeenFire)
