package dev.emrys.runtime

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import com.google.common.collect.ImmutableSet
import dev.emrys.cost.HourlyRate
import dev.emrys.drive.Timers
import dev.emrys.journal.InMemoryJournals
import dev.emrys.journal.RunRecord
import dev.emrys.run.Event
import dev.emrys.spec.SpecJson
import dev.emrys.testing.SettableTime
import dev.emrys.testing.cluster
import dev.emrys.testing.pipeline
import dev.emrys.testing.step
import dev.emrys.view.RunViews
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldHaveSingleElement
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith
import java.time.Duration

class BudgetWatchTest :
    FunSpec({
        /** A run with one cluster that costs 6 US dollars an hour at most, and has a budget. */
        class Watched(budget: Double) {
            val time = SettableTime()
            val warnings = ArrayList<String>()
            val cancellations = ArrayList<String>()
            private val journal = InMemoryJournals().open {}
            private val run =
                RunRecord(
                    "r1",
                    "brave-otter",
                    "daily",
                    "",
                    "aws",
                    time.instant(),
                    null,
                    null,
                )
            private val lease =
                journal
                    .runs()
                    .create(
                        run,
                        SpecJson.write(pipeline(listOf(cluster("etl")), listOf(step("one")))),
                    )
            private var seq = 1L
            private val timers = Timers { due, action ->
                val cancel = time.schedule(due, action)
                Timers.Scheduled { cancel() }
            }
            val watch =
                BudgetWatch(
                    budget,
                    ImmutableMap.of("etl", HourlyRate(3.0, 6.0, ImmutableSet.of())),
                    RunViews(journal).uptimes("r1"),
                    timers,
                    time,
                    time,
                    warnings::add,
                    cancellations::add,
                )

            fun append(vararg events: Event) {
                journal.events().append(lease, seq, ImmutableList.copyOf(events)).join()
                seq += events.size
            }

            fun up() =
                append(
                    Event.AttemptIntended(time.instant(), "start:etl", 1, "k"),
                    Event.AttemptAccepted(time.instant(), "start:etl", 1, "j-1"),
                )

            fun down() = append(Event.AttemptSucceeded(time.instant(), "end:etl", 1))
        }

        fun minutes(count: Long) = Duration.ofMinutes(count)

        test("a run is warned of at 80 % of its budget, once, and cancelled when it is reached") {
            val run = Watched(2.0)
            run.watch.begin()
            run.up()
            run.time.pass(minutes(15))
            run.warnings.shouldBeEmpty()
            run.time.pass(minutes(3))
            run.warnings.size shouldBe 1
            run.warnings.single() shouldStartWith "The run has cost \$1.6"
            run.cancellations.shouldBeEmpty()
            run.time.pass(minutes(3))
            run.cancellations shouldHaveSingleElement
                "its budget of \$2.00 (it has cost \$2.00 by estimate)"
            run.warnings.size shouldBe 1
            run.time.idle() shouldBe true
        }

        test("what earlier clusters of the run have cost counts") {
            val run = Watched(2.0)
            run.up()
            run.time.pass(minutes(10))
            run.down()
            run.time.pass(minutes(600))
            run.up()
            run.watch.begin()
            run.time.pass(minutes(9))
            run.cancellations.shouldBeEmpty()
            run.time.pass(minutes(2))
            run.cancellations.size shouldBe 1
        }

        test("a run without a cluster that is there costs nothing, and is looked at rarely") {
            val run = Watched(0.01)
            run.watch.begin()
            run.time.pass(minutes(600))
            run.cancellations.shouldBeEmpty()
            run.up()
            run.time.pass(minutes(2))
            run.cancellations.size shouldBe 1
        }

        test("nothing is looked at after the end of the run") {
            val run = Watched(2.0)
            run.watch.begin()
            run.up()
            run.time.pass(minutes(1))
            run.watch.end()
            run.time.idle() shouldBe true
            run.time.pass(minutes(600))
            run.cancellations.shouldBeEmpty()
        }
    })
