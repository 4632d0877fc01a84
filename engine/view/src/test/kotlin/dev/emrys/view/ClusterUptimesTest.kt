package dev.emrys.view

import dev.emrys.run.Event
import dev.emrys.spec.FailureKind
import dev.emrys.testing.graph
import dev.emrys.testing.step
import dev.emrys.view.ClusterUptimes.Uptime
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

class ClusterUptimesTest :
    FunSpec({
        fun at(minutes: Long) = NOW.plusSeconds(60 * minutes)

        fun accepted(task: String, attempt: Int, minutes: Long) =
            Event.AttemptAccepted(at(minutes), task, attempt, "j-$attempt")

        test("a cluster is there from its acceptance until its end was seen") {
            val fixture = ViewFixture(graph(step("one")))
            val uptimes = fixture.views.uptimes("r1")
            uptimes.read() shouldBe listOf()
            fixture.append(intended("start:etl", 1), accepted("start:etl", 1, 1))
            uptimes.read() shouldBe listOf(Uptime("etl", at(1), null))
            fixture.append(
                Event.AttemptSucceeded(at(8), "start:etl", 1),
                intended("end:etl", 1),
                Event.AttemptSucceeded(at(30), "end:etl", 1),
            )
            uptimes.read() shouldBe listOf(Uptime("etl", at(1), at(30)))
        }

        test("clusters that failed to start or were lost count, and those after them") {
            val fixture = ViewFixture(graph(step("one")))
            fixture.append(
                intended("start:etl", 1),
                accepted("start:etl", 1, 1),
                Event.AttemptFailed(at(5), "start:etl", 1, FailureKind.BOOTSTRAP, "Exit 1.", null),
                accepted("start:etl", 2, 6),
                Event.AttemptSucceeded(at(9), "start:etl", 2),
                Event.ScopeLost(at(20), "start:etl", 2, FailureKind.CLUSTER_LOST, "Spot."),
                accepted("start:etl", 3, 21),
            )
            fixture.views.uptimes("r1").read() shouldBe
                listOf(
                    Uptime("etl", at(1), at(5)),
                    Uptime("etl", at(6), at(20)),
                    Uptime("etl", at(21), null),
                )
        }

        test("a cluster that is kept counts until its run has no more use for it") {
            val fixture = ViewFixture(graph(step("one")))
            fixture.append(
                intended("start:etl", 1),
                accepted("start:etl", 1, 1),
                Event.AttemptSucceeded(at(8), "start:etl", 1),
                Event.TaskSkipped(at(40), "end:etl", 0, "end:etl"),
            )
            fixture.views.uptimes("r1").read() shouldBe listOf(Uptime("etl", at(1), at(40)))
        }

        test("a second read reads the new events only, and tells of all clusters") {
            val fixture = ViewFixture(graph(step("one")))
            fixture.append(intended("start:etl", 1), accepted("start:etl", 1, 1))
            val uptimes = fixture.views.uptimes("r1")
            uptimes.read()
            val before = fixture.eventsRead
            fixture.append(Event.AttemptSucceeded(at(8), "start:etl", 1))
            uptimes.read() shouldBe listOf(Uptime("etl", at(1), null))
            fixture.eventsRead - before shouldBe 1
        }
    })
