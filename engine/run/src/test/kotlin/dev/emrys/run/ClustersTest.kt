package dev.emrys.run

import dev.emrys.spec.FailureKind
import dev.emrys.testing.cluster
import dev.emrys.testing.graph
import dev.emrys.testing.retry
import dev.emrys.testing.step
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

class ClustersTest :
    FunSpec({
        test("a cluster that EMR refuses leaves nothing to end") {
            val run =
                ManualRun(graph(step("a"), step("b", "a")))
                    .failed("start:etl", FailureKind.REFUSED, "no such role")
            run.phases("start:etl", "a", "b", "end:etl") shouldContainExactly
                listOf(Phase.FAILED, Phase.SKIPPED, Phase.SKIPPED, Phase.SKIPPED)
            run.view("a").reason() shouldBe "\"start:etl\" did not succeed."
            run.outcome shouldBe Outcome.FAILED
        }

        test("a cluster that does not start is ended too") {
            val run =
                ManualRun(graph(step("a")))
                    .accepted("start:etl", "j-1")
                    .failed("start:etl", FailureKind.BOOTSTRAP)
            run.phases("start:etl", "a") shouldContainExactly listOf(Phase.FAILED, Phase.SKIPPED)
            run.asked() shouldContainExactly listOf("end j-1")
            run.gone().outcome shouldBe Outcome.FAILED
        }

        test("a cluster that does not start is started again when its retry policy says so") {
            val run = ManualRun(graph(step("a"), cluster = cluster("etl", retry(2))))
            run.accepted("start:etl", "j-1").failed("start:etl", FailureKind.BOOTSTRAP)
            run.phases("start:etl", "a") shouldContainExactly
                listOf(Phase.RETRY_WAIT, Phase.WAITING)
            run.retryDue("start:etl").asked() shouldContainExactly listOf("start etl #2")
            run.accepted("start:etl", "j-2").succeeded("start:etl").asked() shouldContainExactly
                listOf("submit a #1 on j-2")
            run.done("a").asked() shouldContainExactly listOf("end j-2")
            run.gone().outcome shouldBe Outcome.SUCCEEDED
        }

        test("a cluster that never starts fails when it has no attempts left") {
            val run = ManualRun(graph(step("a"), cluster = cluster("etl", retry(2))))
            run.accepted("start:etl")
                .failed("start:etl", FailureKind.BOOTSTRAP)
                .retryDue("start:etl")
            run.accepted("start:etl", "j-2").failed("start:etl", FailureKind.BOOTSTRAP)
            run.phases("start:etl", "a") shouldContainExactly listOf(Phase.FAILED, Phase.SKIPPED)
            run.asked() shouldContainExactly listOf("end j-2")
            run.gone().outcome shouldBe Outcome.FAILED
        }

        test("a lost cluster without a retry fails its run, and what was done is kept") {
            val steps = arrayOf(step("a"), step("b", "a"), step("c"))
            val run =
                ManualRun(graph(*steps)).up().done("a").accepted("b").running("b").accepted("c")
            run.failed("b", FailureKind.CLUSTER_LOST)
                .lost("start:etl")
                .failed("c", FailureKind.CLUSTER_LOST)
            run.phases("start:etl", "a", "b", "c") shouldContainExactly
                listOf(Phase.FAILED, Phase.SUCCEEDED, Phase.FAILED, Phase.SKIPPED)
            run.view("start:etl").reason() shouldBe "The cluster ended."
            // It had not begun: it did not run because its cluster was gone.
            run.view("c").reason() shouldBe "\"start:etl\" did not succeed."
            run.gone().outcome shouldBe Outcome.FAILED
        }

        test("a lost cluster without steps to come is ended, not reported as lost") {
            val run =
                ManualRun(graph(step("a"), step("b", "a")))
                    .up()
                    .accepted("a")
                    .running("a")
                    .failed("a", FailureKind.CLUSTER_LOST)
            run.phases("start:etl", "a", "b", "end:etl") shouldContainExactly
                listOf(Phase.SUCCEEDED, Phase.FAILED, Phase.SKIPPED, Phase.SUBMITTING)
            run.gone().outcome shouldBe Outcome.FAILED
        }

        test("an idle cluster that ends counts as lost while a step is still to come") {
            val two =
                graph(
                    listOf(cluster("one"), cluster("two")),
                    listOf(
                        step("a", cluster = "one"),
                        step("b", cluster = "two"),
                        step("c", "b", cluster = "one"),
                    ),
                )
            val run = ManualRun(two).up("one").up("two").done("a").lost("start:one")
            run.phases("start:one", "c", "b") shouldContainExactly
                listOf(Phase.FAILED, Phase.SKIPPED, Phase.SUBMITTING)
            run.asked() shouldContainExactly listOf("end id-start:one-1")
            run.gone("one").done("b").gone("two").outcome shouldBe Outcome.FAILED
        }

        test("a lost cluster with a retry is started again, and its steps are retried there") {
            val steps = arrayOf(step("a"), step("b", retry = retry(2)), step("c", "b"))
            val run =
                ManualRun(graph(*steps, cluster = cluster("etl", retry(2))))
                    .accepted("start:etl", "j-1")
            run.succeeded("start:etl").done("a").accepted("b").running("b")
            run.failed("b", FailureKind.CLUSTER_LOST).lost("start:etl")
            run.phases("start:etl", "a", "b") shouldContainExactly
                listOf(Phase.RETRY_WAIT, Phase.SUCCEEDED, Phase.RETRY_WAIT)
            run.retryDue("b").asked() shouldContainExactly listOf()
            run.retryDue("start:etl").asked() shouldContainExactly listOf("start etl #2")
            run.accepted("start:etl", "j-2").succeeded("start:etl").asked() shouldContainExactly
                listOf("submit b #2 on j-2")
            run.done("b").done("c").asked() shouldContainExactly listOf("end j-2")
            run.gone().outcome shouldBe Outcome.SUCCEEDED
        }

        test(
            "a step is not retried on the cluster that it has lost, however long that cluster takes to end"
        ) {
            val run =
                ManualRun(graph(step("a", retry = retry(2)), cluster = cluster("etl", retry(2))))
                    .up()
            run.accepted("a").running("a").failed("a", FailureKind.CLUSTER_LOST).retryDue("a")
            run.phase("a") shouldBe Phase.WAITING
            run.asked() shouldContainExactly listOf()
            run.lost("start:etl").retryDue("start:etl").asked() shouldContainExactly
                listOf("start etl #2")
            run.up().asked() shouldContainExactly listOf("submit a #2 on id-start:etl-2")
            run.done("a").gone().outcome shouldBe Outcome.SUCCEEDED
        }

        test("a lost cluster is started again only when a step could run there") {
            val run =
                ManualRun(graph(step("a", retry = retry(2)), cluster = cluster("etl", retry(2))))
                    .up()
            run.accepted("a").failed("a", FailureKind.CLUSTER_LOST).lost("start:etl")
            run.retryDue("start:etl").phase("start:etl") shouldBe Phase.WAITING
            run.asked() shouldContainExactly listOf()
            run.retryDue("a").asked() shouldContainExactly listOf("start etl #2")
        }

        test(
            "a lost cluster is not started again when its last steps are skipped meanwhile, but is ended"
        ) {
            val two =
                graph(
                    listOf(cluster("one", retry(2)), cluster("two")),
                    listOf(
                        step("a", cluster = "one"),
                        step("b", cluster = "two"),
                        step("c", "b", cluster = "one"),
                    ),
                )
            val run = ManualRun(two).up("one").up("two").done("a").lost("start:one")
            run.phase("start:one") shouldBe Phase.RETRY_WAIT
            run.accepted("b").failed("b")
            run.phases("c", "start:one") shouldContainExactly listOf(Phase.SKIPPED, Phase.CANCELLED)
            run.gone("one").gone("two").outcome shouldBe Outcome.FAILED
        }

        test("a step that waits for its retry is skipped when its cluster is not started again") {
            val run =
                ManualRun(graph(step("a", retry = retry(3))))
                    .up()
                    .accepted("a")
                    .failed("a", FailureKind.CLUSTER_LOST)
            run.lost("start:etl").phase("a") shouldBe Phase.SKIPPED
            run.gone().outcome shouldBe Outcome.FAILED
        }

        test(
            "an attempt stays with the cluster for which it was intended, though another is started meanwhile"
        ) {
            val steps = arrayOf(step("a"), step("b"), step("c"), step("d", "a"))
            val run =
                ManualRun(graph(*steps, cluster = cluster("etl", retry(2))))
                    .accepted("start:etl", "j-1")
            run.succeeded("start:etl")
                .done("a")
                .accepted("b", "s-b")
                .running("b")
                .accepted("d", "s-d")
                .running("d")
            run.lost("start:etl").retryDue("start:etl").failed("d", FailureKind.CLUSTER_LOST)
            run.phases("start:etl", "b", "c") shouldContainExactly
                listOf(Phase.WAITING, Phase.RUNNING, Phase.SUBMITTING)
            // Nothing is ready, so nothing is started; an attempt in flight is looked up where it
            // was sent.
            run.recover().map(::commandText) shouldContainExactly
                listOf("watch step s-b on j-1", "submit c #1 on j-1")
        }

        test(
            "an attempt is looked up on its own cluster even when the next one already has an id"
        ) {
            val two =
                graph(
                    listOf(cluster("one", retry(2)), cluster("two")),
                    listOf(
                        step("a", cluster = "one"),
                        step("b", cluster = "two"),
                        step("c", "b", cluster = "one"),
                    ),
                )
            val run =
                ManualRun(two)
                    .accepted("start:one", "j-1")
                    .succeeded("start:one")
                    .up("two")
                    .lost("start:one")
            run.retryDue("start:one").done("b").accepted("start:one", "j-2")
            run.recover().map(::commandText) shouldContainExactly
                listOf(
                    "watch cluster j-2",
                    "submit a #1 on j-1",
                    "watch cluster id-start:two-1",
                    "end id-start:two-1",
                )
        }
    })
