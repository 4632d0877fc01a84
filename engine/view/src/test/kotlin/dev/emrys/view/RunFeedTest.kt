package dev.emrys.view

import dev.emrys.run.Event
import dev.emrys.run.Outcome
import dev.emrys.run.Phase
import dev.emrys.spec.FailureKind
import dev.emrys.testing.graph
import dev.emrys.testing.retry
import dev.emrys.testing.step
import dev.emrys.view.RunChange.Kind
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

class RunFeedTest :
    FunSpec({
        val graph = graph(step("one", retry = retry(2)), step("two", "one"))
        val clusterUp =
            arrayOf<Event>(
                intended("start:etl", 1),
                accepted("start:etl", 1, "j-1"),
                Event.AttemptSucceeded(NOW, "start:etl", 1),
            )

        test("a feed gives each change once, and reads only the events that are new") {
            val fixture = ViewFixture(graph)
            val feed = fixture.views.follow("r1")
            feed.next().shouldBeEmpty()
            fixture.append(*clusterUp)
            val before = fixture.eventsRead
            feed.next().map { it.kind() } shouldContainExactly
                listOf(Kind.SUBMITTING, Kind.ACCEPTED, Kind.SUCCEEDED)
            feed.next().shouldBeEmpty()
            fixture.eventsRead - before shouldBe 3
        }

        test("a replay begins with the first event of the run") {
            val fixture = ViewFixture(graph)
            fixture.append(*clusterUp)
            fixture.views.replay("r1").next().map { it.kind() to it.task() } shouldContainExactly
                listOf(
                    Kind.STARTED to null,
                    Kind.SUBMITTING to "start:etl",
                    Kind.ACCEPTED to "start:etl",
                    Kind.SUCCEEDED to "start:etl",
                )
        }

        test("the tasks of a feed equal those of a new view after every event") {
            val events =
                listOf(
                    *clusterUp,
                    intended("one", 1),
                    accepted("one", 1, "s-1"),
                    Event.AttemptRunning(NOW, "one", 1),
                    Event.AttemptFailed(NOW, "one", 1, FailureKind.STEP, "Exit code 7.", "log"),
                    Event.RetryPlanned(NOW, "one", 1, NOW.plusSeconds(30)),
                    Event.RetryDue(NOW, "one", 1),
                    intended("one", 2),
                    accepted("one", 2, "s-2"),
                    Event.AttemptRunning(NOW, "one", 2),
                    Event.AttemptTimedOut(NOW, "one", 2),
                    Event.AttemptCancelled(NOW, "one", 2, "timeout"),
                    Event.TaskFailed(NOW, "one", 2),
                    Event.TaskSkipped(NOW, "two", 0, "one"),
                    intended("end:etl", 1),
                    accepted("end:etl", 1, "j-1"),
                    Event.AttemptSucceeded(NOW, "end:etl", 1),
                    Event.RunEnded(NOW, Outcome.FAILED),
                    Event.RunReopened(NOW, "process 7"),
                    intended("start:etl", 2),
                    accepted("start:etl", 2, "j-2"),
                    Event.AttemptSucceeded(NOW, "start:etl", 2),
                    intended("one", 3),
                    accepted("one", 3, "s-3"),
                    Event.ScopeLost(NOW, "start:etl", 2, FailureKind.CLUSTER_LOST, "gone"),
                )
            val fixture = ViewFixture(graph)
            val feed = fixture.views.follow("r1")
            for (event in events) {
                fixture.append(event)
                feed.skip()
                withClue(event) {
                    feed.tasks() shouldContainExactly fixture.views.view("r1").tasks()
                }
            }
            val task = feed.task("one")
            task.phase() shouldBe Phase.ACCEPTED
            task.scopeId() shouldBe "j-2"
            task.remoteId() shouldBe "s-3"
        }

        test("a timeout is told once, and another attempt or another task is not affected") {
            val fixture = ViewFixture(graph)
            fixture.append(*clusterUp, intended("one", 1), accepted("one", 1, "s-1"))
            fixture.append(Event.AttemptRunning(NOW, "one", 1))
            val feed = fixture.views.follow("r1")
            fixture.append(
                Event.AttemptTimedOut(NOW, "one", 1),
                Event.AttemptCancelled(NOW, "one", 1, "EMR says CANCELLED."),
                Event.RetryPlanned(NOW, "one", 1, NOW.plusSeconds(30)),
                Event.RetryDue(NOW, "one", 1),
                intended("one", 2),
                accepted("one", 2, "s-2"),
                Event.AttemptFailed(NOW, "one", 2, FailureKind.STEP, "Exit code 7.", null),
                Event.TaskFailed(NOW, "one", 2),
            )
            feed.next().map { it.kind() } shouldContainExactly
                listOf(
                    Kind.TIMED_OUT,
                    Kind.AFTER_TIMEOUT,
                    Kind.RETRY_PLANNED,
                    Kind.RETRY_DUE,
                    Kind.SUBMITTING,
                    Kind.ACCEPTED,
                    Kind.ATTEMPT_FAILED,
                    Kind.FAILED,
                )
        }
    })
