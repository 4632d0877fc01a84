package dev.emrys.run

import dev.emrys.spec.FailureKind
import dev.emrys.testing.cluster
import dev.emrys.testing.graph
import dev.emrys.testing.retry
import dev.emrys.testing.step
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

private fun ManualRun.inFlight(): List<String> =
    state.tasks().filter { it.phase().isInFlight && ':' !in it.task() }.map { it.task() }

private val five = ('a'..'e').map { step("$it") }.toTypedArray()

class CapacityTest :
    FunSpec({
        test("no more steps are submitted than the scope has capacity for") {
            val run = ManualRun(graph(*five, capacity = 2)).up()
            run.inFlight() shouldContainExactly listOf("a", "b")
            run.done("b").inFlight() shouldContainExactly listOf("a", "c")
            run.accepted("a").failed("a").inFlight() shouldContainExactly listOf("c", "d")
            run.done("c").done("d").done("e").asked() shouldContainExactly
                listOf("end id-start:etl-1")
        }

        test("the capacity of one scope does not delay another") {
            val two =
                graph(
                    listOf(cluster("one"), cluster("two")),
                    listOf(
                        step("a", cluster = "one"),
                        step("b", cluster = "one"),
                        step("c", cluster = "two"),
                    ),
                    capacity = 1,
                )
            ManualRun(two).up("one").up("two").inFlight() shouldContainExactly listOf("a", "c")
        }

        test("a step that waits for capacity is cancelled with its run") {
            val run = ManualRun(graph(*five, capacity = 1)).up().accepted("a").cancel()
            run.phases("b", "e") shouldContainExactly listOf(Phase.CANCELLED, Phase.CANCELLED)
            run.cancelledByEmr("a").gone().outcome shouldBe Outcome.CANCELLED
        }

        test("a slot is not lost to a step that was skipped while it waited for capacity") {
            val steps = arrayOf(step("a"), step("b"), step("c", "a"), step("d"))
            val run = ManualRun(graph(*steps, capacity = 1)).up()
            run.accepted("a").failed("a").phases("c", "b") shouldContainExactly
                listOf(Phase.SKIPPED, Phase.SUBMITTING)
            run.done("b").inFlight() shouldContainExactly listOf("d")
        }

        test("after a crash no more is submitted than there is capacity for") {
            val run = ManualRun(graph(*five, capacity = 2)).up().accepted("a")
            val later = RunMachine(RunState(run.graph).also { run.events.forEach(it::apply) })
            later.recover().map(::commandText) shouldContainExactly
                listOf(
                    "watch cluster id-start:etl-1",
                    "watch step id-a-1 on id-start:etl-1",
                    "submit b #1 on id-start:etl-1",
                )
            later.advance(run.now, 100).events() shouldBe listOf()
        }

        test("the steps of a lost cluster are submitted to the next one within its capacity") {
            val lost = retry(2)
            val steps = ('a'..'c').map { step("$it", retry = lost) }.toTypedArray()
            val run = ManualRun(graph(*steps, cluster = cluster("etl", lost), capacity = 2)).up()
            run.accepted("a").failed("a", FailureKind.CLUSTER_LOST)
            run.failed("b", FailureKind.CLUSTER_LOST)
            run.failed("c", FailureKind.CLUSTER_LOST)
            run.lost("start:etl").retryDue("a").retryDue("b").retryDue("c").retryDue("start:etl")
            run.up().inFlight().size shouldBe 2
        }
    })

class QuotaTest :
    FunSpec({
        test("a quota is waited for, however few attempts the policy has") {
            val run = ManualRun(graph(step("a")))
            repeat(20) {
                run.failed("start:etl", FailureKind.QUOTA, "too many clusters")
                run.phase("start:etl") shouldBe Phase.RETRY_WAIT
                run.retryDue("start:etl").phase("start:etl") shouldBe Phase.SUBMITTING
            }
            run.up().done("a").gone().outcome shouldBe Outcome.SUCCEEDED
        }

        test("a run that waits for a quota can be cancelled") {
            val run = ManualRun(graph(step("a"))).failed("start:etl", FailureKind.QUOTA).cancel()
            run.outcome shouldBe Outcome.CANCELLED
        }
    })

class ReferencesTest :
    FunSpec({
        test("what is submitted has its references to the run filled in, and names its secrets") {
            val named = step("a", args = listOf("\${run:name}-\${run:attempt}", "\${secret:db}"))
            val run =
                ManualRun(graph(named, cluster = cluster("etl", tags = mapOf("r" to "\${run:id}"))))
            val start = run.commands.single() as Command.Submit
            (start.kind() as dev.emrys.spec.ClusterStart).cluster().tags()["r"] shouldBe "run-1"
            run.up()
            val submit = run.commands.single() as Command.Submit
            (submit.kind() as dev.emrys.spec.StepSpec).jarStep().args() shouldContainExactly
                listOf("calm-otter-1", "\${secret:db}")
        }
    })
