package dev.emrys.run

import dev.emrys.spec.FailureKind
import dev.emrys.testing.cluster
import dev.emrys.testing.graph
import dev.emrys.testing.operation
import dev.emrys.testing.retry
import dev.emrys.testing.step
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.time.Duration

private fun run(vararg tasks: dev.emrys.spec.TaskSpec) =
    ManualRun(graph(listOf(cluster("etl")), tasks.toList()))

class OperationTest :
    FunSpec({
        test("an operation waits for its cluster and its upstream, and its downstream for it") {
            val run = run(step("a"), operation("grow", "a"), step("b", "grow"))
            run.asked() shouldContainExactly listOf("start etl #1")
            run.up().done("a").asked() shouldContainExactly
                listOf("submit grow #1 on id-start:etl-1")
            run.accepted("grow").running("grow")
            run.phase("b") shouldBe Phase.WAITING
            run.succeeded("grow").asked() shouldContainExactly
                listOf("submit b #1 on id-start:etl-1")
            run.done("b").gone().outcome shouldBe Outcome.SUCCEEDED
        }

        test("a cluster with operations alone is started, and is not ended before they are done") {
            val run = run(operation("grow")).up().accepted("grow").running("grow")
            run.phase("end:etl") shouldBe Phase.WAITING
            run.succeeded("grow").asked() shouldContainExactly listOf("end id-start:etl-1")
        }

        test("a failed operation fails the run, and skips what is after it") {
            val run = run(operation("grow"), step("b", "grow")).up()
            run.failed("grow", FailureKind.REFUSED).gone()
            run.phases("grow", "b") shouldContainExactly listOf(Phase.FAILED, Phase.SKIPPED)
            run.outcome shouldBe Outcome.FAILED
        }

        test("an operation that takes longer than its timeout is cancelled and tried again") {
            val task = operation("grow", retry = retry(2), timeout = Duration.ofMinutes(30))
            val run = run(task).up().accepted("grow").running("grow")
            run.asked() shouldContainExactly listOf("DEADLINE of grow #1 at 2026-01-01T00:30:00Z")
            run.timedOut("grow").asked() shouldContainExactly
                listOf("cancel id-grow-1 on id-start:etl-1")
            run.cancelledByEmr("grow")
            run.phase("grow") shouldBe Phase.RETRY_WAIT
            run.view("grow").failure() shouldBe FailureKind.TIMEOUT
            run.retryDue("grow").asked() shouldContainExactly
                listOf("submit grow #2 on id-start:etl-1")
        }

        test("a process that takes the run over asks again for what has no answer, and watches") {
            val run = run(operation("grow"), operation("many")).up().accepted("many")
            run.recover().map(::commandText) shouldContainExactly
                listOf(
                    "watch cluster id-start:etl-1",
                    "submit grow #1 on id-start:etl-1",
                    "watch step id-many-1 on id-start:etl-1",
                )
        }

        test("an operation whose cluster is lost is done again on the next one") {
            val tasks = listOf(operation("grow", retry = retry(2)))
            val run = ManualRun(graph(listOf(cluster("etl", retry(2))), tasks)).up()
            run.accepted("grow").running("grow").failed("grow", FailureKind.CLUSTER_LOST)
            run.lost("start:etl").retryDue("grow").retryDue("start:etl")
            run.accepted("start:etl").succeeded("start:etl").asked() shouldContainExactly
                listOf("submit grow #2 on id-start:etl-2")
        }
    })
