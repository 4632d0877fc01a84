package dev.emrys.run

import dev.emrys.spec.FailureKind
import dev.emrys.testing.cluster
import dev.emrys.testing.graph
import dev.emrys.testing.retry
import dev.emrys.testing.step
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

class CancellationTest :
    FunSpec({
        test("cancelled before anything was submitted, there is no cluster to end") {
            val late =
                graph(
                    listOf(cluster("etl"), cluster("late")),
                    listOf(step("a"), step("b", "a", cluster = "late")),
                )
            val run = ManualRun(late).up().accepted("a").cancel()
            run.phases("b", "start:late", "end:late") shouldContainExactly
                listOf(Phase.CANCELLED, Phase.CANCELLED, Phase.SKIPPED)
            run.cancelledByEmr("a").gone().outcome shouldBe Outcome.CANCELLED
        }

        test(
            "cancelled while the cluster's start is being submitted, the cluster is ended as soon as it has an id"
        ) {
            val run = ManualRun(graph(step("a"))).cancel()
            run.phases("start:etl", "a") shouldContainExactly
                listOf(Phase.SUBMITTING, Phase.CANCELLED)
            run.outcome shouldBe null
            run.accepted("start:etl", "j-1").asked() shouldContainExactly
                listOf("watch cluster j-1", "end j-1")
            run.gone().outcome shouldBe Outcome.CANCELLED
        }

        test(
            "cancelled while the cluster's start is being submitted and EMR refuses it, nothing is left"
        ) {
            val run = ManualRun(graph(step("a"))).cancel().failed("start:etl", FailureKind.REFUSED)
            run.outcome shouldBe Outcome.CANCELLED
        }

        test("cancelled while the cluster starts, it is ended") {
            val run = ManualRun(graph(step("a"))).accepted("start:etl", "j-1").cancel()
            run.asked() shouldContainExactly listOf("end j-1")
            run.gone().outcome shouldBe Outcome.CANCELLED
        }

        test("cancelled while the cluster waits to be started again, the failed one is ended") {
            val run =
                ManualRun(graph(step("a"), cluster = cluster("etl", retry(2))))
                    .accepted("start:etl", "j-1")
            run.failed("start:etl", FailureKind.BOOTSTRAP).cancel().asked() shouldContainExactly
                listOf("end j-1")
            run.gone().outcome shouldBe Outcome.CANCELLED
        }

        test("a step that waits is cancelled without a request to EMR") {
            val run =
                ManualRun(graph(step("a"), step("b", "a"))).up().accepted("a").running("a").cancel()
            run.phase("b") shouldBe Phase.CANCELLED
            run.asked() shouldContainExactly listOf("cancel id-a-1 on id-start:etl-1")
        }

        test("a step that is being submitted is cancelled when EMR has accepted it") {
            val run = ManualRun(graph(step("a"))).up().cancel()
            run.asked() shouldContainExactly listOf("withdraw a #1")
            run.accepted("a", "s-1").asked() shouldContainExactly
                listOf("watch step s-1 on id-start:etl-1", "cancel s-1 on id-start:etl-1")
            run.cancelledByEmr("a").gone().outcome shouldBe Outcome.CANCELLED
        }

        test(
            "a request in flight when the run is cancelled is withdrawn, also when the run is taken over"
        ) {
            val run = ManualRun(graph(step("a"), step("b"))).up().accepted("a").cancel()
            run.asked() shouldContainExactly
                listOf("withdraw b #1", "cancel id-a-1 on id-start:etl-1")
            val later = RunState(run.graph).also { fresh -> run.events.forEach { fresh.apply(it) } }
            RunMachine(later).recover().map(::commandText).filter {
                "b #1" in it
            } shouldContainExactly listOf("withdraw b #1", "submit b #1 on id-start:etl-1")
            run.cancelledByEmr("a").failed("b", FailureKind.REFUSED).phase("b") shouldBe
                Phase.CANCELLED
            run.asked() shouldContainExactly listOf("end id-start:etl-1")
            ManualRun(graph(step("a"))).cancel().asked() shouldContainExactly
                listOf("withdraw start:etl #1")
        }

        test("a step that EMR refuses after the cancellation is cancelled too, not retried") {
            val run =
                ManualRun(graph(step("a", retry = retry(3))))
                    .up()
                    .cancel()
                    .failed("a", FailureKind.INTERNAL)
            run.phase("a") shouldBe Phase.CANCELLED
            run.events.filterIsInstance<Event.RetryPlanned>() shouldBe listOf()
            run.gone().outcome shouldBe Outcome.CANCELLED
        }

        listOf<Pair<String, ManualRun.() -> ManualRun>>(
                "in EMR's queue" to { this },
                "that runs" to { running("a") },
            )
            .forEach { (where, go) ->
                test("a step $where is cancelled at EMR, then its cluster is ended") {
                    val run = ManualRun(graph(step("a"))).up().accepted("a").go().cancel()
                    run.phase("a") shouldBe Phase.CANCELLING
                    run.asked() shouldContainExactly listOf("cancel id-a-1 on id-start:etl-1")
                    run.cancelledByEmr("a").asked() shouldContainExactly
                        listOf("end id-start:etl-1")
                    run.gone().outcome shouldBe Outcome.CANCELLED
                }
            }

        test("a step that is cancelled after its deadline is not retried") {
            val run =
                ManualRun(
                        graph(
                            step("a", retry = retry(3), timeout = java.time.Duration.ofMinutes(1))
                        )
                    )
                    .up()
                    .accepted("a")
                    .running("a")
                    .timedOut("a")
                    .cancel()
            run.cancelledByEmr("a").phase("a") shouldBe Phase.CANCELLED
            run.gone().outcome shouldBe Outcome.CANCELLED
        }

        test("a step in its wait for the next attempt is cancelled") {
            val run =
                ManualRun(graph(step("a", retry = retry(3))))
                    .up()
                    .accepted("a")
                    .failed("a")
                    .cancel()
            run.phase("a") shouldBe Phase.CANCELLED
            run.asked() shouldContainExactly listOf("end id-start:etl-1")
            run.state.accepts(Event.RetryDue(run.now, "a", 1)) shouldBe false
            run.gone().outcome shouldBe Outcome.CANCELLED
        }

        test(
            "when all steps had succeeded before the cancellation reached them, the run has succeeded"
        ) {
            val run =
                ManualRun(graph(step("a"))).up().accepted("a").running("a").cancel().succeeded("a")
            run.gone().outcome shouldBe Outcome.SUCCEEDED
        }

        test(
            "cancelled while the cluster is being ended, the end continues and the outcome stays"
        ) {
            val run = ManualRun(graph(step("a"))).up().accepted("a").failed("a").cancel()
            run.asked() shouldContainExactly listOf()
            run.gone().outcome shouldBe Outcome.CANCELLED
        }

        test("a cancelled run whose cluster cannot be ended has failed: it may still cost money") {
            val run = ManualRun(graph(step("a"))).up().accepted("a").cancel().cancelledByEmr("a")
            run.failed("end:etl", FailureKind.REFUSED).outcome shouldBe Outcome.FAILED
            run.phase("end:etl") shouldBe Phase.FAILED
        }

        test("a cluster that is lost during the cancellation is not started again") {
            val run =
                ManualRun(graph(step("a", retry = retry(2)), cluster = cluster("etl", retry(2))))
                    .up()
            run.accepted("a").running("a").cancel().lost("start:etl")
            run.phase("start:etl") shouldBe Phase.CANCELLED
            run.failed("a", FailureKind.CLUSTER_LOST).gone().outcome shouldBe Outcome.CANCELLED
            run.events.filterIsInstance<Event.AttemptIntended>().map { it.task() } shouldContain
                "end:etl"
        }

        test(
            "a cancelled task says who cancelled it, and a task that had failed before keeps its own reason"
        ) {
            val run = ManualRun(graph(step("a", retry = retry(2)), step("b"), step("c", "b"))).up()
            run.accepted("a").failed("a").accepted("b").running("b").cancel().cancelledByEmr("b")
            run.view("a").reason() shouldBe "exit 1"
            run.view("b").reason() shouldBe "The run was cancelled: ada."
            run.view("c").reason() shouldBe "The run was cancelled: ada."
            run.phases("a", "b", "c").toSet() shouldBe setOf(Phase.CANCELLED)
        }
    })
