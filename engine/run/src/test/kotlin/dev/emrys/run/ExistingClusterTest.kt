package dev.emrys.run

import dev.emrys.graph.TaskGraph
import dev.emrys.spec.ExistingCluster
import dev.emrys.spec.FailureKind
import dev.emrys.spec.StepSpec
import dev.emrys.testing.existingCluster
import dev.emrys.testing.pipeline
import dev.emrys.testing.retry
import dev.emrys.testing.step
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.shouldBe

private fun on(cluster: ExistingCluster, vararg steps: StepSpec): ManualRun =
    ManualRun(TaskGraph.compile(pipeline(listOf(), steps.toList(), existing = listOf(cluster))))

private val FIRST = step("a", cluster = "prod")
private val SECOND = step("b", "a", cluster = "prod")

/** No command of a run may end a cluster that it has not started, whatever happens. */
private fun ManualRun.everyCommandOf(vararg actions: ManualRun.() -> Unit): List<Command> =
    actions.flatMap {
        it()
        commands
    }

class ExistingClusterTest :
    FunSpec({
        test("a cluster that is there already is found, used, and not ended") {
            val run = on(existingCluster(), FIRST, SECOND)
            run.asked() shouldContainExactly listOf("find prod #1")
            run.accepted("use:prod", "j-1").asked() shouldContainExactly
                listOf("watch existing j-1")
            run.succeeded("use:prod").asked() shouldContainExactly listOf("submit a #1 on j-1")
            run.done("a").asked() shouldContainExactly listOf("submit b #1 on j-1")
            run.done("b").asked().shouldBeEmpty()
            run.outcome shouldBe Outcome.SUCCEEDED
        }

        test("a cluster that is not found fails the run, whose steps do not run") {
            val run =
                on(existingCluster(), FIRST, SECOND)
                    .failed("use:prod", FailureKind.REFUSED, "several")
            run.phases("use:prod", "a", "b") shouldContainExactly
                listOf(Phase.FAILED, Phase.SKIPPED, Phase.SKIPPED)
            run.outcome shouldBe Outcome.FAILED
        }

        test("it is not ended when a step fails, when the run is cancelled and when it is lost") {
            val endings =
                listOf<ManualRun.() -> Unit>(
                    { failed("a") },
                    {
                        cancel()
                        cancelledByEmr("a")
                    },
                    {
                        failed("a", FailureKind.CLUSTER_LOST)
                    },
                )
            for (ending in endings) {
                val run = on(existingCluster(), FIRST, SECOND)
                val commands =
                    run.everyCommandOf(
                        { accepted("use:prod", "j-1") },
                        { succeeded("use:prod") },
                        { accepted("a") },
                        { running("a") },
                        ending,
                    )
                commands.filterIsInstance<Command.Release>().shouldBeEmpty()
                run.state.outcome().isPresent shouldBe true
            }
        }

        test("a lost cluster is looked for anew when its retry says so, and another one is used") {
            val run =
                on(existingCluster(retry = retry(2)), step("a", cluster = "prod", retry = retry(2)))
            run.accepted("use:prod", "j-1").succeeded("use:prod").accepted("a").running("a")
            run.failed("a", FailureKind.CLUSTER_LOST).lost("use:prod")
            run.phases("use:prod", "a") shouldContainExactly
                listOf(Phase.RETRY_WAIT, Phase.RETRY_WAIT)
            run.retryDue("a").retryDue("use:prod").asked() shouldContainExactly
                listOf("find prod #2")
            run.accepted("use:prod", "j-2").succeeded("use:prod").asked() shouldContainExactly
                listOf("submit a #2 on j-2")
            run.done("a").outcome shouldBe Outcome.SUCCEEDED
        }

        test("a process that takes the run over watches the cluster that the journal names") {
            val run = on(existingCluster(), FIRST, SECOND)
            run.accepted("use:prod", "j-1").succeeded("use:prod").accepted("a")
            run.recover().map(::commandText) shouldContainExactly
                listOf("watch existing j-1", "watch step id-a-1 on j-1")
        }

        test("its end after the last step is no loss, and a process that takes over asks nothing") {
            val run = on(existingCluster(), FIRST)
            run.accepted("use:prod", "j-1").succeeded("use:prod").done("a")
            run.state.accepts(
                Event.ScopeLost(run.now, "use:prod", 1, FailureKind.CLUSTER_LOST, "It ended.")
            ) shouldBe false
            run.recover().shouldBeEmpty()
        }

        test("a cancellation before the cluster takes steps ends the run and not the cluster") {
            val run = on(existingCluster(), FIRST).accepted("use:prod", "j-1").cancel()
            run.asked().shouldBeEmpty()
            run.phases("use:prod", "a") shouldContainExactly
                listOf(Phase.CANCELLED, Phase.CANCELLED)
            run.outcome shouldBe Outcome.CANCELLED
        }

        test("a run that continues after a failure looks the cluster up again") {
            val run = on(existingCluster(), FIRST, SECOND)
            run.accepted("use:prod", "j-1")
                .succeeded("use:prod")
                .done("a")
                .accepted("b")
                .failed("b")
            run.reopen().asked() shouldContainExactly listOf("find prod #2")
            run.accepted("use:prod", "j-1").succeeded("use:prod").asked() shouldContainExactly
                listOf("submit b #2 on j-1")
            run.done("b").outcome shouldBe Outcome.SUCCEEDED
            run.asked() shouldNotContain "end j-1"
        }
    })
