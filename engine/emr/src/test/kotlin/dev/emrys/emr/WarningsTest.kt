package dev.emrys.emr

import dev.emrys.emulator.Fault
import dev.emrys.run.Command
import dev.emrys.run.Event
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.time.Duration

private val COMMANDS =
    mapOf<String, (String) -> Command.ForTarget>(
        "RunJobFlow" to { start() },
        "AddJobFlowSteps" to { submit(it, "a") },
        "TerminateJobFlows" to { endCluster(it) },
        "CancelSteps" to { cancelStep(it, "s-1", "a") },
        "DescribeCluster" to { watchEnd(it) },
    )

class WarningsTest :
    FunSpec({
        for ((operation, command) in COMMANDS) {
            overBoth("a few failures of $operation cause no warning") {
                val id = madeCluster()
                faults.plan(operation, Fault.Throttle(), Fault.ErrorBefore(), Fault.Throttle())
                perform(command(id))
                pass(minutes(10))
                warnings.shouldBeEmpty()
            }

            overBoth(
                "lasting failures of $operation are warned of ever more rarely, and never fail anything"
            ) {
                val id = madeCluster()
                recorded.before = { if (it == operation) throw noAnswer() }
                perform(command(id))
                pass(Duration.ofDays(1))
                events.shouldBeEmpty()
                // A cancellation is two: the interrupt, and the kill that follows.
                val distinct = warnings.distinct()
                distinct[0] shouldContain "Connection reset"
                distinct[0] shouldContain "Tried 4 times"
                distinct[1] shouldContain "Tried 8 times"
                distinct[2] shouldContain "Tried 16 times"
                warnings.size shouldBeInRange 5..30
            }
        }

        overBoth("what was asked is done when the failures end, however long it took") {
            var broken = true
            recorded.before = { if (broken) throw noAnswer() }
            perform(start())
            pass(Duration.ofDays(3))
            broken = false
            pass(minutes(5))
            events shouldHaveSize 1
            all<Event.AttemptAccepted>().single().remoteId shouldBe clusters().single().id()
        }

        overBoth("pauses grow to half a minute, so that a failing service is not called more") {
            recorded.before = { throw noAnswer() }
            perform(start())
            pass(minutes(60))
            val gaps = recorded.calls.zipWithNext { a, b -> Duration.between(a.at, b.at) }
            gaps.first() shouldBe POLL_INTERVAL
            gaps.max() shouldBe seconds(30)
            recorded.calls.size shouldBeInRange 100..140
        }
    })
