package dev.emrys.runtime

import dev.emrys.drive.Listener
import dev.emrys.run.Event
import dev.emrys.run.Outcome
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.util.concurrent.TimeUnit

/**
 * The engine dies at event n, for every n, and is resumed. Each step appends (step, attempt,
 * process) to a ledger outside of Emrys: there must be exactly one line for each attempt that the
 * journal knows of, no step that was finished may run again, and nothing may be left on the
 * cluster.
 *
 * With `-Demrys.kills=all` both deaths are died at every event; else they take turns.
 */
class HaltTest :
    FunSpec({
        val ground = Ground()
        afterSpec { ground.close() }

        fun spec(mark: String) =
            pipeline(
                listOf(cluster("one", stepConcurrency = 2), cluster("two")),
                listOf("left", "right", "join", "far").map { name ->
                    val script =
                        "echo '$mark $name \${run:attempt}' \$\$ >> '${ground.ledger}'; " +
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
            Engine.open(ground.settings).use { engine ->
                val handle = engine.start(spec("undisturbed"), "", Listener.NONE)
                handle.done().get(120, TimeUnit.SECONDS) shouldBe Outcome.SUCCEEDED
                engine.journal().events().readAll(handle.run().id()).size
            }

        var deaths = 0

        fun dieAndResume(at: Long, death: Death) {
            val mark = "$death-$at"
            var halting: HaltingJournal? = null
            val run =
                Engine.open(ground.settings) { real ->
                        HaltingJournal(real, at, death).also { halting = it }
                    }
                    .use { engine ->
                        val handle = engine.start(spec(mark), "", Listener.NONE)
                        // A step that is over before anybody sees it run has one event less: then
                        // there is nothing to die at.
                        awaitThat("its death or its end") {
                            halting!!.dead.count == 0L || handle.done().isDone
                        }
                        if (halting!!.dead.count == 0L) deaths++
                        val isTerminal = handle.abandon()
                        halting!!.bury()
                        isTerminal.get(60, TimeUnit.SECONDS)
                        handle.run()
                    }
            Engine.open(ground.settings).use { engine ->
                val handle =
                    engine.resume(engine.journal().runs().find(run.id()).get(), Listener.NONE)
                handle.done().get(120, TimeUnit.SECONDS) shouldBe Outcome.SUCCEEDED
                val known =
                    engine
                        .journal()
                        .events()
                        .readAll(run.id())
                        .filterIsInstance<Event.AttemptAccepted>()
                        .filter { ":" !in it.task() }
                        .map { "$mark ${it.task()} ${it.attempt()}" }
                val ran =
                    ground
                        .ledgerLines()
                        .filter { it.startsWith("$mark ") }
                        .map { it.substringBeforeLast(' ') }
                ran shouldContainExactlyInAnyOrder known
                known shouldContainExactlyInAnyOrder
                    listOf("left 1", "right 1", "right 2", "join 1", "far 1").map { "$mark $it" }
            }
        }

        test(
            "the engine dies at any event and is resumed: nothing is lost, nothing happens twice"
        ) {
            val events = undisturbed()
            var wanted = 0
            val all = System.getProperty("emrys.kills") == "all"
            for (at in 1L..events) {
                for (death in Death.entries) {
                    if (all || at % 2 == death.ordinal.toLong()) {
                        wanted++
                        withClue("death $death $at") { dieAndResume(at, death) }
                    }
                }
            }
            // All but those at events that a quick step does not have.
            deaths shouldBeGreaterThan wanted - 6
        }

        test("and no cluster and no process is left") {
            EmulatorHarness(ground).use { cloud ->
                cloud.liveClusters() shouldBe emptyList()
                cloud.stepProcesses() shouldBe emptyList()
            }
        }
    })
