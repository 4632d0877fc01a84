package dev.emrys.journal

import com.google.common.collect.ImmutableList
import dev.emrys.run.Event
import dev.emrys.run.Outcome
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf

private class ForeignLease(private val run: String, private val token: Long) : Lease {
    override fun run(): String = run

    override fun token(): Long = token

    override fun close() {}
}

suspend fun FunSpecContainerScope.eventLogContract(newStore: () -> Store) {
    test("events are read back in the order of their appends, those of each run apart") {
        newStore().open().use { journal ->
            val one = journal.runs().create(record("r1"), "{}")
            val two = journal.runs().create(record("r2"), "{}")
            journal.events().append(one, 1, eventsOf("a", "b")).soon()
            journal.events().append(two, 1, eventsOf("x")).soon()
            journal.events().append(one, 3, eventsOf("c")).soon()
            journal.events().readAll("r1") shouldContainExactly eventsOf("a", "b", "c")
            journal.events().readAll("r2") shouldContainExactly eventsOf("x")
            journal.events().readAll("unknown").shouldBeEmpty()
        }
    }

    test("a reader gets only what is new: from a number on, in pages") {
        newStore().open().use { journal ->
            val lease = journal.runs().create(record("r1"), "{}")
            val log = journal.events()
            log.lastSeq("r1") shouldBe 0
            log.lastSeq("unknown") shouldBe 0
            log.append(lease, 1, eventsOf("a", "b", "c", "d")).soon()
            log.lastSeq("r1") shouldBe 4
            log.read("r1", 2, 2) shouldContainExactly eventsOf("b", "c")
            log.read("r1", 4, EventLog.MAX_PAGE) shouldContainExactly eventsOf("d")
            log.read("r1", 5, 1).shouldBeEmpty()
            val seen = mutableListOf<Event>()
            val next = log.forEach("r1", 3, seen::add)
            next shouldBe 5
            log.forEach("r1", next, seen::add) shouldBe 5
            log.append(lease, 5, eventsOf("e")).soon()
            log.forEach("r1", next, seen::add) shouldBe 6
            seen shouldContainExactly eventsOf("c", "d", "e")
        }
    }

    test("a page that is out of range is refused") {
        newStore().open().use { journal ->
            listOf(0L to 1, 1L to 0, 1L to EventLog.MAX_PAGE + 1).forEach { (from, limit) ->
                shouldThrow<IllegalArgumentException> { journal.events().read("r1", from, limit) }
            }
        }
    }

    test("an append of many events is written whole, and read in more than one page") {
        newStore().open().use { journal ->
            val lease = journal.runs().create(record("r1"), "{}")
            val many = eventsOf(*Array(2 * EventLog.MAX_EVENTS_PER_STEP + 500) { "step-$it" })
            val all = many + eventOf("after")
            val first = journal.events().append(lease, 1, many)
            journal.events().append(lease, many.size + 1L, eventsOf("after")).soon()
            first.isDone shouldBe true
            journal.events().lastSeq("r1") shouldBe all.size
            journal.events().readAll("r1") shouldContainExactly all
        }
    }

    test("an append of no events is done at once") {
        newStore().open().use { journal ->
            val lease = journal.runs().create(record("r1"), "{}")
            journal.events().append(lease, 1, ImmutableList.of()).soon()
            journal.events().lastSeq("r1") shouldBe 0
        }
    }

    test("a number that exists fails the whole append, and nothing of it is written") {
        newStore().open().use { journal ->
            val lease = journal.runs().create(record("r1"), "{}")
            journal.events().append(lease, 1, eventsOf("a", "b")).soon()
            failureOf(journal.events().append(lease, 2, eventsOf("x", "y"))).message shouldBe
                "Event 2 of run r1 is already in the journal, so something else writes to this run." +
                    "\n    See what it is: emrys show r1"
            journal.events().readAll("r1") shouldContainExactly eventsOf("a", "b")
            journal.events().append(lease, 3, eventsOf("c")).soon()
            journal.events().readAll("r1") shouldContainExactly eventsOf("a", "b", "c")
        }
    }

    test("what comes after a failed append is refused too: a history has no gaps") {
        newStore().open().use { journal ->
            val lease = journal.runs().create(record("r1"), "{}")
            journal.events().append(lease, 1, eventsOf("a")).soon()
            failureOf(journal.events().append(lease, 3, eventsOf("c"))).message shouldBe
                "Event 3 of run r1 cannot be written before event 2." +
                    "\n    Continue the run with: emrys resume r1"
            journal.events().readAll("r1") shouldContainExactly eventsOf("a")
        }
    }

    test("an append with an old fencing token fails and writes nothing; the newest lease goes on") {
        val store = newStore()
        store.open().use { first ->
            store.open().use { second ->
                val old = first.runs().create(record("r1"), "{}")
                first.events().append(old, 1, eventsOf("a")).soon()
                old.close()
                val newest = second.leases().acquire("r1").get()
                val ended = ImmutableList.of<Event>(Event.RunEnded(noon, Outcome.FAILED))
                failureOf(first.events().append(old, 2, ended))
                    .shouldBeInstanceOf<LeaseLostException>()
                    .message shouldBe
                    "The lease of run r1 is lost: its fencing token 1 is old, the newest is 2, so another process has" +
                        " acquired the run. Nothing was written.\n    See which process drives it: emrys show r1"
                first.runs().find("r1").get().outcome() shouldBe null
                second.events().append(newest, 2, eventsOf("b")).soon()
                first.events().readAll("r1") shouldContainExactly eventsOf("a", "b")
                // Also when it knows the right number.
                failureOf(first.events().append(old, 3, eventsOf("c")))
                    .shouldBeInstanceOf<LeaseLostException>()
                newest.close()
            }
        }
    }

    test("an old token is refused by the journal that acquired the run again itself") {
        newStore().open().use { journal ->
            val old = journal.runs().create(record("r1"), "{}")
            journal.events().append(old, 1, eventsOf("a")).soon()
            old.close()
            journal.leases().acquire("r1").get().use { newest ->
                failureOf(journal.events().append(old, 2, eventsOf("b")))
                    .shouldBeInstanceOf<LeaseLostException>()
                journal.events().append(newest, 2, eventsOf("c")).soon()
            }
            journal.events().readAll("r1") shouldContainExactly eventsOf("a", "c")
        }
    }

    test("events of a run that does not exist are refused") {
        newStore().open().use { journal ->
            failureOf(journal.events().append(ForeignLease("unknown", 1), 1, eventsOf("a")))
                .message shouldBe "There is no run unknown in this journal."
        }
    }

    test("what is acknowledged is seen by every other journal, and when it is opened again") {
        val store = newStore()
        store.open().use { journal ->
            store.open().use { other ->
                val lease = journal.runs().create(record("r1"), "{\"a\":\"ä\"}")
                (1..20).forEach { seq ->
                    journal.events().append(lease, seq.toLong(), eventsOf("a$seq")).soon()
                    other.events().lastSeq("r1") shouldBe seq
                }
                lease.close()
            }
        }
        store.open().use { journal ->
            journal.events().readAll("r1") shouldContainExactly (1..20).map { eventOf("a$it") }
            journal.runs().spec("r1").decodeToString() shouldBe "{\"a\":\"ä\"}"
        }
    }

    test("a closed journal takes nothing") {
        val store = newStore()
        val journal = store.open()
        val lease = journal.runs().create(record("r1"), "{}")
        journal.close()
        journal.close()
        failureOf(journal.events().append(lease, 1, eventsOf("late"))).message shouldBe
            "The journal is closed."
        shouldThrow<JournalException> { journal.events().readAll("r1") }.message shouldBe
            "The journal is closed."
        shouldThrow<JournalException> { journal.inbox().receive("r1") {} }.message shouldBe
            "The journal is closed."
        shouldThrow<JournalException> { journal.runs().create(record("r2"), "{}") }
        lease.close()
        store.open().use { it.events().lastSeq("r1") shouldBe 0 }
    }

    test("the end of a run is recorded with its event, and removed when it is reopened") {
        newStore().open().use { journal ->
            val lease = journal.runs().create(record("1"), "{}")
            fun append(seq: Long, event: Event) =
                journal.events().append(lease, seq, ImmutableList.of(event))
            journal.runs().find("1").get().outcome() shouldBe null
            append(1, Event.RunEnded(noon.plusSeconds(9), Outcome.FAILED)).soon()
            journal.runs().find("1").get().outcome() shouldBe "FAILED"
            journal.runs().find("1").get().endedAt() shouldBe noon.plusSeconds(9)
            append(2, Event.RunReopened(noon.plusSeconds(10), "ada")).soon()
            journal.runs().find("1").get() shouldBe record("1")
            append(2, Event.RunEnded(noon, Outcome.CANCELLED)).exceptionally { null }.soon()
            journal.runs().find("1").get() shouldBe record("1")
            append(3, Event.RunEnded(noon.plusSeconds(11), Outcome.SUCCEEDED)).soon()
            journal.runs().list(1)[0].outcome() shouldBe "SUCCEEDED"
        }
    }
}
