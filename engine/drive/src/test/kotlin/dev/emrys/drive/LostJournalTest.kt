package dev.emrys.drive

import dev.emrys.journal.JournalLostException
import dev.emrys.run.Event
import dev.emrys.run.Outcome
import dev.emrys.spec.FailureKind
import dev.emrys.testing.graph
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain as shouldContainText
import java.time.Duration
import java.util.concurrent.CompletableFuture

/** What happens to the clusters of a run whose journal is an older copy, or is lost. */
class LostJournalTest :
    FunSpec({
        test("a run that is taken over ends when what the target still has of it is ended") {
            val first = simple().untilRunning()
            first.driver.abandon()
            first.settle()
            // The journal is restored from a copy that knows no cluster.
            first.journal.durable.subList(1, first.journal.durable.size).clear()
            val second = ManualDriver(first.graph, first.journal)
            second.effects.leftovers = CompletableFuture()
            second.resume()
            second.driver.cancel("ada")
            second.turn()
            second.effects.takenOver shouldBe true
            second.effects.leftoversEnded shouldBe 0
            second.settle()
            second.report(
                Event.AttemptFailed(second.now, "start:etl", 1, FailureKind.REFUSED, "", null)
            )
            second.settle()
            second.effects.leftoversEnded shouldBe 1
            second.kinds() shouldNotContain "RunEnded"
            second.effects.leftovers.complete(null)
            second.settle().outcome() shouldBe Outcome.CANCELLED
            second.effects.leftoversEnded shouldBe 1
        }

        test("a run that is driven from its start has nothing to look for at its end") {
            val run = simple().untilRunning().untilEnded()
            run.outcome() shouldBe Outcome.SUCCEEDED
            run.effects.takenOver shouldBe false
            run.effects.leftoversEnded shouldBe 0
        }

        val lost =
            JournalLostException(
                "The journal j was removed or replaced while this process used it."
            )

        test("when the journal is lost, all that the target has of the run is ended") {
            val run = simple().untilRunning()
            run.effects.ending = CompletableFuture()
            run.driver.journalLost(lost)
            run.settle()
            run.effects.endedEverything shouldBe true
            run.effects.closed shouldBe false
            run.driver.done().isDone shouldBe false
            // Nothing is driven any more.
            run.succeeded("a").settle()
            run.journal.unwritten shouldBe 0
            run.effects.ending.complete(null)
            run.settle()
            run.effects.closed shouldBe true
            run.failure() shouldBe lost
            run.warnings.shouldBeEmpty()
        }

        test("a journal that is found lost by an append is the same") {
            val run = simple().untilRunning().succeeded("a").turn()
            run.journal.fail(lost)
            run.settle()
            run.effects.endedEverything shouldBe true
            run.failure() shouldBe lost
        }

        test("a bug in the end of everything does not keep a driver whose journal is lost") {
            val run = simple().untilRunning()
            run.effects.endingFails = IllegalStateException("for the test")
            run.driver.journalLost(lost)
            run.settle()
            run.failure() shouldBe lost
            run.warnings.single() shouldContainText "may still be up"
        }

        test("a target that does not answer does not keep a driver whose journal is lost") {
            val run = simple().untilRunning()
            run.effects.ending = CompletableFuture()
            run.driver.journalLost(lost)
            run.settle().wait(Duration.ofSeconds(14)).driver.done().isDone shouldBe false
            run.wait(Duration.ofSeconds(1)).driver.done().isCompletedExceptionally shouldBe true
            run.warnings.single() shouldContainText "may still be up"
        }
    })
