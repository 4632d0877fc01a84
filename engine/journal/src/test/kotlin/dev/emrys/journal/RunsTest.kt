package dev.emrys.journal

import com.google.common.collect.ImmutableList
import dev.emrys.run.Event
import dev.emrys.run.Outcome
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.optional.shouldBeEmpty
import io.kotest.matchers.shouldBe

class RunsTest :
    FunSpec({
        fun journal() = SqliteJournal.open(tempdir().toPath())

        test("a run is found by its id, its name, and a beginning that only it has") {
            journal().use { journal ->
                journal.create(record("7fa1", "calm-otter"), "{}")
                journal.create(record("7fb2", "calm-newt"), "{}")
                listOf("7fa1", "calm-otter", "7fa", "calm-o").forEach {
                    journal.find(it).get().id() shouldBe "7fa1"
                }
                journal.find("calm-otter").get() shouldBe record("7fa1", "calm-otter")
                listOf("7fc", "otter", "calm-otter-2", "%", "7f_1").forEach {
                    journal.find(it).shouldBeEmpty()
                }
            }
        }

        test("a beginning that several runs have is refused with two of them") {
            journal().use { journal ->
                journal.create(record("7fa1", "calm-otter"), "{}")
                journal.create(record("7fb2", "calm-newt"), "{}")
                shouldThrow<JournalException> { journal.find("calm") }.message shouldBe
                    "\"calm\" may be calm-otter or calm-newt.\n    Write more of the name or the id."
            }
        }

        test("a whole name wins over the beginning of another") {
            journal().use { journal ->
                journal.create(record("1", "calm-otter-2"), "{}")
                journal.create(record("2", "calm-otter"), "{}")
                journal.find("calm-otter").get().id() shouldBe "2"
            }
        }

        test("the newest runs come first, to the nanosecond, and no more than were asked for") {
            journal().use { journal ->
                // Written with as many digits as they need, these four would sort otherwise.
                journal.create(record("b", startedAt = noon), "{}")
                journal.create(record("d", startedAt = noon.plusNanos(123_456_000)), "{}")
                journal.create(record("c", startedAt = noon.plusNanos(123_000_000)), "{}")
                journal.create(record("a", startedAt = noon.minusNanos(1)), "{}")
                journal.runs(10).map { it.id() } shouldContainExactly listOf("d", "c", "b", "a")
                journal.runs(10).map { it.startedAt() } shouldContainExactly
                    listOf(
                        noon.plusNanos(123_456_000),
                        noon.plusNanos(123_000_000),
                        noon,
                        noon.minusNanos(1),
                    )
                journal.runs(2).map { it.id() } shouldContainExactly listOf("d", "c")
            }
        }

        test("an id or a name is given once") {
            journal().use { journal ->
                journal.create(record("1", "calm-otter"), "{}")
                shouldThrow<JournalException> { journal.create(record("1", "other"), "{\"b\":1}") }
                    .message shouldBe
                    "A run with the id 1 or the name other is in the journal already.\n    Start the run again: it gets a new id and a new name."
                shouldThrow<JournalException> { journal.create(record("2", "calm-otter"), "{}") }
                    .message shouldBe
                    "A run with the id 2 or the name calm-otter is in the journal already.\n    Start the run again: it gets a new id and a new name."
                journal.runs(10).map { it.name() } shouldContainExactly listOf("calm-otter")
                journal.spec("1") shouldBe "{}"
            }
        }

        test("the end of a run is set with its event, and cleared when it is reopened") {
            journal().use { journal ->
                journal.create(record("1"), "{}")
                journal.find("1").get().outcome() shouldBe null
                journal
                    .append(
                        "1",
                        1,
                        ImmutableList.of(Event.RunEnded(noon.plusSeconds(9), Outcome.FAILED)),
                    )
                    .soon()
                journal.find("1").get().outcome() shouldBe "FAILED"
                journal.find("1").get().endedAt() shouldBe noon.plusSeconds(9)
                journal
                    .append(
                        "1",
                        2,
                        ImmutableList.of(Event.RunReopened(noon.plusSeconds(10), "ada")),
                    )
                    .soon()
                journal.find("1").get() shouldBe record("1")
                journal
                    .append(
                        "1",
                        3,
                        ImmutableList.of(Event.RunEnded(noon.plusSeconds(11), Outcome.SUCCEEDED)),
                    )
                    .soon()
                journal.runs(1)[0].outcome() shouldBe "SUCCEEDED"
            }
        }

        test("an end that could not be appended is not set") {
            journal().use { journal ->
                journal.create(record("1"), "{}")
                journal.append("1", 1, facts("a")).soon()
                journal
                    .append("1", 1, ImmutableList.of(Event.RunEnded(noon, Outcome.FAILED)))
                    .exceptionally { null }
                    .soon()
                journal.find("1").get().outcome() shouldBe null
            }
        }

        test("the spec of a run that does not exist is refused by its name") {
            journal().use { journal ->
                shouldThrow<JournalException> { journal.spec("nobody") }.message shouldBe
                    "There is no run nobody in this journal."
            }
        }
    })
