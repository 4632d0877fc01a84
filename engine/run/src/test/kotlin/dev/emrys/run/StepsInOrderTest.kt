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
            val run = ManualRun(graph(step("a")))
            run.asked() shouldContainExactly listOf("start etl #1")
            run.accepted("start:etl", "j-1").asked() shouldContainExactly
                listOf("watch cluster j-1")
            run.succeeded("start:etl").asked() shouldContainExactly listOf("submit a #1 on j-1")
            run.accepted("a", "s-1").asked() shouldContainExactly listOf("watch step s-1 on j-1")
            run.running("a").asked() shouldContainExactly listOf()
            run.succeeded("a").asked() shouldContainExactly listOf("end j-1")
            run.accepted("end:etl", "j-1").asked() shouldContainExactly listOf("watch end of j-1")
            run.outcome shouldBe null
            run.succeeded("end:etl").asked() shouldContainExactly listOf()
            run.outcome shouldBe Outcome.SUCCEEDED
            run.state.endedAt().get() shouldBe run.now
        }

        test("steps in a chain run one after the other") {
            val run = ManualRun(graph(step("a"), step("b", "a"), step("c", "b"))).up()
            run.asked() shouldContainExactly listOf("submit a #1 on id-start:etl-1")
            run.done("a").asked() shouldContainExactly listOf("submit b #1 on id-start:etl-1")
            run.done("b").asked() shouldContainExactly listOf("submit c #1 on id-start:etl-1")
            run.done("c").gone().outcome shouldBe Outcome.SUCCEEDED
        }

        test("steps that wait for nothing are submitted together") {
            val run = ManualRun(graph(step("a"), step("b"), step("c"))).up()
            run.asked() shouldContainExactly
                listOf("a", "b", "c").map { "submit $it #1 on id-start:etl-1" }
            run.done("c").done("a").asked() shouldContainExactly listOf()
            run.done("b").asked() shouldContainExactly listOf("end id-start:etl-1")
        }

        test("the last step of a diamond waits for both sides") {
            val run =
                ManualRun(
                    graph(
                        step("top"),
                        step("left", "top"),
                        step("right", "top"),
                        step("bottom", "left", "right"),
                    )
                )
            run.up().done("top").asked() shouldContainExactly
                listOf("submit left #1 on id-start:etl-1", "submit right #1 on id-start:etl-1")
            run.done("right").asked() shouldContainExactly listOf()
            run.done("left").asked() shouldContainExactly
                listOf("submit bottom #1 on id-start:etl-1")
            run.done("bottom").gone().outcome shouldBe Outcome.SUCCEEDED
        }

        test("a second cluster starts only when its first step is ready") {
            val run = ManualRun(twoClusters())
            run.asked() shouldContainExactly listOf("start one #1")
            run.up("one").accepted("a").running("a")
            run.phase("start:two") shouldBe Phase.WAITING
            run.succeeded("a").asked() shouldContainExactly listOf("start two #1")
            run.up("two").asked() shouldContainExactly listOf("submit b #1 on id-start:two-1")
        }

        test("each cluster ends when its own steps have ended") {
            val run = ManualRun(twoClusters()).up("one").done("a")
            run.done("c").asked() shouldContainExactly listOf("end id-start:one-1")
            run.gone("one").outcome shouldBe null
            run.up("two").done("b").asked() shouldContainExactly listOf("end id-start:two-1")
            run.gone("two").outcome shouldBe Outcome.SUCCEEDED
        }

        test("two clusters whose steps wait for nothing start at once") {
            val run =
                ManualRun(
                    graph(
                        listOf(cluster("one"), cluster("two")),
                        listOf(step("a", cluster = "one"), step("b", cluster = "two")),
                    )
                )
            run.asked() shouldContainExactly listOf("start one #1", "start two #1")
        }

        test(
            "a step on another cluster that waits for a failed one is skipped, and its cluster is never started"
        ) {
            val run = ManualRun(twoClusters()).up("one").accepted("a").failed("a")
            run.phases("b", "start:two", "end:two") shouldContainExactly
                listOf(Phase.SKIPPED, Phase.SKIPPED, Phase.SKIPPED)
            run.done("c").asked() shouldContainExactly listOf("end id-start:one-1")
            run.gone("one").outcome shouldBe Outcome.FAILED
            run.events.filterIsInstance<Event.AttemptIntended>().map {
                it.task()
            } shouldContainExactly listOf("start:one", "a", "c", "end:one")
        }

        test("every step downstream of a failed one is skipped, and the cluster is ended") {
            val run = ManualRun(graph(step("a"), step("b", "a"), step("c", "b"), step("free"))).up()
            run.accepted("a").running("a").failed("a", FailureKind.STEP, "exit 3")
            run.phases("a", "b", "c", "free") shouldContainExactly
                listOf(Phase.FAILED, Phase.SKIPPED, Phase.SKIPPED, Phase.SUBMITTING)
            run.view("a").reason() shouldBe "exit 3"
            run.view("b").reason() shouldBe "\"a\" did not succeed."
            run.view("c").reason() shouldBe "\"b\" did not succeed."
            run.done("free").asked() shouldContainExactly listOf("end id-start:etl-1")
            run.gone().outcome shouldBe Outcome.FAILED
        }

        test(
            "a step that is cancelled from outside has not succeeded, and what waits for it is skipped"
        ) {
            val run =
                ManualRun(graph(step("a"), step("b", "a")))
                    .up()
                    .accepted("a")
                    .running("a")
                    .cancelledByEmr("a")
            run.phases("a", "b") shouldContainExactly listOf(Phase.CANCELLED, Phase.SKIPPED)
            run.view("a").reason() shouldBe "EMR says CANCELLED."
            run.gone().outcome shouldBe Outcome.FAILED
        }

        test("keys are unique for run, task and attempt") {
            val run =
                ManualRun(graph(step("a", retry = retry(2)), step("b")), "run-9")
                    .up()
                    .accepted("a")
                    .failed("a")
                    .retryDue("a")
            val keys = run.events.filterIsInstance<Event.AttemptIntended>().map { it.key() }
            keys.toSet().size shouldBe keys.size
            val a = run.graph.task(run.graph.indexOf("a")).shortId()
            keys shouldContain "run-9.$a.1"
            keys shouldContain "run-9.$a.2"
        }

        test("a cluster that cannot be ended makes the run fail, even if every step succeeded") {
            val run =
                ManualRun(graph(step("a")))
                    .up()
                    .done("a")
                    .accepted("end:etl")
                    .failed("end:etl", FailureKind.REFUSED)
            run.phases("a", "end:etl") shouldContainExactly listOf(Phase.SUCCEEDED, Phase.FAILED)
            run.outcome shouldBe Outcome.FAILED
        }
    })
