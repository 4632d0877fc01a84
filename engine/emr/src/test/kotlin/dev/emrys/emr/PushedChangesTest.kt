package dev.emrys.emr

import com.google.common.collect.ImmutableMap
import dev.emrys.emulator.StepExit
import dev.emrys.run.Event
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import java.time.Duration
import software.amazon.awssdk.services.emr.model.ClusterState
import software.amazon.awssdk.services.emr.model.StepState
import software.amazon.awssdk.services.emr.model.StepSummary

/** Short enough for no interval to end, long enough for a delayed check. */
private val MOMENT = Duration.ofMillis(500)

private fun pushing(quotas: Quotas = Quotas.NONE, test: EmrHarness.() -> Unit) =
    EmrHarness(wire = false, quotas = quotas, pollInterval = Duration.ofHours(1), pushes = true)
        .use(test)

private fun EmrHarness.submitted(clusterId: String, vararg names: String): Map<String, String> {
    perform(names.map { submit(clusterId, it) })
    return all<Event.AttemptAccepted>().associate { it.task to it.remoteId }
}

private fun EmrHarness.watched(clusterId: String, vararg names: String): Map<String, String> {
    val ids = submitted(clusterId, *names)
    perform(names.map { watchStep(clusterId, ids.getValue(it), it) })
    pass(MOMENT)
    return ids
}

/** A cluster that is up, and nothing is left to be asked for. */
private fun EmrHarness.watchedCluster(): String {
    val id = madeCluster()
    perform(watchCluster(id))
    // As the endpoint does when the subscription begins; the first step that is watched is asked
    // for then.
    subscribers.single().mayHaveMissed()
    val first = submitted(id, "first").getValue("first")
    perform(watchStep(id, first, "first"))
    runner.complete(first)
    told(id, first, StepState.COMPLETED)
    pass(MOMENT)
    events.clear()
    recorded.calls.clear()
    return id
}

private fun EmrHarness.told(clusterId: String, stepId: String, state: StepState) {
    subscribers.single().stepChanged(clusterId, step(stepId, state))
    time.settle()
}

private fun step(id: String, state: StepState): StepSummary =
    StepSummary.builder().id(id).status { it.state(state) }.build()

private fun EmrHarness.fail(stepId: String) =
    runner.end(stepId, StepExit.Failed(time.instant(), "Unknown Error.", null, null))

/** The interval is an hour: what is seen within it was asked for because of a notification. */
class PushedChangesTest :
    FunSpec({
        test("that a step is completed is reported when it is told, without a call") {
            pushing {
                val id = watchedCluster()
                val step = watched(id, "a").getValue("a")
                recorded.calls.clear()
                runner.complete(step)
                val end = time.instant()
                pass(MOMENT)
                subscribers.single().stepChanged(id, steps(id).first())
                all<Event.AttemptSucceeded>() shouldContainExactly
                    listOf(Event.AttemptSucceeded(end, "a", 1))
                time.settle()
                recorded.operations().shouldBeEmpty()
            }
        }

        test("a failure is asked for once when it is told") {
            pushing {
                val id = watchedCluster()
                val step = watched(id, "a").getValue("a")
                recorded.calls.clear()
                fail(step)
                told(id, step, StepState.FAILED)
                all<Event.AttemptFailed>().map { it.reason } shouldContainExactly
                    listOf("Unknown Error.")
                recorded.operations() shouldContainExactly listOf("ListSteps")
            }
        }

        test("that a step runs is reported after a moment, and without a call") {
            pushing {
                val id = watchedCluster()
                val step = submitted(id, "a").getValue("a")
                told(id, step, StepState.RUNNING)
                perform(watchStep(id, step, "a"))
                all<Event.AttemptRunning>().shouldBeEmpty()
                pass(MOMENT)
                all<Event.AttemptRunning>() shouldHaveSize 1
                pass(MOMENT)
                recorded.operations() shouldContainExactly listOf("AddJobFlowSteps")
            }
        }

        test("that a step runs is not reported by itself when it ends sooner") {
            pushing {
                val id = watchedCluster()
                val step = submitted(id, "a").getValue("a")
                perform(watchStep(id, step, "a"))
                told(id, step, StepState.RUNNING)
                runner.complete(step)
                subscribers.single().stepChanged(id, steps(id).first())
                pass(MOMENT)
                events.map { it::class } shouldContainExactly
                    listOf(
                        Event.AttemptAccepted::class,
                        Event.AttemptRunning::class,
                        Event.AttemptSucceeded::class,
                    )
                recorded.operations() shouldContainExactly listOf("AddJobFlowSteps")
            }
        }

        test("a step that ends before it is watched is reported when it is watched") {
            pushing {
                val id = watchedCluster()
                val ids = submitted(id, "good", "bad")
                told(id, ids.getValue("good"), StepState.COMPLETED)
                runner.complete(ids.getValue("good"))
                fail(ids.getValue("bad"))
                told(id, ids.getValue("bad"), StepState.FAILED)
                recorded.calls.clear()
                perform(watchStep(id, ids.getValue("good"), "good"))
                all<Event.AttemptSucceeded>() shouldHaveSize 1
                recorded.operations().shouldBeEmpty()
                perform(watchStep(id, ids.getValue("bad"), "bad"))
                all<Event.AttemptFailed>() shouldHaveSize 1
                recorded.operations() shouldContainExactly listOf("ListSteps")
            }
        }

        test("a step is asked for when more was told before it was watched than is kept") {
            pushing {
                val id = watchedCluster()
                val step = submitted(id, "a").getValue("a")
                runner.complete(step)
                told(id, step, StepState.COMPLETED)
                repeat(2_000) { told(id, "s-other-$it", StepState.COMPLETED) }
                perform(watchStep(id, step, "a"))
                all<Event.AttemptSucceeded>() shouldHaveSize 1
            }
        }

        test("steps that this process did not submit are asked for at once") {
            pushing {
                val id = watchedCluster()
                val step = madeStep(id, "elsewhere")
                runner.complete(step)
                perform(watchStep(id, step, "a"))
                all<Event.AttemptSucceeded>() shouldHaveSize 1
            }
        }

        test("many notifications before the call are served by one call for each cluster") {
            pushing {
                val id = watchedCluster()
                val ids = watched(id, "a", "b", "c")
                recorded.calls.clear()
                ids.values.forEach { fail(it) }
                ids.values.forEach {
                    subscribers.single().stepChanged(id, step(it, StepState.FAILED))
                }
                time.settle()
                all<Event.AttemptFailed>() shouldHaveSize 3
                recorded.operations() shouldContainExactly listOf("ListSteps")
            }
        }

        test("a notification while the steps are listed makes them be listed again") {
            pushing {
                val id = watchedCluster()
                val ids = watched(id, "a", "b")
                recorded.after = {
                    recorded.after = {}
                    // The listing that is under way does not show this end.
                    fail(ids.getValue("b"))
                    subscribers.single().stepChanged(id, step(ids.getValue("b"), StepState.FAILED))
                    time.settle()
                }
                fail(ids.getValue("a"))
                told(id, ids.getValue("a"), StepState.FAILED)
                all<Event.AttemptFailed>().map { it.task } shouldContainExactly listOf("a", "b")
            }
        }

        test("a cluster's start and its end are asked for when they are told") {
            pushing {
                val id = madeCluster()
                perform(watchCluster(id))
                all<Event.AttemptSucceeded>().map { it.task } shouldContainExactly
                    listOf("start:etl")
                end(id)
                subscribers.single().clusterChanged(id, ClusterState.TERMINATED)
                time.settle()
                all<Event.ScopeLost>() shouldHaveSize 1
            }
        }

        test("a change of the cluster while it is described makes it be described again") {
            pushing {
                val id = watchedCluster()
                recorded.after = {
                    recorded.after = {}
                    end(id)
                    subscribers.single().clusterChanged(id, ClusterState.TERMINATED)
                    time.settle()
                }
                subscribers.single().clusterChanged(id, ClusterState.TERMINATING)
                time.settle()
                all<Event.ScopeLost>() shouldHaveSize 1
            }
        }

        test("a cluster that is up is not asked for when it waits for steps or runs one") {
            pushing {
                val id = watchedCluster()
                subscribers.single().clusterChanged(id, ClusterState.RUNNING)
                subscribers.single().clusterChanged(id, ClusterState.WAITING)
                time.settle()
                recorded.operations().shouldBeEmpty()
            }
        }

        test("everything is asked for when notifications may have been lost") {
            pushing {
                val one = watchedCluster()
                val other = madeCluster("other")
                val steps = watched(one, "a") + watched(other, "b")
                steps.values.forEach(runner::complete)
                end(one)
                subscribers.single().mayHaveMissed()
                time.settle()
                all<Event.AttemptSucceeded>().map { it.task }.toSet() shouldBe setOf("a", "b")
                all<Event.ScopeLost>() shouldHaveSize 1
            }
        }

        test("notifications of clusters that are not watched cost no call") {
            pushing {
                watchedCluster()
                subscribers.single().clusterChanged("j-other", ClusterState.TERMINATED)
                told("j-other", "s-1", StepState.FAILED)
                recorded.operations().shouldBeEmpty()
            }
        }

        test("without a token the change is seen when the next one is there") {
            val one = Quotas.Rate(1, 1.0)
            val rates =
                ImmutableMap.of(
                    EmrOperation.LIST_STEPS,
                    one,
                    EmrOperation.DESCRIBE_STEP,
                    one,
                )
            EmrHarness(
                    wire = false,
                    quotas = Quotas(null, rates),
                    pollInterval = minutes(1),
                    pushes = true,
                )
                .use { harness ->
                    with(harness) {
                        val clusters = listOf("a", "b", "c").associateWith { madeCluster(it) }
                        val ids = clusters.map { (name, id) -> id to watched(id, name) }
                        pass(minutes(3))
                        recorded.calls.clear()
                        ids.forEach { (cluster, steps) ->
                            steps.values.forEach {
                                fail(it)
                                subscribers
                                    .single()
                                    .stepChanged(cluster, step(it, StepState.FAILED))
                            }
                        }
                        time.settle()
                        recorded.calls.size shouldBe 2
                        pass(minutes(1))
                        all<Event.AttemptFailed>().map { it.task }.toSet() shouldBe
                            setOf("a", "b", "c")
                    }
                }
        }

        test("there is no subscription while nothing is watched") {
            pushing {
                val id = watchedCluster()
                subscribers shouldHaveSize 1
                perform(endCluster(id))
                pass(Duration.ofHours(2))
                subscribers.shouldBeEmpty()
            }
        }

        test("an account that is closed ends its subscription") {
            pushing {
                watchedCluster()
                account.close()
                subscribers.shouldBeEmpty()
            }
        }
    })
