package dev.emrys.view

import com.google.common.collect.ImmutableList
import dev.emrys.journal.JournalException
import dev.emrys.run.Event
import dev.emrys.run.Outcome
import dev.emrys.run.Phase
import dev.emrys.spec.FailureKind
import dev.emrys.spec.SourceLocation
import dev.emrys.spec.WaitSpec
import dev.emrys.testing.graph
import dev.emrys.testing.retry
import dev.emrys.testing.step
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.time.Duration

class RunViewsTest :
    FunSpec({
        val graph = graph(step("one", retry = retry(2)), step("two", "one"), step("three"))

        test("a run is running while a process drives it, then interrupted, then as it ended") {
            val fixture = ViewFixture(graph)
            fun status() = fixture.views.find("brave-otter").get().status()
            status() shouldBe RunStatus.RUNNING
            fixture.views.list(5).single().driver()?.pid() shouldBe ProcessHandle.current().pid()
            fixture.append(Event.CancelRequested(NOW, "a test"))
            fixture.append(Event.RunEnded(NOW.plusSeconds(9), Outcome.CANCELLED))
            status() shouldBe RunStatus.CANCELLED
            fixture.views.view("r1").header().duration(NOW.plusSeconds(60)) shouldBe
                Duration.ofSeconds(9)
        }

        test("events that do not fit the run are left out, and the view says so") {
            val fixture = ViewFixture(graph)
            fixture.views.view("r1").unfit().isPresent shouldBe false
            fixture.append(
                intended("start:etl", 1),
                intended("start:etl", 1),
                accepted("start:etl", 1, "j-1"),
            )
            val feed = fixture.views.follow("r1")
            feed.view().task("start:etl").get().phase() shouldBe Phase.ACCEPTED
            feed.view().unfit().get() shouldContain "an event that does not fit the run"
            fixture.append(Event.AttemptSucceeded(NOW, "one", 7))
            feed.skip()
            feed.view().unfit().isPresent shouldBe true
            fixture.views.replay("r1").also { it.skip() }.view().unfit().get() shouldContain
                "2 events that do not fit the run"
        }

        test("a run whose process has stopped is interrupted, and its time goes on") {
            val fixture = ViewFixture(graph)
            fixture.release()
            val run = fixture.views.view("r1").header()
            run.status() shouldBe RunStatus.INTERRUPTED
            run.duration(NOW.plusSeconds(60)) shouldBe Duration.ofSeconds(60)
        }

        test("steps, what they wait for, and those that nothing waits for") {
            val run = ViewFixture(graph).views.view("r1")
            run.steps().map { it.id() } shouldContainExactly listOf("one", "two", "three")
            run.upstream("two").map { it.id() } shouldContainExactly listOf("one")
            run.finalSteps().map { it.id() } shouldContainExactly listOf("two", "three")
            run.clusters().single().end().id() shouldBe "end:etl"
            run.tasks().map { it.kind() }.toSet() shouldBe
                setOf(TaskView.Kind.CLUSTER, TaskView.Kind.STEP)
        }

        test("a wait is a task, and no step") {
            val pause =
                WaitSpec(
                    "pause",
                    Duration.ofMinutes(5),
                    ImmutableList.of("one"),
                    SourceLocation.UNKNOWN,
                )
            val run = ViewFixture(graph(step("one"), pause)).views.view("r1")
            run.steps().map { it.id() } shouldContainExactly listOf("one")
            run.task("pause").get().kind() shouldBe TaskView.Kind.OTHER_TASK
        }

        test("an attempt before the newest is found with the cluster that it ran on") {
            val fixture = ViewFixture(graph)
            fixture.append(
                intended("start:etl", 1),
                accepted("start:etl", 1, "j-1"),
                Event.AttemptSucceeded(NOW, "start:etl", 1),
                intended("one", 1),
                accepted("one", 1, "s-1"),
                Event.AttemptFailed(NOW, "one", 1, FailureKind.STEP, "Exit code 7.", null),
                Event.RetryPlanned(NOW, "one", 1, NOW),
                Event.RetryDue(NOW, "one", 1),
                intended("one", 2),
            )
            fixture.views.attempt("r1", "one", 1).get() shouldBe AttemptView("one", 1, "j-1", "s-1")
            fixture.views.attempt("r1", "one", 2).isEmpty shouldBe true
        }

        test("a run that the journal does not have is reported by name") {
            shouldThrow<JournalException> { ViewFixture(graph).views.view("nothing") }
                .message!!
                .contains("nothing") shouldBe true
        }
    })
