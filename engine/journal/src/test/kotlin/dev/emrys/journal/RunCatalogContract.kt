package dev.emrys.journal

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import dev.emrys.run.Event
import dev.emrys.run.Outcome
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.optional.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import java.time.Instant
import java.time.LocalDate
import java.util.concurrent.CompletionException

suspend fun FunSpecContainerScope.runCatalogContract(newStore: () -> Store) {
    fun Journal.add(run: RunRecord, spec: String = "{}") = runs().create(run, spec).close()

    test("a run is found by its id, its name, and a prefix that belongs to it alone") {
        newStore().open().use { journal ->
            journal.add(record("7fa1", "calm-otter"))
            journal.add(record("7fb2", "calm-newt"))
            listOf("7fa1", "calm-otter", "7fa", "calm-o").forEach {
                journal.runs().find(it).get().id() shouldBe "7fa1"
            }
            journal.runs().find("calm-otter").get() shouldBe record("7fa1", "calm-otter")
            listOf("7fc", "otter", "calm-otter-2", "%", "7f_1").forEach {
                journal.runs().find(it).shouldBeEmpty()
            }
        }
    }

    test("a prefix of several runs is refused with two of them") {
        newStore().open().use { journal ->
            journal.add(record("7fa1", "calm-otter"))
            journal.add(record("7fb2", "calm-newt"))
            journal.add(record("7fc3", "calm-wren"))
            shouldThrow<AmbiguousRunException> { journal.runs().find("calm") }.message shouldBe
                "\"calm\" matches both calm-otter and calm-newt.\n    Write more of the name or the id."
        }
    }

    test("a complete name takes precedence over the prefix of another") {
        newStore().open().use { journal ->
            journal.add(record("1", "calm-otter-2"))
            journal.add(record("2", "calm-otter"))
            journal.runs().find("calm-otter").get().id() shouldBe "2"
        }
    }

    test("the newest runs come first, to the nanosecond, and no more than were asked for") {
        newStore().open().use { journal ->
            // Written with as many digits as they need, these four would sort otherwise.
            journal.add(record("b", startedAt = noon))
            journal.add(record("d", startedAt = noon.plusNanos(123_456_000)))
            journal.add(record("c", startedAt = noon.plusNanos(123_000_000)))
            journal.add(record("a", startedAt = noon.minusNanos(1)))
            journal.runs().list(10).map { it.id() } shouldContainExactly listOf("d", "c", "b", "a")
            journal.runs().list(10).map { it.startedAt() } shouldContainExactly
                listOf(
                    noon.plusNanos(123_456_000),
                    noon.plusNanos(123_000_000),
                    noon,
                    noon.minusNanos(1),
                )
            journal.runs().list(2).map { it.id() } shouldContainExactly listOf("d", "c")
        }
    }

    test("succeeded runs of a pipeline are found by their ends, with the time that they are for") {
        val store = newStore()
        val logical =
            LogicalTime(
                LocalDate.parse("2026-01-01"),
                noon.minusSeconds(60),
                "Europe/Berlin",
                noon.minusSeconds(86_460),
            )
        fun Journal.ended(run: RunRecord, outcome: Outcome, at: Instant) {
            runs().create(run, "{}").use { lease ->
                events().append(lease, 1, ImmutableList.of(Event.RunEnded(at, outcome))).soon()
            }
        }
        fun run(id: String, pipeline: String = "daily", logical: LogicalTime? = null) =
            RunRecord(id, id, pipeline, "", "local", noon, null, null, logical)
        store.open().use { journal ->
            journal.ended(run("late", logical = logical), Outcome.SUCCEEDED, noon.plusSeconds(9))
            journal.ended(run("first"), Outcome.SUCCEEDED, noon.minusNanos(1))
            journal.ended(run("second"), Outcome.SUCCEEDED, noon)
            journal.ended(run("failed"), Outcome.FAILED, noon.plusSeconds(1))
            journal.ended(run("other", pipeline = "daily2"), Outcome.SUCCEEDED, noon.plusSeconds(1))
            journal.runs().create(run("running"), "{}").close()
        }
        store.open().use { journal ->
            val found = journal.runs().succeeded("daily", noon, 10)
            found.map { it.id() } shouldContainExactly listOf("second", "late")
            found.map { it.endedAt() } shouldContainExactly listOf(noon, noon.plusSeconds(9))
            found.map { it.logicalTime() } shouldContainExactly listOf(null, logical)
            journal.runs().succeeded("daily", Instant.EPOCH, 1).map { it.id() } shouldContainExactly
                listOf("first")
        }
    }

    test("the settings of a run's target are kept, also when the run has ended") {
        val store = newStore()
        val settings = ImmutableMap.of("account", "123456789012", "region", "eu-central-1")
        val run = RunRecord("7fa1", "otter", "daily", "", "aws", noon, null, null, null, settings)
        store.open().use { journal ->
            journal.add(record("7fb2", "newt"))
            journal.runs().create(run, "{}").use { lease ->
                val end = Event.RunEnded(noon, Outcome.SUCCEEDED)
                journal.events().append(lease, 1, ImmutableList.of(end)).soon()
            }
        }
        store.open().use { journal ->
            journal.runs().find("otter").get().targetSettings() shouldBe settings
            journal.runs().find("newt").get().targetSettings() shouldBe
                ImmutableMap.of<String, String>()
        }
    }

    test("an id or a name is used once, and the refusal holds no lease") {
        newStore().open().use { journal ->
            journal.add(record("1", "calm-otter"))
            shouldThrow<DuplicateRunException> { journal.add(record("1", "other"), "{\"b\":1}") }
                .message shouldBe
                "A run with the id 1 or the name other is already in the journal.\n    Start the run again: it gets a new id and a new name."
            shouldThrow<DuplicateRunException> { journal.add(record("2", "calm-otter")) }
                .message shouldBe
                "A run with the id 2 or the name calm-otter is already in the journal.\n    Start the run again: it gets a new id and a new name."
            journal.runs().list(10).map { it.name() } shouldContainExactly listOf("calm-otter")
            journal.runs().spec("1").decodeToString() shouldBe "{}"
            journal.leases().holder("1").shouldBeEmpty()
            journal.add(record("2", "calm-newt"))
        }
    }

    test(
        "of runs that begin at the same time each name is recorded once, with a lease of its own"
    ) {
        newStore().open().use { journal ->
            val begun =
                (1..20).map {
                    journal.runs().begin(record("r$it", "name-${it % 10}"), "{\"n\":$it}")
                }
            val leases = begun.mapNotNull { it.handle { lease, _ -> lease }.join() }
            leases.size shouldBe 10
            begun
                .filter { it.isCompletedExceptionally }
                .forEach {
                    shouldThrow<CompletionException> { it.join() }
                        .cause
                        .shouldBeInstanceOf<DuplicateRunException>()
                }
            journal.runs().list(20).map { it.id() }.toSet() shouldBe leases.map { it.run() }.toSet()
            leases.forEach {
                journal.runs().spec(it.run()).decodeToString() shouldBe
                    "{\"n\":${it.run().drop(1)}}"
                journal.leases().acquire(it.run()).shouldBeEmpty()
                it.close()
            }
            // Also the runs that were refused hold no lock.
            (1..20).forEach { journal.leases().holder("r$it").shouldBeEmpty() }
        }
    }

    test("a run does not begin in a closed journal") {
        val journal = newStore().open()
        journal.close()
        shouldThrow<CompletionException> { journal.runs().begin(record("r1"), "{}").join() }
            .cause
            .shouldBeInstanceOf<JournalException>()
        shouldThrow<JournalException> { journal.runs().create(record("r1"), "{}") }
    }

    test("the id of a run that is driven is refused as used") {
        newStore().open().use { journal ->
            journal.runs().create(record("1", "calm-otter"), "{}").use {
                shouldThrow<DuplicateRunException> { journal.add(record("1", "other")) }
                journal.leases().acquire("1").shouldBeEmpty()
            }
        }
    }

    test("the spec of a run that does not exist is refused by its name") {
        newStore().open().use { journal ->
            shouldThrow<JournalException> { journal.runs().spec("unknown") }.message shouldBe
                "There is no run unknown in this journal."
        }
    }
}
