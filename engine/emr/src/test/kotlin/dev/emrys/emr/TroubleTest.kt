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
    mapOf<String, (String) -> Command>(
        "RunJobFlow" to { start() },
        "AddJobFlowSteps" to { submit(it, "a") },
        "TerminateJobFlows" to { endCluster(it) },
        "CancelSteps" to { cancelStep(it, "s-1", "a") },
        "DescribeCluster" to { watchEnd(it) },
    )

class TroubleTest :
    FunSpec({
        for ((operation, command) in COMMANDS) {
            overBoth("a little trouble with $operation is nobody's business") {
                val id = madeCluster()
                faults.plan(operation, Fault.Throttle(), Fault.ErrorBefore(), Fault.Throttle())
                perform(command(id))
                pass(minutes(10))
                trouble.shouldBeEmpty()
            }

            overBoth(
                "lasting trouble with $operation is told ever more rarely, and never fails anything"
            ) {
                val id = madeCluster()
                tap.before = { if (it == operation) throw noAnswer() }
                perform(command(id))
                pass(Duration.ofDays(1))
                events.shouldBeEmpty()
                // A cancellation is two: the interrupt, and the kill that follows.
                val told = trouble.distinct()
                told[0] shouldContain "Connection reset"
                told[0] shouldContain "Tried 4 times"
                told[1] shouldContain "Tried 8 times"
                told[2] shouldContain "Tried 16 times"
                trouble.size shouldBeInRange 5..30
            }
        }

        overBoth("what was asked is done when the trouble ends, however long it took") {
            var broken = true
            tap.before = { if (broken) throw noAnswer() }
            perform(start())
            pass(Duration.ofDays(3))
            broken = false
            pass(minutes(5))
            events shouldHaveSize 1
            all<Event.AttemptAccepted>().single().remoteId shouldBe clusters().single().id()
        }

        overBoth("pauses grow to half a minute, so that trouble is not made worse") {
            tap.before = { throw noAnswer() }
            perform(start())
            pass(minutes(60))
            val gaps = tap.calls.zipWithNext { a, b -> Duration.between(a.at, b.at) }
            gaps.first() shouldBe PACE
            gaps.max() shouldBe seconds(30)
            tap.calls.size shouldBeInRange 100..140
        }
    })
