package dev.emrys.runtime

import dev.emrys.run.Outcome
import dev.emrys.run.Phase
import dev.emrys.view.RunStatus
import dev.emrys.view.RunView
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

/**
 * The journal was made by the first version: five runs of one script that succeeded, failed, was
 * killed while a step ran, was cancelled, and failed and was resumed.
 */
class FirstVersionJournalTest :
    FunSpec({
        val fixture = StateFolderFixture()
        afterSpec { fixture.close() }
        fixture.writeFirstVersionJournal()

        fun Engine.view(name: String): RunView = runs().view(runs().find(name).get().id())

        fun Engine.resume(name: String): Outcome =
            resume(runs().find(name).get().id()) {}.done().get(120, TimeUnit.SECONDS)

        test("every run of a journal of the first version is listed and shown as it was") {
            Engine.open(fixture.settings).use { engine ->
                engine.runs().list(10).associate {
                    it.name() to it.outcome()?.name
                } shouldContainExactly
                    mapOf(
                        "misty-gull" to "FAILED",
                        "royal-holly" to "CANCELLED",
                        "smart-lynx" to null,
                        "keen-plover" to "FAILED",
                        "brave-plover" to "SUCCEEDED",
                    )
                val succeeded = engine.view("brave-plover")
                succeeded.header().outcome() shouldBe Outcome.SUCCEEDED
                succeeded.tasks().map { it.id() } shouldContainExactly
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
                succeeded.task("flaky").get().attempt() shouldBe 2
                succeeded.params().toMap() shouldBe mapOf("day" to "2026-04-25")
                val killed = engine.view("smart-lynx")
                killed.header().status() shouldBe RunStatus.INTERRUPTED
                killed.task("report").get().phase() shouldBe Phase.RUNNING
                engine.view("royal-holly").task("report").get().phase() shouldBe Phase.CANCELLED
                engine.view("misty-gull").tasks()[5].attempt() shouldBe 2
            }
        }

        test(
            "a run that the first version left when it was killed is resumed and comes to its end"
        ) {
            Engine.open(fixture.settings).use { engine ->
                // This account never had its clusters, so the running step is lost.
                engine.resume("smart-lynx") shouldBe Outcome.FAILED
                val state = engine.view("smart-lynx")
                state.task("report").get().phase() shouldBe Phase.FAILED
                state.task("report").get().reason()!! shouldContain "Its cluster ended"
                state.task("end:other").get().phase() shouldBe Phase.SUCCEEDED
            }
        }

        test("a run that failed under the first version is resumed: what succeeded is kept") {
            Engine.open(fixture.settings).use { engine ->
                engine.resume("keen-plover") shouldBe Outcome.FAILED
                val state = engine.view("keen-plover")
                state.task("extract").get().attempt() shouldBe 1
                state.task("report").get().attempt() shouldBe 2
                state.task("report").get().reason()!! shouldContain "Exit code 3"
                EmulatorHarness(fixture).use { it.liveClusters() shouldBe emptyList() }
            }
        }
    })
