package dev.emrys.run

import dev.emrys.spec.FailureKind
import dev.emrys.testing.cluster
import dev.emrys.testing.graph
import dev.emrys.testing.retry
import dev.emrys.testing.step
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.shouldBe
import java.time.Duration

private fun ManualRun.keys() = events.filterIsInstance<Event.AttemptIntended>().map { it.key() }

class ReopenedTest :
    FunSpec({
        test("after a failure only what did not succeed is done again, on a new cluster") {
            val run = ManualRun(graph(step("a"), step("b", "a"), step("c", "b"))).up().done("a")
            run.accepted("b").failed("b").gone().outcome shouldBe Outcome.FAILED
            run.reopen().outcome shouldBe null
            run.asked() shouldContainExactly listOf("start etl #2")
            run.phases("a", "b", "c") shouldContainExactly
                listOf(Phase.SUCCEEDED, Phase.WAITING, Phase.WAITING)
            run.view("b").failure() shouldBe null
            run.accepted("start:etl", "j-2").succeeded("start:etl").asked() shouldContainExactly
                listOf("submit b #2 on j-2")
            run.done("b").done("c").asked() shouldContainExactly listOf("end j-2")
            run.gone().outcome shouldBe Outcome.SUCCEEDED
            run.view("a").attempt() shouldBe 1
            run.keys().toSet().size shouldBe run.keys().size
        }

        test("after a cancellation what was cancelled is done again, and may be cancelled again") {
            val run =
                ManualRun(graph(step("a"), step("b", "a")))
                    .up()
                    .accepted("a")
                    .cancel()
                    .cancelledByEmr("a")
                    .gone()
            run.outcome shouldBe Outcome.CANCELLED
            run.reopen().state.cancelRequested() shouldBe false
            run.up().done("a").asked() shouldContainExactly listOf("submit b #1 on id-start:etl-2")
            run.cancel().accepted("b").cancelledByEmr("b").gone().outcome shouldBe Outcome.CANCELLED
            run.reopen().up().done("b").gone().outcome shouldBe Outcome.SUCCEEDED
            run.keys().toSet().size shouldBe run.keys().size
        }

        test(
            "a cluster that reached its idle timeout while no process drove the run is not a failed attempt"
        ) {
            val run = ManualRun(graph(step("a"), step("b", "a"))).up().accepted("a").running("a")
            // No process drives the run. The step ends, and an hour later the idle cluster.
            run.wait(Duration.ofHours(9)).resume().succeeded("a")
            run.lost("start:etl").failed("b", FailureKind.CLUSTER_LOST, "shutting down")
            run.retryDue("start:etl").retryDue("b").up().asked() shouldContainExactly
                listOf("submit b #2 on id-start:etl-2")
            run.done("b").gone().outcome shouldBe Outcome.SUCCEEDED
        }

        test(
            "a cluster that reached its idle timeout before its first step while no process drove the run is started again"
        ) {
            val run = ManualRun(graph(step("a"))).accepted("start:etl")
            run.wait(Duration.ofHours(9)).resume()
            run.failed("start:etl", FailureKind.CLUSTER_LOST).retryDue("start:etl")
            run.asked() shouldContainExactly listOf("start etl #2")
            run.up().done("a").gone().outcome shouldBe Outcome.SUCCEEDED
        }

        test("after a resume only the first loss of a cluster does not count") {
            val run = ManualRun(graph(step("a"))).up().resume()
            run.lost("start:etl").failed("a", FailureKind.CLUSTER_LOST)
            run.retryDue("start:etl").retryDue("a").up().phase("a") shouldBe Phase.SUBMITTING
            run.lost("start:etl").failed("a", FailureKind.CLUSTER_LOST)
            run.phase("start:etl") shouldBe Phase.FAILED
        }

        test("clusters all of whose steps succeeded are not started again") {
            val two =
                graph(
                    listOf(cluster("one"), cluster("two")),
                    listOf(step("a", cluster = "one"), step("b", "a", cluster = "two")),
                )
            val run =
                ManualRun(two)
                    .up("one")
                    .done("a")
                    .gone("one")
                    .up("two")
                    .accepted("b")
                    .failed("b")
                    .gone("two")
            run.reopen().asked() shouldContainExactly listOf("start two #2")
            run.up("two").done("b").gone("two").outcome shouldBe Outcome.SUCCEEDED
            run.keys().map { it.substringAfter('.') } shouldNotContain
                "${two.task(two.indexOf("start:one")).shortId()}.2"
        }

        test("when a cluster could not be ended, the steps that are repeated run there") {
            val run = ManualRun(graph(step("a"))).up().accepted("a").failed("a")
            run.accepted("end:etl").failed("end:etl")
            run.outcome shouldBe Outcome.FAILED
            val id = run.view("start:etl").remoteId()
            run.reopen().asked() shouldContainExactly listOf("watch cluster $id")
            run.succeeded("start:etl").asked() shouldContainExactly listOf("submit a #2 on $id")
            run.done("a").gone().outcome shouldBe Outcome.SUCCEEDED
        }

        test("a cluster that could not be ended and is gone meanwhile is replaced") {
            val run = ManualRun(graph(step("a"))).up().accepted("a").failed("a")
            run.failed("end:etl", FailureKind.REFUSED).reopen()
            run.failed("start:etl", FailureKind.CLUSTER_LOST).retryDue("start:etl")
            run.asked() shouldContainExactly listOf("start etl #2")
            run.up().asked() shouldContainExactly listOf("submit a #2 on id-start:etl-2")
            run.done("a").gone().outcome shouldBe Outcome.SUCCEEDED
        }

        test("attempts made before do not count against the retry") {
            val run = ManualRun(graph(step("a", retry = retry(2)))).up()
            run.accepted("a").failed("a").retryDue("a").accepted("a").failed("a").gone()
            run.outcome shouldBe Outcome.FAILED
            run.reopen().up().accepted("a").failed("a").phase("a") shouldBe Phase.RETRY_WAIT
            run.view("a").attempt() shouldBe 3
            run.events.filterIsInstance<Event.RetryPlanned>().last().due() shouldBe
                run.now.plusSeconds(10)
        }

        test("late reports from before the reopening do not change the reopened run") {
            val run =
                ManualRun(graph(step("a"))).up().accepted("a").failed("a").gone().reopen().up()
            run.state.accepts(Event.AttemptSucceeded(run.now, "a", 1)) shouldBe false
            run.state.accepts(
                Event.ScopeLost(run.now, "start:etl", 1, FailureKind.CLUSTER_LOST, "late")
            ) shouldBe false
        }

        test("a cluster that could not be ended is ended when the run continues") {
            val run =
                ManualRun(graph(step("a")))
                    .accepted("start:etl", "j-1")
                    .succeeded("start:etl")
                    .done("a")
            run.failed("end:etl", FailureKind.REFUSED).outcome shouldBe Outcome.FAILED
            run.reopen().asked() shouldContainExactly listOf("watch cluster j-1", "end j-1")
            run.gone().outcome shouldBe Outcome.SUCCEEDED
        }

        test("a step that was skipped runs when its upstream succeeds after the reopening") {
            val run =
                ManualRun(graph(step("a"), step("x"), step("b", "a", "x")))
                    .up()
                    .done("x")
                    .accepted("a")
                    .failed("a")
                    .gone()
            run.phase("b") shouldBe Phase.SKIPPED
            run.reopen().up().done("a").asked() shouldContainExactly
                listOf("submit b #1 on id-start:etl-2")
        }
    })
