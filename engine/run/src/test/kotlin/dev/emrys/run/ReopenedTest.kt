package dev.emrys.run

import dev.emrys.spec.FailureKind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.shouldBe
import java.time.Duration

private fun Hand.keys() = events.filterIsInstance<Event.AttemptIntended>().map { it.key() }

class ReopenedTest :
    FunSpec({
        test("after a failure only what did not succeed is done again, on a new cluster") {
            val hand = Hand(graph(step("a"), step("b", "a"), step("c", "b"))).up().done("a")
            hand.accepted("b").failed("b").gone().outcome shouldBe Outcome.FAILED
            hand.reopen().outcome shouldBe null
            hand.asked() shouldContainExactly listOf("start etl #2")
            hand.phases("a", "b", "c") shouldContainExactly
                listOf(Phase.SUCCEEDED, Phase.WAITING, Phase.WAITING)
            hand.view("b").failure() shouldBe null
            hand.accepted("start:etl", "j-2").succeeded("start:etl").asked() shouldContainExactly
                listOf("submit b #2 on j-2")
            hand.done("b").done("c").asked() shouldContainExactly listOf("end j-2")
            hand.gone().outcome shouldBe Outcome.SUCCEEDED
            hand.view("a").attempt() shouldBe 1
            hand.keys().toSet().size shouldBe hand.keys().size
        }

        test("after a cancellation what was cancelled is done again, and may be cancelled again") {
            val hand =
                Hand(graph(step("a"), step("b", "a")))
                    .up()
                    .accepted("a")
                    .cancel()
                    .cancelledByEmr("a")
                    .gone()
            hand.outcome shouldBe Outcome.CANCELLED
            hand.reopen().state.cancelRequested() shouldBe false
            hand.up().done("a").asked() shouldContainExactly listOf("submit b #1 on id-start:etl-2")
            hand.cancel().accepted("b").cancelledByEmr("b").gone().outcome shouldBe
                Outcome.CANCELLED
            hand.reopen().up().done("b").gone().outcome shouldBe Outcome.SUCCEEDED
            hand.keys().toSet().size shouldBe hand.keys().size
        }

        test(
            "a cluster whose lease ran out while nobody drove the run is nobody's failed attempt"
        ) {
            val hand = Hand(graph(step("a"), step("b", "a"))).up().accepted("a").running("a")
            // Nobody drives. The step ends, and an hour later the idle cluster.
            hand.wait(Duration.ofHours(9)).resume().succeeded("a")
            hand.lost("start:etl").failed("b", FailureKind.CLUSTER_LOST, "shutting down")
            hand.retryDue("start:etl").retryDue("b").up().asked() shouldContainExactly
                listOf("submit b #2 on id-start:etl-2")
            hand.done("b").gone().outcome shouldBe Outcome.SUCCEEDED
        }

        test("after a resume a cluster is lost for nothing once, and not for ever") {
            val hand = Hand(graph(step("a"))).up().resume()
            hand.lost("start:etl").failed("a", FailureKind.CLUSTER_LOST)
            hand.retryDue("start:etl").retryDue("a").up().phase("a") shouldBe Phase.INTENDED
            hand.lost("start:etl").failed("a", FailureKind.CLUSTER_LOST)
            hand.phase("start:etl") shouldBe Phase.FAILED
        }

        test("clusters all of whose steps succeeded are left alone") {
            val two =
                graph(
                    listOf(cluster("one"), cluster("two")),
                    listOf(step("a", cluster = "one"), step("b", "a", cluster = "two")),
                )
            val hand =
                Hand(two)
                    .up("one")
                    .done("a")
                    .gone("one")
                    .up("two")
                    .accepted("b")
                    .failed("b")
                    .gone("two")
            hand.reopen().asked() shouldContainExactly listOf("start two #2")
            hand.up("two").done("b").gone("two").outcome shouldBe Outcome.SUCCEEDED
            hand.keys().map { it.substringAfter('.') } shouldNotContain
                "${two.task(two.indexOf("start:one")).shortId()}.2"
        }

        test(
            "a cluster that could not be ended is not forgotten: what is done again is done there"
        ) {
            val hand = Hand(graph(step("a"))).up().accepted("a").failed("a")
            hand.accepted("end:etl").failed("end:etl")
            hand.outcome shouldBe Outcome.FAILED
            val id = hand.view("start:etl").remoteId()
            hand.reopen().asked() shouldContainExactly listOf("watch cluster $id")
            hand.succeeded("start:etl").asked() shouldContainExactly listOf("submit a #2 on $id")
            hand.done("a").gone().outcome shouldBe Outcome.SUCCEEDED
        }

        test("a cluster that could not be ended and is gone by now is followed by another") {
            val hand = Hand(graph(step("a"))).up().accepted("a").failed("a")
            hand.failed("end:etl", FailureKind.REFUSED).reopen()
            hand.failed("start:etl", FailureKind.CLUSTER_LOST).retryDue("start:etl")
            hand.asked() shouldContainExactly listOf("start etl #2")
            hand.up().asked() shouldContainExactly listOf("submit a #2 on id-start:etl-2")
            hand.done("a").gone().outcome shouldBe Outcome.SUCCEEDED
        }

        test("attempts made before do not count against the retry") {
            val hand = Hand(graph(step("a", retry = retry(2)))).up()
            hand.accepted("a").failed("a").retryDue("a").accepted("a").failed("a").gone()
            hand.outcome shouldBe Outcome.FAILED
            hand.reopen().up().accepted("a").failed("a").phase("a") shouldBe Phase.BACKOFF
            hand.view("a").attempt() shouldBe 3
            hand.events.filterIsInstance<Event.RetryPlanned>().last().due() shouldBe
                hand.now.plusSeconds(10)
        }

        test("late replies of the first life do not touch the second") {
            val hand = Hand(graph(step("a"))).up().accepted("a").failed("a").gone().reopen().up()
            hand.state.accepts(Event.AttemptSucceeded(hand.now, "a", 1)) shouldBe false
            hand.state.accepts(
                Event.ClusterLost(hand.now, "start:etl", 1, FailureKind.CLUSTER_LOST, "late")
            ) shouldBe false
        }

        test("a cluster that could not be ended is ended when the run goes on") {
            val hand =
                Hand(graph(step("a"))).accepted("start:etl", "j-1").succeeded("start:etl").done("a")
            hand.failed("end:etl", FailureKind.REFUSED).outcome shouldBe Outcome.FAILED
            hand.reopen().asked() shouldContainExactly listOf("end j-1")
            hand.gone().outcome shouldBe Outcome.SUCCEEDED
        }

        test("a step skipped for one that failed runs when that succeeds the second time") {
            val hand =
                Hand(graph(step("a"), step("x"), step("b", "a", "x")))
                    .up()
                    .done("x")
                    .accepted("a")
                    .failed("a")
                    .gone()
            hand.phase("b") shouldBe Phase.SKIPPED
            hand.reopen().up().done("a").asked() shouldContainExactly
                listOf("submit b #1 on id-start:etl-2")
        }
    })
