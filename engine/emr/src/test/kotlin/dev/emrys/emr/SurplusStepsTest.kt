package dev.emrys.emr

import dev.emrys.run.Event
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import software.amazon.awssdk.services.emr.model.CancelStepsRequest
import software.amazon.awssdk.services.emr.model.ClusterState
import software.amazon.awssdk.services.emr.model.ListStepsRequest
import software.amazon.awssdk.services.emr.model.StepState

private fun limited(behaves: EmrHarness.() -> Unit) =
    EmrHarness(wire = false, quotas = Quotas.EMR_DEFAULT).use(behaves)

private fun EmrHarness.state(cluster: String, step: String): StepState =
    steps(cluster).single { it.id() == step }.status().state()

private fun EmrHarness.doubled(cluster: String, name: String): Pair<String, String> {
    val older = madeStep(cluster, "$name #${keyOf(name)}")
    return older to madeStep(cluster, "$name #${keyOf(name)}")
}

private fun EmrHarness.looks(): Int =
    recorded.requests<ListStepsRequest>().count { !it.hasStepIds() }

private fun EmrHarness.twiceWarnings() = warnings.filter { "more than once" in it }

/** A request whose answer came as usual, but that EMR had twice. */
class SurplusStepsTest :
    FunSpec({
        test("while the step that the journal knows is pending, the older one is used") {
            limited {
                val id = madeCluster()
                val (older, younger) = doubled(id, "a")
                perform(watchStep(id, younger, "a"))
                pass(seconds(4))
                all<Event.AttemptAccepted>().map { it.remoteId }.distinct() shouldBe listOf(older)
                // A crash before the journal knows the older one must leave one that it knows.
                state(id, younger) shouldBe StepState.PENDING

                perform(watchStep(id, older, "a"))
                pass(seconds(4))
                state(id, younger) shouldBe StepState.CANCELLED
                twiceWarnings().single() shouldContain "$younger is being cancelled, $older is used"
                runner.complete(older)
                pass(seconds(4))
                all<Event.AttemptSucceeded>().single().task shouldBe "a"
                all<Event.AttemptCancelled>().shouldBeEmpty()
                runner.orders.map { it.stepId } shouldContainExactly listOf(older)
            }
        }

        test("when the step that the journal knows runs, the younger one is cancelled") {
            limited {
                val id = madeCluster()
                val (older, younger) = doubled(id, "a")
                perform(watchStep(id, older, "a"))
                pass(seconds(4))
                state(id, younger) shouldBe StepState.CANCELLED
                state(id, older) shouldBe StepState.RUNNING
                all<Event.AttemptAccepted>().shouldBeEmpty()
                twiceWarnings() shouldHaveSize 1
                pass(minutes(5))
                twiceWarnings() shouldHaveSize 1
            }
        }

        test("a second step that EMR lists late is found when the lag of the listings is over") {
            limited {
                val id = madeCluster()
                val older = madeStep(id, "a #${keyOf("a")}")
                perform(watchStep(id, older, "a"))
                pass(seconds(10))
                val younger = madeStep(id, "a #${keyOf("a")}")
                pass(seconds(10))
                state(id, younger) shouldBe StepState.PENDING
                pass(LAG)
                state(id, younger) shouldBe StepState.CANCELLED
            }
        }

        test("the steps of a batch are found over several pages, and cancelled by one call") {
            limited {
                val id = madeCluster(concurrency = 5)
                val names = List(60) { "s$it" }
                repeat(3) { madeStep(id, "before $it #${keyOf("before$it")}") }
                val older = names.map { madeStep(id, "$it #${keyOf(it)}") }
                val younger = names.map { madeStep(id, "$it #${keyOf(it)}") }
                perform(names.zip(younger) { name, step -> watchStep(id, step, name) })
                pass(LAG.plus(seconds(20)))
                val used = all<Event.AttemptAccepted>().associate { it.task to it.remoteId }
                used shouldBe names.zip(older).toMap()
                perform(names.map { watchStep(id, used.getValue(it), it) })
                pass(seconds(10))
                recorded.requests<CancelStepsRequest>().single().stepIds() shouldContainExactly
                    younger
                twiceWarnings().single() shouldContain "and 59 others"
            }
        }

        test("a step is looked for twice, and then never again") {
            limited {
                val id = madeCluster()
                val step = madeStep(id, "a #${keyOf("a")}")
                perform(watchStep(id, step, "a"))
                pass(minutes(10))
                looks() shouldBe 2
            }
        }

        test("a step that another process has submitted twice is found when the run is resumed") {
            limited {
                val id = madeCluster()
                val (older, younger) = doubled(id, "a")
                effects.takenOver()
                perform(watchStep(id, older, "a"))
                pass(seconds(4))
                state(id, younger) shouldBe StepState.CANCELLED
            }
        }

        test("a cluster that another process has started twice is found when the run is resumed") {
            limited {
                val used = madeCluster("etl #run-1.t1.1")
                val surplus = madeCluster("etl #run-1.t1.1")
                val other = madeCluster("etl #run-2.t1.1")
                perform(watchCluster(used))
                pass(LAG.plus(seconds(10)))
                status(surplus).state() shouldBe ClusterState.TERMINATED
                status(used).state() shouldBe ClusterState.WAITING
                status(other).state() shouldBe ClusterState.WAITING
                twiceWarnings() shouldHaveSize 1
                all<Event.AttemptSucceeded>().map { it.task } shouldContainExactly
                    listOf("start:etl")
            }
        }
    })
