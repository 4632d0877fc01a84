package dev.emrys.emr

import dev.emrys.emulator.EmulatorSettings
import dev.emrys.emulator.Fault
import dev.emrys.run.Event
import dev.emrys.spec.FailureKind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import software.amazon.awssdk.services.emr.model.AddJobFlowStepsRequest

/** All strings of a step together may have 10,240 characters, each argument alone 10,280. */
private fun tooLong(name: String) = stepSpec(name, listOf("x".repeat(10_250)))

private fun EmrHarness.submissions() =
    recorded.requests<AddJobFlowStepsRequest>().map { request ->
        request.steps().map { it.name().substringBefore(' ') }
    }

class BatchTest :
    FunSpec({
        overBoth("nothing is done on the caller's thread") {
            submitOnly(start(), submit("j-1", "a"))
            recorded.calls.shouldBeEmpty()
        }

        overBoth("steps that are ready together go out in one call, in their order") {
            val id = madeCluster()
            perform(submit(id, "c"), submit(id, "a"), submit(id, "b"))
            submissions() shouldContainExactly listOf(listOf("c", "a", "b"))
            val ids = steps(id).associate { it.name().substringBefore(' ') to it.id() }
            all<Event.AttemptAccepted>().map { it.task to it.remoteId } shouldContainExactly
                listOf("c" to ids["c"], "a" to ids["a"], "b" to ids["b"])
        }

        overBoth("each runtime role gets its own call, in the order of the steps") {
            val id = madeCluster(concurrency = 10)
            fun submit(name: String, role: String?) =
                submit(id, name, spec = stepSpec(name, runtimeRole = role))
            val (one, other) = listOf("one", "other").map { "arn:aws:iam::123456789012:role/$it" }
            perform(
                submit("a", one),
                submit("b", one),
                submit("c", null),
                submit("d", other),
                submit("e", one),
            )
            submissions() shouldContainExactly
                listOf(listOf("a", "b"), listOf("c"), listOf("d"), listOf("e"))
            recorded.requests<AddJobFlowStepsRequest>().map { it.executionRoleArn() } shouldBe
                listOf(one, null, other, one)
            steps(id).associate { step ->
                step.name().substringBefore(' ') to
                    emulator
                        .describeStep { it.clusterId(id).stepId(step.id()) }
                        .step()
                        .executionRoleArn()
            } shouldBe mapOf("a" to one, "b" to one, "c" to null, "d" to other, "e" to one)
        }

        overBoth("each cluster gets its own call") {
            val one = madeCluster()
            val two = madeCluster()
            perform(submit(one, "a"), submit(two, "b"), submit(one, "c"))
            recorded.requests<AddJobFlowStepsRequest>().associate {
                it.jobFlowId() to it.steps().size
            } shouldBe mapOf(one to 2, two to 1)
        }

        overBoth("what is certain does not wait for what must be looked up") {
            val id = madeCluster(concurrency = 10)
            perform(submit(id, "a", uncertain = true), submit(id, "b"))
            submissions() shouldContainExactly listOf(listOf("b"))
            pass(minutes(5))
            submissions() shouldContainExactly listOf(listOf("b"), listOf("a"))
            steps(id) shouldHaveSize 2
        }

        overBoth("one step that EMR refuses does not hold up the others") {
            val id = madeCluster(concurrency = 100)
            val names = (1..20).map { "s$it" }
            perform(
                names.map { submit(id, it, spec = if (it == "s7") tooLong(it) else stepSpec(it)) }
            )
            pass(minutes(5))
            all<Event.AttemptAccepted>().map { it.task } shouldContainExactlyInAnyOrder names - "s7"
            val failed = all<Event.AttemptFailed>().single()
            failed.task shouldBe "s7"
            failed.failure shouldBe FailureKind.REFUSED
            failed.reason shouldContain "must not exceed 10240"
            steps(id) shouldHaveSize 19
            // One at a time would take 21 of a quota of 10 and one in two seconds.
            submissions().size shouldBeLessThan 12
        }

        overBoth("steps for a cluster that has ended have lost it, and are asked for once") {
            val id = madeCluster()
            end(id)
            perform((1..20).map { submit(id, "s$it") })
            all<Event.AttemptFailed>().map { it.failure }.distinct() shouldContainExactly
                listOf(FailureKind.CLUSTER_LOST)
            events shouldHaveSize 20
            submissions() shouldHaveSize 1
        }

        overBoth("a step for a cluster that EMR does not know is refused") {
            perform(submit("j-UNKNOWN", "a"))
            all<Event.AttemptFailed>().single().failure shouldBe FailureKind.REFUSED
        }

        overBoth("300 steps for one cluster wait at EMR's limit of 256, and all get in") {
            val id = madeCluster(concurrency = 256)
            perform((1..300).map { submit(id, "s$it") })
            pass(minutes(10))
            all<Event.AttemptAccepted>() shouldHaveSize 256
            runner.running().take(60).forEach { runner.complete(it) }
            pass(minutes(10))
            all<Event.AttemptAccepted>() shouldHaveSize 300
            all<Event.AttemptAccepted>().map { it.remoteId }.distinct() shouldHaveSize 300
            all<Event.AttemptFailed>().shouldBeEmpty()
            steps(id) shouldHaveSize 300
        }

        overBoth("however many steps wait at the limit, one call at a time asks for capacity") {
            val id = madeCluster(concurrency = 256)
            perform((1..250).map { submit(id, "s$it") })
            // Ready one by one, as they are when what they wait for ends one by one.
            (251..300).forEach { perform(submit(id, "s$it")) }
            all<Event.AttemptAccepted>() shouldHaveSize 256
            // The three batches, six that fitted, and the first that did not: the others wait
            // in the queue.
            submissions() shouldHaveSize 10
            recorded.calls.clear()
            pass(minutes(1))
            submissions().size shouldBeLessThan 16
            recorded.calls.clear()
            runner.running().take(100).forEach { runner.complete(it) }
            pass(minutes(1))
            all<Event.AttemptAccepted>() shouldHaveSize 300
            events shouldHaveSize 300
            submissions().map { it.size } shouldContainExactly listOf(1, 43)
        }

        overBoth("a lost answer of a step that waited at the limit does not submit it twice") {
            val id = madeCluster(concurrency = 256)
            perform((1..300).map { submit(id, "s$it") })
            pass(seconds(10))
            faults.plan("AddJobFlowSteps", Fault.ErrorAfter(), Fault.Throttle())
            runner.running().take(100).forEach { runner.complete(it) }
            pass(minutes(10))
            all<Event.AttemptAccepted>() shouldHaveSize 300
            steps(id) shouldHaveSize 300
        }

        overBoth("a cluster that ends while steps wait at its limit has lost them") {
            val id = madeCluster(concurrency = 256)
            perform((1..300).map { submit(id, "s$it") })
            end(id)
            pass(minutes(1))
            all<Event.AttemptFailed>().map { it.failure } shouldContainExactly
                List(100) { FailureKind.CLUSTER_LOST }
        }

        overBoth(
            "steps can be submitted while the cluster still starts",
            EmulatorSettings.DEFAULT.withDelays(minutes(4), minutes(2), minutes(1)),
        ) {
            perform(start())
            val id = clusters().single().id()
            perform(submit(id, "a"))
            all<Event.AttemptAccepted>() shouldHaveSize 2
        }
    })
