package dev.emrys.run

import com.google.common.collect.ImmutableList
import dev.emrys.spec.SourceLocation
import dev.emrys.spec.WaitSpec
import dev.emrys.testing.cluster
import dev.emrys.testing.graph
import dev.emrys.testing.step
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.time.Duration

private fun wait(name: String, vararg after: String, minutes: Long = 10) =
    WaitSpec(
        name,
        Duration.ofMinutes(minutes),
        ImmutableList.copyOf(after),
        SourceLocation.UNKNOWN,
    )

private fun ManualRun.waited(task: String): ManualRun =
    take(Command.SetTimer(task, 1, Command.Timer.WAIT, now).fired(now))

class WaitTest :
    FunSpec({
        test("a step after a wait runs when the wait has ended") {
            val steps = listOf(step("a"), wait("later", "a"), step("b", "later"))
            val run = ManualRun(graph(listOf(cluster("etl")), steps)).up()
            run.done("a").asked() shouldContainExactly
                listOf("WAIT of later #1 at 2026-01-01T00:10:00Z")
            run.phase("b") shouldBe Phase.WAITING
            run.waited("later").asked() shouldContainExactly listOf("submit b #1 on id-start:etl-1")
            run.done("b").gone().outcome shouldBe Outcome.SUCCEEDED
        }

        test("a pipeline may consist of waits alone") {
            val run = ManualRun(graph(listOf(), listOf(wait("one"), wait("two", "one"))))
            run.waited("one").waited("two").outcome shouldBe Outcome.SUCCEEDED
        }

        test("a wait before the first step of a cluster delays the start of the cluster") {
            val steps = listOf(wait("first"), step("a", "first"))
            val run = ManualRun(graph(listOf(cluster("etl")), steps))
            run.asked() shouldContainExactly listOf("WAIT of first #1 at 2026-01-01T00:10:00Z")
            run.waited("first").asked() shouldContainExactly listOf("start etl #1")
        }

        test("a wait is cancelled with its run, and what follows it too") {
            val run = ManualRun(graph(listOf(), listOf(wait("one"), wait("two", "one")))).cancel()
            run.phases("one", "two") shouldContainExactly listOf(Phase.CANCELLED, Phase.CANCELLED)
            run.outcome shouldBe Outcome.CANCELLED
        }

        test("after a crash the wait ends when it would have ended") {
            val run = ManualRun(graph(listOf(), listOf(wait("one"))))
            val later = RunMachine(RunState(run.graph).also { run.events.forEach(it::apply) })
            later.recover().map(::commandText) shouldContainExactly
                listOf("WAIT of one #1 at 2026-01-01T00:10:00Z")
        }

        test("a wait after a failed step is skipped") {
            val steps = listOf(step("a"), wait("later", "a"))
            val run = ManualRun(graph(listOf(cluster("etl")), steps)).up().accepted("a").failed("a")
            run.phase("later") shouldBe Phase.SKIPPED
            run.gone().outcome shouldBe Outcome.FAILED
        }
    })
