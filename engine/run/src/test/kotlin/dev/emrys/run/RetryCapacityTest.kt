package dev.emrys.run

import com.google.common.collect.ImmutableList
import dev.emrys.spec.ClusterStart
import dev.emrys.spec.FailureCause
import dev.emrys.spec.FailureKind
import dev.emrys.spec.InstanceRole
import dev.emrys.spec.RetryCapacity
import dev.emrys.spec.SourceLocation
import dev.emrys.spec.SpotMarket
import dev.emrys.testing.cluster
import dev.emrys.testing.graph
import dev.emrys.testing.group
import dev.emrys.testing.retry
import dev.emrys.testing.step
import dev.emrys.testing.withRetryCapacities
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.time.Duration

private fun capacity(type: String) =
    RetryCapacity(
        ImmutableList.of(group(InstanceRole.PRIMARY, type, 1)),
        ImmutableList.of(),
        null,
        ImmutableList.of(),
        ImmutableList.of(),
        SourceLocation.UNKNOWN,
    )

private fun newRun(): ManualRun {
    val spot = group(InstanceRole.PRIMARY, "m6g.xlarge", 1, SpotMarket(null))
    val cluster =
        cluster("etl", retry(3), groups = listOf(spot))
            .withRetryCapacities(capacity("m5.xlarge"), capacity("c5.xlarge"))
    return ManualRun(graph(step("a", retry = retry(2)), cluster = cluster))
}

/** The type that the newest start asks for. */
private fun List<Command>.type(): String =
    filterIsInstance<Command.Submit>()
        .map { it.kind() }
        .filterIsInstance<ClusterStart>()
        .single()
        .cluster()
        .instanceGroups()
        .single()
        .instanceType()

private fun ManualRun.refused(): ManualRun =
    accepted("start:etl")
        .failed("start:etl", FailureKind.INTERNAL, "insufficient capacity")
        .retryDue("start:etl")

private fun ManualRun.shortage(): ManualRun =
    accepted("start:etl")
        .take(
            Event.AttemptFailed(
                now,
                "start:etl",
                view("start:etl").attempt(),
                FailureKind.QUOTA,
                "Insufficient capacity.",
                null,
                FailureCause.CAPACITY,
            )
        )
        .retryDue("start:etl")

class RetryCapacityTest :
    FunSpec({
        test("each attempt to start a cluster asks for the capacity of its number") {
            val run = newRun()
            run.commands.type() shouldBe "m6g.xlarge"
            run.refused().commands.type() shouldBe "m5.xlarge"
            run.refused().commands.type() shouldBe "c5.xlarge"
        }

        test("a cluster that is lost is started with the capacity of the next attempt") {
            val run = newRun().up().accepted("a").running("a").lost("start:etl")
            run.failed("a", FailureKind.CLUSTER_LOST).retryDue("a").retryDue("start:etl")
            run.commands.type() shouldBe "m5.xlarge"
        }

        test("a process that takes the run over asks for the same capacity again") {
            newRun().refused().recover().type() shouldBe "m5.xlarge"
        }

        test("a run that continues after its end counts from the first attempt again") {
            val run = newRun().refused().refused().accepted("start:etl")
            run.failed("start:etl", FailureKind.INTERNAL).gone().outcome shouldBe Outcome.FAILED
            run.reopen().commands.type() shouldBe "m6g.xlarge"
        }

        test("a shortage of capacity asks for the next one, and counts as no attempt") {
            val run = newRun()
            listOf("m5.xlarge", "c5.xlarge", "c5.xlarge", "c5.xlarge").forEach {
                run.shortage().commands.type() shouldBe it
            }
            run.phase("start:etl") shouldBe Phase.SUBMITTING
            val restored = RunSnapshot.restore(RunSnapshot.of(run.state).toBytes(), run.graph).get()
            restored.progress(run.graph.indexOf("start:etl")).capacityNumber() shouldBe 5
        }

        test("another capacity is asked for at once, and the last one again after a wait") {
            val run = newRun()
            repeat(3) { run.shortage() }
            val waits =
                run.events.filterIsInstance<Event.RetryPlanned>().map {
                    Duration.between(run.now, it.due()) > Duration.ZERO
                }
            waits shouldContainExactly listOf(false, false, true)
        }

        test("a quota of the account asks for the same capacity again") {
            val run = newRun().failed("start:etl", FailureKind.QUOTA, "too many clusters")
            run.retryDue("start:etl").asked() shouldContainExactly listOf("start etl #2")
            run.commands.type() shouldBe "m6g.xlarge"
        }
    })
