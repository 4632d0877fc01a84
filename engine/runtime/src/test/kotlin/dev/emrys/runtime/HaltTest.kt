package dev.emrys.runtime

import dev.emrys.run.Event
import dev.emrys.run.Outcome
import dev.emrys.testing.awaitUntil
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.util.concurrent.TimeUnit

/**
 * The engine crashes at event n, for every n, and the run is resumed. Each step appends (step,
 * attempt, process) to a ledger outside of Emrys: there must be exactly one line for each attempt
 * in the journal, no step that has ended may run again, and nothing may be left on the cluster.
 *
 * With `-Demrys.kills=all` both crash points are tested at every event, otherwise one of them.
 */
class HaltTest :
    FunSpec({
        val fixture = StateFolderFixture()
        afterSpec { fixture.close() }

        fun spec(mark: String) =
            pipeline(
                listOf(cluster("one", stepConcurrency = 2), cluster("two")),
                listOf("left", "right", "join", "far").map { name ->
                    val script =
                        "echo '$mark $name \${run:attempt}' \$\$ >> '${fixture.ledger}'; " +
                            // Its first attempt fails, the second succeeds.
                            if (name == "right") "[ \${run:attempt} -gt 1 ]" else "true"
                    when (name) {
                        "join" -> bash(name, "one", script, "left", "right")
                        "far" -> bash(name, "two", script, "left")
                        else -> bash(name, "one", script, attempts = 2)
                    }
                },
            )

        fun undisturbed(): Int =
            Engine.open(fixture.settings).use { engine ->
                val handle = engine.start(spec("undisturbed"), "", {})
                handle.done().get(120, TimeUnit.SECONDS) shouldBe Outcome.SUCCEEDED
                engine.journal().events().readAll(handle.id()).size
            }

        var crashes = 0

        fun crashAndResume(at: Long, point: CrashPoint) {
            val mark = "$point-$at"
            var halting: HaltingJournal? = null
            val run =
                Engine.open(fixture.settings) { real ->
                        HaltingJournal(real, at, point).also { halting = it }
                    }
                    .use { engine ->
                        val handle = engine.start(spec(mark), "", {})
                        // A step that ends before it is seen running has one event less, so the
                        // event of the crash may not exist.
                        awaitUntil("its crash or its end") {
                            halting!!.crashed.count == 0L || handle.done().isDone
                        }
                        if (halting!!.crashed.count == 0L) crashes++
                        val abandoned = handle.abandon()
                        halting!!.failWrites()
                        abandoned.get(60, TimeUnit.SECONDS)
                        handle.id()
                    }
            Engine.open(fixture.settings).use { engine ->
                val handle = engine.resume(run, {})
                handle.done().get(120, TimeUnit.SECONDS) shouldBe Outcome.SUCCEEDED
                val known =
                    engine
                        .journal()
                        .events()
                        .readAll(run)
                        .filterIsInstance<Event.AttemptAccepted>()
                        .filter { ":" !in it.task() }
                        .map { "$mark ${it.task()} ${it.attempt()}" }
                val ran =
                    fixture
                        .ledgerLines()
                        .filter { it.startsWith("$mark ") }
                        .map { it.substringBeforeLast(' ') }
                ran shouldContainExactlyInAnyOrder known
                known shouldContainExactlyInAnyOrder
                    listOf("left 1", "right 1", "right 2", "join 1", "far 1").map { "$mark $it" }
            }
        }

        test(
            "a run whose engine crashes at any event is resumed: nothing is lost, nothing happens twice"
        ) {
            val events = undisturbed()
            var wanted = 0
            val all = System.getProperty("emrys.kills") == "all"
            for (at in 1L..events) {
                for (point in CrashPoint.entries) {
                    if (all || at % 2 == point.ordinal.toLong()) {
                        wanted++
                        withClue("$point $at") { crashAndResume(at, point) }
                    }
                }
            }
            // All but those at events that a quick step does not have.
            crashes shouldBeGreaterThan wanted - 6
        }

        test("no cluster and no process is left after that") {
            EmulatorHarness(fixture).use { harness ->
                harness.liveClusters() shouldBe emptyList()
                harness.stepProcesses() shouldBe emptyList()
            }
        }
    })
