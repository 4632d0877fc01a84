package dev.emrys.runtime

import dev.emrys.drive.Listener
import dev.emrys.run.Outcome
import dev.emrys.run.Phase
import dev.emrys.run.RunState
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.maps.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import java.sql.DriverManager
import java.util.concurrent.TimeUnit

/** Writes the journal of version 1 that the fixture holds as SQL. */
private fun StateFolderFixture.writeFirstVersionJournal() {
    val sql =
        checkNotNull(StateFolderFixture::class.java.getResource("/history/journal-v1.sql")) {
                "history/journal-v1.sql is missing"
            }
            .readText()
    Files.createDirectories(folder)
    DriverManager.getConnection("jdbc:sqlite:${folder.resolve("journal.db")}").use { connection ->
        connection.createStatement().use { it.executeUpdate(sql) }
    }
}

private fun RunState.phase(task: String): Phase = task(graph().indexOf(task)).phase()

/**
 * The journal was made by the first version: five runs of one script that succeeded, failed, was
 * killed while a step ran, was cancelled, and failed and was resumed.
 */
class FirstVersionJournalTest :
    FunSpec({
        val fixture = StateFolderFixture()
        afterSpec { fixture.close() }
        fixture.writeFirstVersionJournal()

        fun Engine.state(name: String): RunState = state(journal().runs().find(name).get())

        fun Engine.resume(name: String): Outcome =
            resume(journal().runs().find(name).get(), Listener.NONE)
                .done()
                .get(120, TimeUnit.SECONDS)

        test("every run of a journal of the first version is listed and shown as it was") {
            Engine.open(fixture.settings).use { engine ->
                engine.journal().runs().list(10).associate {
                    it.name() to it.outcome()
                } shouldContainExactly
                    mapOf(
                        "misty-gull" to "FAILED",
                        "royal-holly" to "CANCELLED",
                        "smart-lynx" to null,
                        "keen-plover" to "FAILED",
                        "brave-plover" to "SUCCEEDED",
                    )
                val succeeded = engine.state("brave-plover")
                succeeded.outcome().get() shouldBe Outcome.SUCCEEDED
                succeeded.tasks().map { it.task() } shouldContainExactly
                    listOf(
                        "start:etl",
                        "extract",
                        "flaky",
                        "end:etl",
                        "start:other",
                        "report",
                        "publish",
                        "end:other",
                    )
                succeeded.task(succeeded.graph().indexOf("flaky")).attempt() shouldBe 2
                succeeded.graph().spec().params().toMap() shouldBe mapOf("day" to "2026-04-25")
                val killed = engine.state("smart-lynx")
                killed.outcome().isEmpty shouldBe true
                killed.phase("report") shouldBe Phase.RUNNING
                engine.state("royal-holly").phase("report") shouldBe Phase.CANCELLED
                engine.state("misty-gull").task(5).attempt() shouldBe 2
            }
        }

        test(
            "a run that the first version left when it was killed is resumed and comes to its end"
        ) {
            Engine.open(fixture.settings).use { engine ->
                // This account never had its clusters, so the running step is lost.
                engine.resume("smart-lynx") shouldBe Outcome.FAILED
                val state = engine.state("smart-lynx")
                state.phase("report") shouldBe Phase.FAILED
                state.task(state.graph().indexOf("report")).reason()!! shouldContain
                    "Its cluster ended"
                state.phase("end:other") shouldBe Phase.SUCCEEDED
            }
        }

        test("a run that failed under the first version is resumed: what succeeded is kept") {
            Engine.open(fixture.settings).use { engine ->
                engine.resume("keen-plover") shouldBe Outcome.FAILED
                val state = engine.state("keen-plover")
                state.task(state.graph().indexOf("extract")).attempt() shouldBe 1
                state.task(state.graph().indexOf("report")).attempt() shouldBe 2
                state.task(state.graph().indexOf("report")).reason()!! shouldContain "Exit code 3"
                EmulatorHarness(fixture).use { it.liveClusters() shouldBe emptyList() }
            }
        }
    })
