package dev.emrys.runtime

import dev.emrys.run.Outcome
import dev.emrys.testing.awaitUntil
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.sql.DriverManager
import java.util.concurrent.TimeUnit

/**
 * The engine crashes in the middle of a run, and its journal is restored from a copy of an earlier
 * moment. Each step appends to a ledger outside of Emrys.
 */
class RestoredJournalTest :
    FunSpec({
        val fixture = StateFolderFixture()
        afterSpec { fixture.close() }

        fun spec(mark: String) =
            pipeline(
                listOf(cluster("one")),
                listOf("first", "second", "third").zip(listOf("", "first", "second")).map {
                    (name, before) ->
                    bash(
                        name,
                        "one",
                        "echo '$mark $name' >> '${fixture.ledger}'",
                        *listOf(before).filter { it.isNotEmpty() }.toTypedArray(),
                    )
                },
            )

        fun crash(mark: String): String {
            var halting: HaltingJournal? = null
            return Engine.open(fixture.settings) { real ->
                    HaltingJournal(real, CRASH_AT.toLong(), CrashPoint.AFTER_THE_COMMIT).also {
                        halting = it
                    }
                }
                .use { engine ->
                    val handle = engine.start(spec(mark), "", {})
                    awaitUntil("its crash") { halting!!.crashed.count == 0L }
                    val abandoned = handle.abandon()
                    halting!!.failWrites()
                    abandoned.get(60, TimeUnit.SECONDS)
                    handle.id()
                }
        }

        fun restore(run: String, events: Int) =
            DriverManager.getConnection("jdbc:sqlite:${fixture.folder.resolve("journal.db")}")
                .use { connection ->
                    connection
                        .prepareStatement("DELETE FROM events WHERE run = ? AND seq > ?")
                        .use {
                            it.setString(1, run)
                            it.setInt(2, events)
                            it.executeUpdate()
                        }
                }

        for (cancelled in listOf(false, true)) {
            test(
                "a run is ${if (cancelled) "cancelled" else "resumed"} with an older journal: no step runs twice, no cluster is left"
            ) {
                for (events in 0 until CRASH_AT step 3) {
                    val mark = "$cancelled-$events"
                    withClue("with $events events") {
                        val run = crash(mark)
                        restore(run, events)
                        Engine.open(fixture.settings).use { engine ->
                            if (cancelled) engine.requestCancellation(run, "ada")
                            val handle = engine.takeOver(run, {})
                            handle.done().get(120, TimeUnit.SECONDS) shouldBe
                                if (cancelled) Outcome.CANCELLED else Outcome.SUCCEEDED
                        }
                        val ran = fixture.ledgerLines().filter { it.startsWith("$mark ") }
                        if (cancelled) ran shouldContainExactly ran.distinct()
                        else
                            ran shouldContainExactly
                                listOf("$mark first", "$mark second", "$mark third")
                        EmulatorHarness(fixture).use { it.liveClusters() shouldBe emptyList() }
                    }
                }
            }
        }
    }) {
    private companion object {
        /** The journal of the crashed run has so many events: its second step was submitted. */
        const val CRASH_AT = 10
    }
}
