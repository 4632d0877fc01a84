package dev.emrys.run

import dev.emrys.spec.FailureKind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

private fun twoClusters() =
    graph(
        listOf(cluster("one"), cluster("two")),
        listOf(
            step("a", cluster = "one"),
            step("b", "a", cluster = "two"),
            step("c", cluster = "one"),
        ),
    )

class StepsInOrderTest :
    FunSpec({
        test("a run of one step starts the cluster, runs the step, ends the cluster and succeeds") {
            val hand = Hand(graph(step("a")))
            hand.asked() shouldContainExactly listOf("start etl #1")
            hand.accepted("start:etl", "j-1").asked() shouldContainExactly
                listOf("watch cluster j-1")
            hand.succeeded("start:etl").asked() shouldContainExactly listOf("submit a #1 on j-1")
            hand.accepted("a", "s-1").asked() shouldContainExactly listOf("watch step s-1 on j-1")
            hand.running("a").asked() shouldContainExactly listOf()
            hand.succeeded("a").asked() shouldContainExactly listOf("end j-1")
            hand.accepted("end:etl", "j-1").asked() shouldContainExactly listOf("watch end of j-1")
            hand.outcome shouldBe null
            hand.succeeded("end:etl").asked() shouldContainExactly listOf()
            hand.outcome shouldBe Outcome.SUCCEEDED
            hand.state.endedAt().get() shouldBe hand.now
        }

        test("steps in a line run one after the other") {
            val hand = Hand(graph(step("a"), step("b", "a"), step("c", "b"))).up()
            hand.asked() shouldContainExactly listOf("submit a #1 on id-start:etl-1")
            hand.done("a").asked() shouldContainExactly listOf("submit b #1 on id-start:etl-1")
            hand.done("b").asked() shouldContainExactly listOf("submit c #1 on id-start:etl-1")
            hand.done("c").gone().outcome shouldBe Outcome.SUCCEEDED
        }

        test("steps that wait for nothing are submitted together") {
            val hand = Hand(graph(step("a"), step("b"), step("c"))).up()
            hand.asked() shouldContainExactly
                listOf("a", "b", "c").map { "submit $it #1 on id-start:etl-1" }
            hand.done("c").done("a").asked() shouldContainExactly listOf()
            hand.done("b").asked() shouldContainExactly listOf("end id-start:etl-1")
        }

        test("the last step of a diamond waits for both sides") {
            val hand =
                Hand(
                    graph(
                        step("top"),
                        step("left", "top"),
                        step("right", "top"),
                        step("bottom", "left", "right"),
                    )
                )
            hand.up().done("top").asked() shouldContainExactly
                listOf("submit left #1 on id-start:etl-1", "submit right #1 on id-start:etl-1")
            hand.done("right").asked() shouldContainExactly listOf()
            hand.done("left").asked() shouldContainExactly
                listOf("submit bottom #1 on id-start:etl-1")
            hand.done("bottom").gone().outcome shouldBe Outcome.SUCCEEDED
        }

        test("a second cluster starts only when its first step is ready") {
            val hand = Hand(twoClusters())
            hand.asked() shouldContainExactly listOf("start one #1")
            hand.up("one").accepted("a").running("a")
            hand.phase("start:two") shouldBe Phase.WAITING
            hand.succeeded("a").asked() shouldContainExactly listOf("start two #1")
            hand.up("two").asked() shouldContainExactly listOf("submit b #1 on id-start:two-1")
        }

        test("each cluster ends when its own steps are over") {
            val hand = Hand(twoClusters()).up("one").done("a")
            hand.done("c").asked() shouldContainExactly listOf("end id-start:one-1")
            hand.gone("one").outcome shouldBe null
            hand.up("two").done("b").asked() shouldContainExactly listOf("end id-start:two-1")
            hand.gone("two").outcome shouldBe Outcome.SUCCEEDED
        }

        test("two clusters whose steps wait for nothing start at once") {
            val hand =
                Hand(
                    graph(
                        listOf(cluster("one"), cluster("two")),
                        listOf(step("a", cluster = "one"), step("b", cluster = "two")),
                    )
                )
            hand.asked() shouldContainExactly listOf("start one #1", "start two #1")
        }

        test(
            "a step on another cluster that waits for a failed one is skipped, and its cluster is never started"
        ) {
            val hand = Hand(twoClusters()).up("one").accepted("a").failed("a")
            hand.phases("b", "start:two", "end:two") shouldContainExactly
                listOf(Phase.SKIPPED, Phase.SKIPPED, Phase.SKIPPED)
            hand.done("c").asked() shouldContainExactly listOf("end id-start:one-1")
            hand.gone("one").outcome shouldBe Outcome.FAILED
            hand.events.filterIsInstance<Event.AttemptIntended>().map {
                it.task()
            } shouldContainExactly listOf("start:one", "a", "c", "end:one")
        }

        test(
            "what waits for a failed step is skipped, all the way down, and the cluster is ended"
        ) {
            val hand = Hand(graph(step("a"), step("b", "a"), step("c", "b"), step("free"))).up()
            hand.accepted("a").running("a").failed("a", FailureKind.STEP, "exit 3")
            hand.phases("a", "b", "c", "free") shouldContainExactly
                listOf(Phase.FAILED, Phase.SKIPPED, Phase.SKIPPED, Phase.INTENDED)
            hand.view("a").reason() shouldBe "exit 3"
            hand.view("b").reason() shouldBe "\"a\" did not succeed."
            hand.view("c").reason() shouldBe "\"b\" did not succeed."
            hand.done("free").asked() shouldContainExactly listOf("end id-start:etl-1")
            hand.gone().outcome shouldBe Outcome.FAILED
        }

        test(
            "a step that somebody cancels from outside is no success, and what waits for it is skipped"
        ) {
            val hand =
                Hand(graph(step("a"), step("b", "a")))
                    .up()
                    .accepted("a")
                    .running("a")
                    .cancelledByEmr("a")
            hand.phases("a", "b") shouldContainExactly listOf(Phase.CANCELLED, Phase.SKIPPED)
            hand.view("a").reason() shouldBe "EMR says CANCELLED."
            hand.gone().outcome shouldBe Outcome.FAILED
        }

        test("keys are unique for run, task and attempt") {
            val hand =
                Hand(graph(step("a", retry = retry(2)), step("b")), "run-9")
                    .up()
                    .accepted("a")
                    .failed("a")
                    .retryDue("a")
            val keys = hand.events.filterIsInstance<Event.AttemptIntended>().map { it.key() }
            keys.toSet().size shouldBe keys.size
            val a = hand.graph.task(hand.graph.indexOf("a")).shortId()
            keys shouldContain "run-9.$a.1"
            keys shouldContain "run-9.$a.2"
        }

        test("the end that fails makes the outcome a failure, though every step succeeded") {
            val hand =
                Hand(graph(step("a")))
                    .up()
                    .done("a")
                    .accepted("end:etl")
                    .failed("end:etl", FailureKind.REFUSED)
            hand.phases("a", "end:etl") shouldContainExactly listOf(Phase.SUCCEEDED, Phase.FAILED)
            hand.outcome shouldBe Outcome.FAILED
        }
    })
