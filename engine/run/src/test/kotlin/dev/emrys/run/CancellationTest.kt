package dev.emrys.run

import dev.emrys.spec.FailureKind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

class CancellationTest :
    FunSpec({
        test("cancelled before anything was asked of EMR, there is nothing to end") {
            val late =
                graph(
                    listOf(cluster("etl"), cluster("late")),
                    listOf(step("a"), step("b", "a", cluster = "late")),
                )
            val hand = Hand(late).up().accepted("a").cancel()
            hand.phases("b", "start:late", "end:late") shouldContainExactly
                listOf(Phase.CANCELLED, Phase.CANCELLED, Phase.SKIPPED)
            hand.cancelledByEmr("a").gone().outcome shouldBe Outcome.CANCELLED
        }

        test(
            "cancelled while the cluster's start is on its way, the cluster is ended as soon as it has a name"
        ) {
            val hand = Hand(graph(step("a"))).cancel()
            hand.phases("start:etl", "a") shouldContainExactly
                listOf(Phase.INTENDED, Phase.CANCELLED)
            hand.outcome shouldBe null
            hand.accepted("start:etl", "j-1").asked() shouldContainExactly
                listOf("watch cluster j-1", "end j-1")
            hand.gone().outcome shouldBe Outcome.CANCELLED
        }

        test(
            "cancelled while the cluster's start is on its way and EMR refuses it, nothing is left"
        ) {
            val hand = Hand(graph(step("a"))).cancel().failed("start:etl", FailureKind.REFUSED)
            hand.outcome shouldBe Outcome.CANCELLED
        }

        test("cancelled while the cluster starts, it is ended") {
            val hand = Hand(graph(step("a"))).accepted("start:etl", "j-1").cancel()
            hand.asked() shouldContainExactly listOf("end j-1")
            hand.gone().outcome shouldBe Outcome.CANCELLED
        }

        test("cancelled while the cluster waits to be started again, the broken one is ended") {
            val hand =
                Hand(graph(step("a"), cluster = cluster("etl", retry(2))))
                    .accepted("start:etl", "j-1")
            hand.failed("start:etl", FailureKind.BOOTSTRAP).cancel().asked() shouldContainExactly
                listOf("end j-1")
            hand.gone().outcome shouldBe Outcome.CANCELLED
        }

        test("a step that waits is cancelled without a word to EMR") {
            val hand =
                Hand(graph(step("a"), step("b", "a"))).up().accepted("a").running("a").cancel()
            hand.phase("b") shouldBe Phase.CANCELLED
            hand.asked() shouldContainExactly listOf("cancel id-a-1 on id-start:etl-1")
        }

        test("a step on its way is cancelled when EMR has named it") {
            val hand = Hand(graph(step("a"))).up().cancel()
            hand.asked() shouldContainExactly listOf("withdraw a #1")
            hand.accepted("a", "s-1").asked() shouldContainExactly
                listOf("watch step s-1 on id-start:etl-1", "cancel s-1 on id-start:etl-1")
            hand.cancelledByEmr("a").gone().outcome shouldBe Outcome.CANCELLED
        }

        test(
            "what is on its way when the run is cancelled is withdrawn, also by whoever takes over"
        ) {
            val hand = Hand(graph(step("a"), step("b"))).up().accepted("a").cancel()
            hand.asked() shouldContainExactly
                listOf("withdraw b #1", "cancel id-a-1 on id-start:etl-1")
            val later =
                RunState(hand.graph).also { fresh -> hand.events.forEach { fresh.apply(it) } }
            later.recover().map(::words).filter { "b #1" in it } shouldContainExactly
                listOf("withdraw b #1", "submit b #1 on id-start:etl-1")
            hand.cancelledByEmr("a").failed("b", FailureKind.REFUSED).phase("b") shouldBe
                Phase.CANCELLED
            hand.asked() shouldContainExactly listOf("end id-start:etl-1")
            Hand(graph(step("a"))).cancel().asked() shouldContainExactly
                listOf("withdraw start:etl #1")
        }

        test("a step on its way that EMR refuses is cancelled too, not retried") {
            val hand =
                Hand(graph(step("a", retry = retry(3))))
                    .up()
                    .cancel()
                    .failed("a", FailureKind.INTERNAL)
            hand.phase("a") shouldBe Phase.CANCELLED
            hand.events.filterIsInstance<Event.RetryPlanned>() shouldBe listOf()
            hand.gone().outcome shouldBe Outcome.CANCELLED
        }

        listOf<Pair<String, Hand.() -> Hand>>(
                "in EMR's queue" to { this },
                "that runs" to { running("a") },
            )
            .forEach { (where, go) ->
                test("a step $where is cancelled at EMR, then its cluster is ended") {
                    val hand = Hand(graph(step("a"))).up().accepted("a").go().cancel()
                    hand.phase("a") shouldBe Phase.CANCELLING
                    hand.asked() shouldContainExactly listOf("cancel id-a-1 on id-start:etl-1")
                    hand.cancelledByEmr("a").asked() shouldContainExactly
                        listOf("end id-start:etl-1")
                    hand.gone().outcome shouldBe Outcome.CANCELLED
                }
            }

        test("a step over its deadline that is cancelled too is not tried again") {
            val hand =
                Hand(graph(step("a", retry = retry(3), timeout = java.time.Duration.ofMinutes(1))))
                    .up()
                    .accepted("a")
                    .running("a")
                    .timedOut("a")
                    .cancel()
            hand.cancelledByEmr("a").phase("a") shouldBe Phase.CANCELLED
            hand.gone().outcome shouldBe Outcome.CANCELLED
        }

        test("a step in its wait for the next attempt is cancelled") {
            val hand =
                Hand(graph(step("a", retry = retry(3)))).up().accepted("a").failed("a").cancel()
            hand.phase("a") shouldBe Phase.CANCELLED
            hand.asked() shouldContainExactly listOf("end id-start:etl-1")
            hand.state.accepts(Event.RetryDue(hand.now, "a", 1)) shouldBe false
            hand.gone().outcome shouldBe Outcome.CANCELLED
        }

        test(
            "when all steps had succeeded before the cancellation reached them, the run has succeeded"
        ) {
            val hand =
                Hand(graph(step("a"))).up().accepted("a").running("a").cancel().succeeded("a")
            hand.gone().outcome shouldBe Outcome.SUCCEEDED
        }

        test("cancelled while the cluster is being ended, the end goes on and the truth stands") {
            val hand = Hand(graph(step("a"))).up().accepted("a").failed("a").cancel()
            hand.asked() shouldContainExactly listOf()
            hand.gone().outcome shouldBe Outcome.CANCELLED
        }

        test("a cancelled run whose cluster cannot be ended has failed: it may still cost money") {
            val hand = Hand(graph(step("a"))).up().accepted("a").cancel().cancelledByEmr("a")
            hand.failed("end:etl", FailureKind.REFUSED).outcome shouldBe Outcome.FAILED
            hand.phase("end:etl") shouldBe Phase.FAILED
        }

        test("a cluster that is lost during the cancellation is not started again") {
            val hand =
                Hand(graph(step("a", retry = retry(2)), cluster = cluster("etl", retry(2)))).up()
            hand.accepted("a").running("a").cancel().lost("start:etl")
            hand.phase("start:etl") shouldBe Phase.CANCELLED
            hand.failed("a", FailureKind.CLUSTER_LOST).gone().outcome shouldBe Outcome.CANCELLED
            hand.events.filterIsInstance<Event.AttemptIntended>().map { it.task() } shouldContain
                "end:etl"
        }

        test("who cancelled is the reason, and what had failed before keeps its own") {
            val hand = Hand(graph(step("a", retry = retry(2)), step("b"), step("c", "b"))).up()
            hand.accepted("a").failed("a").accepted("b").running("b").cancel().cancelledByEmr("b")
            hand.view("a").reason() shouldBe "exit 1"
            hand.view("b").reason() shouldBe "The run was cancelled: ada."
            hand.view("c").reason() shouldBe "The run was cancelled: ada."
            hand.phases("a", "b", "c").toSet() shouldBe setOf(Phase.CANCELLED)
        }
    })
