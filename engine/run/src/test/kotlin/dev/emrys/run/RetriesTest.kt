package dev.emrys.run

import com.google.common.collect.ImmutableMap
import dev.emrys.spec.Backoff
import dev.emrys.spec.FailureCause
import dev.emrys.spec.FailureKind
import dev.emrys.spec.RetryPolicy
import dev.emrys.testing.cluster
import dev.emrys.testing.graph
import dev.emrys.testing.retry
import dev.emrys.testing.step
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.longs.shouldBeInRange
import io.kotest.matchers.shouldBe
import java.time.Duration

private fun waits(run: ManualRun): List<Long> =
    run.events.filterIsInstance<Event.RetryPlanned>().map {
        Duration.between(it.at(), it.due()).toSeconds()
    }

/** Fails a step as often as it is tried. */
private fun exhaust(run: ManualRun): ManualRun {
    run.up()
    while (run.phase("a") == Phase.SUBMITTING) {
        run.wait(Duration.ofSeconds(7)).accepted("a").failed("a")
        if (run.phase("a") == Phase.RETRY_WAIT) run.retryDue("a")
    }
    return run
}

class RetriesTest :
    FunSpec({
        test("a failed attempt is tried again after its wait, under a new attempt") {
            val run =
                ManualRun(graph(step("a", retry = retry(2))))
                    .up()
                    .accepted("a")
                    .running("a")
                    .failed("a")
            run.phase("a") shouldBe Phase.RETRY_WAIT
            run.asked() shouldContainExactly listOf("RETRY of a #1 at 2026-01-01T00:00:10Z")
            run.view("a").until() shouldBe run.now.plusSeconds(10)
            run.retryDue("a").asked() shouldContainExactly listOf("submit a #2 on id-start:etl-1")
            run.view("a").runningSince() shouldBe null
            run.done("a").gone().outcome shouldBe Outcome.SUCCEEDED
        }

        fun limited(vararg limits: Pair<FailureCause, Int>) =
            RetryPolicy(
                10,
                Backoff.DEFAULT,
                RetryPolicy.RETRYABLE,
                ImmutableMap.copyOf(limits.toMap()),
            )

        fun ManualRun.failedFor(cause: FailureCause?): ManualRun {
            if (phase("a") == Phase.SUBMITTING) accepted("a")
            return take(
                Event.AttemptFailed(
                    now,
                    "a",
                    view("a").attempt(),
                    FailureKind.STEP,
                    "no",
                    null,
                    cause,
                )
            )
        }

        test("a root cause with a limit is tried as often as it says, others as the policy says") {
            val retry = limited(FailureCause.MISSING_INPUT to 1, FailureCause.NETWORK to 2)
            val run = ManualRun(graph(step("a", retry = retry))).up()
            run.failedFor(FailureCause.NETWORK).retryDue("a")
            run.failedFor(FailureCause.DISK_FULL).retryDue("a")
            run.failedFor(null).retryDue("a")
            run.view("a").cause() shouldBe null
            run.failedFor(FailureCause.NETWORK).phase("a") shouldBe Phase.FAILED
            run.view("a").cause() shouldBe FailureCause.NETWORK

            ManualRun(graph(step("a", retry = retry)))
                .up()
                .failedFor(FailureCause.MISSING_INPUT)
                .phase("a") shouldBe Phase.FAILED
        }

        test("the count for a root cause begins again when the run is reopened") {
            val retry = limited(FailureCause.NETWORK to 1)
            val run =
                ManualRun(graph(step("a", retry = retry)))
                    .up()
                    .failedFor(FailureCause.NETWORK)
                    .gone()
            run.phase("a") shouldBe Phase.FAILED
            run.state
                .progress(run.state.graph().indexOf("a"))
                .failuresFor(FailureCause.NETWORK) shouldBe 1
            val restored =
                RunSnapshot.restore(RunSnapshot.of(run.state).toBytes(), run.state.graph()).get()
            restored
                .progress(run.state.graph().indexOf("a"))
                .failuresFor(FailureCause.NETWORK) shouldBe 1
            run.take(Event.RunReopened(run.now, "ada"))
            run.state
                .progress(run.state.graph().indexOf("a"))
                .failuresFor(FailureCause.NETWORK) shouldBe 0
        }

        test("a timeout counts once for its cause, whatever the cancelled attempt reports") {
            val retry = limited(FailureCause.TIMEOUT to 2)
            val run = ManualRun(graph(step("a", retry = retry))).up().accepted("a").running("a")
            run.timedOut("a").failedFor(FailureCause.KILLED).phase("a") shouldBe Phase.RETRY_WAIT
            run.view("a").cause() shouldBe FailureCause.TIMEOUT
        }

        test("waits double up to the maximum, and the number of attempts is limited") {
            val run = exhaust(ManualRun(graph(step("a", retry = retry(6)), step("b", "a"))))
            waits(run) shouldContainExactly listOf(10L, 20L, 40L, 60L, 60L)
            run.view("a").attempt() shouldBe 6
            run.phases("a", "b") shouldContainExactly listOf(Phase.FAILED, Phase.SKIPPED)
            run.gone().outcome shouldBe Outcome.FAILED
        }

        test(
            "jitter stays within its bounds, differs between tasks, and is the same for the same run"
        ) {
            val jitter = Backoff(Duration.ofSeconds(1000), 1.0, Duration.ofHours(1), 0.2)
            fun spread(run: String) =
                waits(
                    exhaust(ManualRun(graph(step("a", retry = retry(60, backoff = jitter))), run))
                )
            val once = spread("run-1")
            once.size shouldBe 59
            once.forEach { it shouldBeInRange 800L..1200L }
            // Spread over the whole range.
            (once.max() - once.min()).toDouble() shouldBeGreaterThan 200.0
            spread("run-1") shouldContainExactly once
            (spread("run-2") == once) shouldBe false
        }

        test("only what on(...) names is tried again") {
            val policy = retry(3, on = setOf(FailureKind.TIMEOUT, FailureKind.CLUSTER_LOST))
            val run = ManualRun(graph(step("a", retry = policy), step("b", retry = policy))).up()
            run.accepted("a").failed("a", FailureKind.STEP).phase("a") shouldBe Phase.FAILED
            run.accepted("b").failed("b", FailureKind.CLUSTER_LOST).phase("b") shouldBe
                Phase.RETRY_WAIT
        }

        test("an attempt that never ran does not count when its cluster is lost") {
            val twice = graph(listOf(cluster("etl", retry(2))), listOf(step("a"), step("b", "a")))
            // As a step that was waiting on the cluster, and as one that was refused there.
            for (arrived in listOf(true, false)) {
                val run = ManualRun(twice).up().done("a")
                if (arrived) run.accepted("b")
                run.failed("b", FailureKind.CLUSTER_LOST, "Its cluster ended.")
                run.phase("b") shouldBe Phase.RETRY_WAIT
                run.retryDue("b").phase("b") shouldBe Phase.WAITING
                run.lost("start:etl").retryDue("start:etl").asked() shouldContainExactly
                    listOf("start etl #2")
                run.up().asked() shouldContainExactly listOf("submit b #2 on id-start:etl-2")
                run.done("b").gone().outcome shouldBe Outcome.SUCCEEDED
            }
        }

        test("an attempt that ran when its cluster was lost counts") {
            val twice = graph(listOf(cluster("etl", retry(2))), listOf(step("a")))
            val run = ManualRun(twice).up().accepted("a").running("a")
            run.failed("a", FailureKind.CLUSTER_LOST).phase("a") shouldBe Phase.FAILED
        }

        test("a step that exceeded its timeout when its cluster was lost is not sent there again") {
            val policy = retry(2, on = setOf(FailureKind.TIMEOUT))
            val two =
                graph(
                    listOf(cluster("etl", retry(2))),
                    listOf(step("a", retry = policy, timeout = Duration.ofMinutes(5))),
                )
            val run = ManualRun(two).up().accepted("a").running("a").timedOut("a")
            run.failed("a", FailureKind.CLUSTER_LOST).retryDue("a").phase("a") shouldBe
                Phase.WAITING
            run.view("a").failure() shouldBe FailureKind.TIMEOUT
            run.lost("start:etl").retryDue("start:etl").up().asked() shouldContainExactly
                listOf("submit a #2 on id-start:etl-2")
        }

        test("a new attempt does not show the failure of the one before") {
            val run = ManualRun(graph(step("a", retry = retry(2)))).up().accepted("a").failed("a")
            run.view("a").reason() shouldBe "exit 1"
            run.retryDue("a").view("a").reason() shouldBe null
            run.view("a").failure() shouldBe null
        }

        test("a refused request is never sent again") {
            val run =
                ManualRun(graph(step("a", retry = retry(3))))
                    .up()
                    .failed("a", FailureKind.REFUSED, "no such jar")
            run.phase("a") shouldBe Phase.FAILED
            run.view("a").reason() shouldBe "no such jar"
        }

        test("a running step gets a deadline, an accepted one does not") {
            val run =
                ManualRun(graph(step("a", timeout = Duration.ofMinutes(5)))).up().accepted("a")
            run.asked() shouldContainExactly listOf("watch step id-a-1 on id-start:etl-1")
            run.wait(Duration.ofHours(1)).running("a").asked() shouldContainExactly
                listOf("DEADLINE of a #1 at 2026-01-01T01:05:00Z")
        }

        test(
            "a step that exceeds its timeout is cancelled, and retried when EMR has cancelled it"
        ) {
            val run =
                ManualRun(graph(step("a", retry = retry(2), timeout = Duration.ofMinutes(5)))).up()
            run.accepted("a").running("a").timedOut("a").asked() shouldContainExactly
                listOf("cancel id-a-1 on id-start:etl-1")
            run.phase("a") shouldBe Phase.TIMING_OUT
            run.cancelledByEmr("a").phase("a") shouldBe Phase.RETRY_WAIT
            run.view("a").failure() shouldBe FailureKind.TIMEOUT
            run.retryDue("a").done("a").gone().outcome shouldBe Outcome.SUCCEEDED
        }

        test("a step that is reported as failed after its deadline has failed for its timeout") {
            val run =
                ManualRun(
                    graph(
                        step(
                            "a",
                            retry = retry(2, on = setOf(FailureKind.TIMEOUT)),
                            timeout = Duration.ofMinutes(5),
                        )
                    )
                )
            run.up()
                .accepted("a")
                .running("a")
                .timedOut("a")
                .failed("a", FailureKind.STEP, "killed")
            run.phase("a") shouldBe Phase.RETRY_WAIT
            run.view("a").failure() shouldBe FailureKind.TIMEOUT
            run.view("a").reason() shouldBe
                "It ran longer than its timeout of 5 min and was cancelled."
        }

        test("what succeeded before the cancellation reached it has succeeded") {
            val run =
                ManualRun(graph(step("a", timeout = Duration.ofMinutes(5)), step("b", "a"))).up()
            run.accepted("a").running("a").timedOut("a").succeeded("a")
            run.phases("a", "b") shouldContainExactly listOf(Phase.SUCCEEDED, Phase.SUBMITTING)
        }

        test("a deadline of an earlier attempt does not touch the next") {
            val run =
                ManualRun(graph(step("a", retry = retry(2), timeout = Duration.ofMinutes(5)))).up()
            run.accepted("a").running("a").failed("a").retryDue("a").accepted("a").running("a")
            run.state.accepts(Event.AttemptTimedOut(run.now, "a", 1)) shouldBe false
            run.state.accepts(Event.AttemptTimedOut(run.now, "a", 2)) shouldBe true
        }
    })
