package dev.emrys.run

import dev.emrys.spec.Backoff
import dev.emrys.spec.FailureKind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.longs.shouldBeInRange
import io.kotest.matchers.shouldBe
import java.time.Duration

private fun waits(hand: Hand): List<Long> =
    hand.events.filterIsInstance<Event.RetryPlanned>().map {
        Duration.between(it.at(), it.due()).toSeconds()
    }

/** Fails a step as often as it is tried. */
private fun exhaust(hand: Hand): Hand {
    hand.up()
    while (hand.phase("a") == Phase.INTENDED) {
        hand.wait(Duration.ofSeconds(7)).accepted("a").failed("a")
        if (hand.phase("a") == Phase.BACKOFF) hand.retryDue("a")
    }
    return hand
}

class RetriesTest :
    FunSpec({
        test("a failed attempt is tried again after its wait, under a new attempt") {
            val hand =
                Hand(graph(step("a", retry = retry(2)))).up().accepted("a").running("a").failed("a")
            hand.phase("a") shouldBe Phase.BACKOFF
            hand.asked() shouldContainExactly listOf("RETRY of a #1 at 2026-01-01T00:00:10Z")
            hand.view("a").until() shouldBe hand.now.plusSeconds(10)
            hand.retryDue("a").asked() shouldContainExactly listOf("submit a #2 on id-start:etl-1")
            hand.view("a").runningSince() shouldBe null
            hand.done("a").gone().outcome shouldBe Outcome.SUCCEEDED
        }

        test("waits double up to the longest, and the attempts come to an end") {
            val hand = exhaust(Hand(graph(step("a", retry = retry(6)), step("b", "a"))))
            waits(hand) shouldContainExactly listOf(10L, 20L, 40L, 60L, 60L)
            hand.view("a").attempt() shouldBe 6
            hand.phases("a", "b") shouldContainExactly listOf(Phase.FAILED, Phase.SKIPPED)
            hand.gone().outcome shouldBe Outcome.FAILED
        }

        test("jitter stays within its bounds, parts the tasks, and is the same for the same run") {
            val jitter = Backoff(Duration.ofSeconds(1000), 1.0, Duration.ofHours(1), 0.2)
            fun spread(run: String) =
                waits(exhaust(Hand(graph(step("a", retry = retry(60, backoff = jitter))), run)))
            val once = spread("run-1")
            once.size shouldBe 59
            once.forEach { it shouldBeInRange 800L..1200L }
            // Spread over the whole of it, not stuck at one place.
            (once.max() - once.min()).toDouble() shouldBeGreaterThan 200.0
            spread("run-1") shouldContainExactly once
            (spread("run-2") == once) shouldBe false
        }

        test("only what on(...) names is tried again") {
            val policy = retry(3, on = setOf(FailureKind.TIMEOUT, FailureKind.CLUSTER_LOST))
            val hand = Hand(graph(step("a", retry = policy), step("b", retry = policy))).up()
            hand.accepted("a").failed("a", FailureKind.STEP).phase("a") shouldBe Phase.FAILED
            hand.accepted("b").failed("b", FailureKind.CLUSTER_LOST).phase("b") shouldBe
                Phase.BACKOFF
        }

        test("an attempt that never ran costs nothing when its cluster goes") {
            val twice = graph(listOf(cluster("etl", retry(2))), listOf(step("a"), step("b", "a")))
            // As a step that was waiting on the cluster, and as one that was refused there.
            for (arrived in listOf(true, false)) {
                val hand = Hand(twice).up().done("a")
                if (arrived) hand.accepted("b")
                hand.failed("b", FailureKind.CLUSTER_LOST, "Its cluster ended.")
                hand.phase("b") shouldBe Phase.BACKOFF
                hand.retryDue("b").phase("b") shouldBe Phase.WAITING
                hand.lost("start:etl").retryDue("start:etl").asked() shouldContainExactly
                    listOf("start etl #2")
                hand.up().asked() shouldContainExactly listOf("submit b #2 on id-start:etl-2")
                hand.done("b").gone().outcome shouldBe Outcome.SUCCEEDED
            }
        }

        test("an attempt that had begun when its cluster went is spent") {
            val twice = graph(listOf(cluster("etl", retry(2))), listOf(step("a")))
            val hand = Hand(twice).up().accepted("a").running("a")
            hand.failed("a", FailureKind.CLUSTER_LOST).phase("a") shouldBe Phase.FAILED
        }

        test("what was over its deadline when its cluster went is not sent there again") {
            val policy = retry(2, on = setOf(FailureKind.TIMEOUT))
            val two =
                graph(
                    listOf(cluster("etl", retry(2))),
                    listOf(step("a", retry = policy, timeout = Duration.ofMinutes(5))),
                )
            val hand = Hand(two).up().accepted("a").running("a").timedOut("a")
            hand.failed("a", FailureKind.CLUSTER_LOST).retryDue("a").phase("a") shouldBe
                Phase.WAITING
            hand.view("a").failure() shouldBe FailureKind.TIMEOUT
            hand.lost("start:etl").retryDue("start:etl").up().asked() shouldContainExactly
                listOf("submit a #2 on id-start:etl-2")
        }

        test("a new attempt does not carry what the one before it failed of") {
            val hand = Hand(graph(step("a", retry = retry(2)))).up().accepted("a").failed("a")
            hand.view("a").reason() shouldBe "exit 1"
            hand.retryDue("a").view("a").reason() shouldBe null
            hand.view("a").failure() shouldBe null
        }

        test("a refused request is never sent again") {
            val hand =
                Hand(graph(step("a", retry = retry(3))))
                    .up()
                    .failed("a", FailureKind.REFUSED, "no such jar")
            hand.phase("a") shouldBe Phase.FAILED
            hand.view("a").reason() shouldBe "no such jar"
        }

        test("a running step gets a deadline, an accepted one does not") {
            val hand = Hand(graph(step("a", timeout = Duration.ofMinutes(5)))).up().accepted("a")
            hand.asked() shouldContainExactly listOf("watch step id-a-1 on id-start:etl-1")
            hand.wait(Duration.ofHours(1)).running("a").asked() shouldContainExactly
                listOf("DEADLINE of a #1 at 2026-01-01T01:05:00Z")
        }

        test("a step over its deadline is cancelled, and tried again when EMR has done so") {
            val hand =
                Hand(graph(step("a", retry = retry(2), timeout = Duration.ofMinutes(5)))).up()
            hand.accepted("a").running("a").timedOut("a").asked() shouldContainExactly
                listOf("cancel id-a-1 on id-start:etl-1")
            hand.phase("a") shouldBe Phase.TIMING_OUT
            hand.cancelledByEmr("a").phase("a") shouldBe Phase.BACKOFF
            hand.view("a").failure() shouldBe FailureKind.TIMEOUT
            hand.retryDue("a").done("a").gone().outcome shouldBe Outcome.SUCCEEDED
        }

        test("what comes back as failed after its deadline failed for the timeout") {
            val hand =
                Hand(
                    graph(
                        step(
                            "a",
                            retry = retry(2, on = setOf(FailureKind.TIMEOUT)),
                            timeout = Duration.ofMinutes(5),
                        )
                    )
                )
            hand
                .up()
                .accepted("a")
                .running("a")
                .timedOut("a")
                .failed("a", FailureKind.STEP, "killed")
            hand.phase("a") shouldBe Phase.BACKOFF
            hand.view("a").failure() shouldBe FailureKind.TIMEOUT
            hand.view("a").reason() shouldBe
                "It ran longer than its timeout of 5 min and was cancelled."
        }

        test("what succeeded before the cancellation reached it has succeeded") {
            val hand = Hand(graph(step("a", timeout = Duration.ofMinutes(5)), step("b", "a"))).up()
            hand.accepted("a").running("a").timedOut("a").succeeded("a")
            hand.phases("a", "b") shouldContainExactly listOf(Phase.SUCCEEDED, Phase.INTENDED)
        }

        test("a deadline of an earlier attempt does not touch the next") {
            val hand =
                Hand(graph(step("a", retry = retry(2), timeout = Duration.ofMinutes(5)))).up()
            hand.accepted("a").running("a").failed("a").retryDue("a").accepted("a").running("a")
            hand.state.accepts(Event.AttemptTimedOut(hand.now, "a", 1)) shouldBe false
            hand.state.accepts(Event.AttemptTimedOut(hand.now, "a", 2)) shouldBe true
        }
    })
