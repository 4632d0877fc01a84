package dev.emrys.run

import dev.emrys.spec.FailureKind
import dev.emrys.spec.StepSpec
import dev.emrys.testing.cluster
import dev.emrys.testing.graph
import dev.emrys.testing.keptAfterRun
import dev.emrys.testing.retry
import dev.emrys.testing.step
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

private fun on(vararg steps: StepSpec, attempts: Int = 1): ManualRun =
    ManualRun(graph(*steps, cluster = cluster("etl", retry(attempts)).keptAfterRun()))

private val STEPS = arrayOf(step("a"), step("b", "a"))

class KeptClusterTest :
    FunSpec({
        test("a cluster that is kept is not ended when its last step has ended") {
            val run = on(*STEPS).up().done("a").done("b")
            run.asked().shouldBeEmpty()
            run.phase("end:etl") shouldBe Phase.SKIPPED
            run.outcome shouldBe Outcome.SUCCEEDED
        }

        test("it is not ended when a step fails, nor when the run is cancelled") {
            on(*STEPS).up().accepted("a").failed("a").run {
                asked().shouldBeEmpty()
                outcome shouldBe Outcome.FAILED
            }
            on(*STEPS).up().accepted("a").cancel().cancelledByEmr("a").run {
                asked().shouldBeEmpty()
                outcome shouldBe Outcome.CANCELLED
            }
        }

        test("it is ended when the run is cancelled before it was up") {
            val run = on(*STEPS).accepted("start:etl", "j-1").cancel()
            run.asked() shouldContainExactly listOf("end j-1")
            run.gone().outcome shouldBe Outcome.CANCELLED
        }

        test("without steps it is started at once, and the run ends when it is up") {
            val run = on()
            run.asked() shouldContainExactly listOf("start etl #1")
            run.accepted("start:etl", "j-1").asked() shouldContainExactly
                listOf("watch cluster j-1")
            run.outcome shouldBe null
            run.succeeded("start:etl").asked().shouldBeEmpty()
            run.outcome shouldBe Outcome.SUCCEEDED
        }

        test("without steps the run fails with its start, and starts it when it continues") {
            val run = on().accepted("start:etl").failed("start:etl", FailureKind.BOOTSTRAP)
            run.gone().outcome shouldBe Outcome.FAILED
            run.reopen().asked() shouldContainExactly listOf("start etl #2")
            run.up().outcome shouldBe Outcome.SUCCEEDED
        }

        test("without steps a cancelled start is ended, and the run is cancelled") {
            val run = on().accepted("start:etl", "j-1").cancel()
            run.asked() shouldContainExactly listOf("end j-1")
            run.gone().outcome shouldBe Outcome.CANCELLED
        }

        test("a run that continues after a failure uses it again while it is there") {
            val run = on(*STEPS).accepted("start:etl", "j-1").succeeded("start:etl").done("a")
            run.accepted("b").failed("b").outcome shouldBe Outcome.FAILED
            run.reopen().asked() shouldContainExactly listOf("watch cluster j-1")
            run.succeeded("start:etl").asked() shouldContainExactly listOf("submit b #2 on j-1")
            run.done("b").asked().shouldBeEmpty()
            run.outcome shouldBe Outcome.SUCCEEDED
        }

        test("a run that continues after its cluster has ended starts another one") {
            val run = on(*STEPS, attempts = 2).up().done("a").accepted("b").failed("b")
            run.reopen().failed("start:etl", FailureKind.CLUSTER_LOST).retryDue("start:etl")
            run.accepted("start:etl", "j-2").succeeded("start:etl").asked() shouldContainExactly
                listOf("submit b #2 on j-2")
            run.done("b").outcome shouldBe Outcome.SUCCEEDED
        }
    })
