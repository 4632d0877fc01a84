package dev.emrys.journal

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.optional.shouldBeEmpty
import io.kotest.matchers.optional.shouldBePresent
import io.kotest.matchers.shouldBe
import java.time.Instant

suspend fun FunSpecContainerScope.runLeaseContract(newStore: () -> Store) {
    test("the creator of a run is its first driver, and each acquisition raises its token") {
        val store = newStore()
        store.open().use { one ->
            val first = one.runs().create(record("r1"), "{}")
            one.runs().create(record("r2"), "{}").use { it.token() shouldBe 1 }
            first.run() shouldBe "r1"
            first.token() shouldBe 1
            first.close()
            one.leases().acquire("r1").get().use { it.token() shouldBe 2 }
        }
        store.open().use { two ->
            two.leases().acquire("r1").get().use {
                it.run() shouldBe "r1"
                it.token() shouldBe 3
            }
            two.leases().acquire("r2").get().use { it.token() shouldBe 2 }
        }
    }

    test("a run has one driver, also through another journal") {
        val store = newStore()
        store.open().use { one ->
            store.open().use { two ->
                val lease = one.runs().create(record("r1"), "{}")
                one.runs().create(record("r2"), "{}").close()
                one.leases().acquire("r1").shouldBeEmpty()
                two.leases().acquire("r1").shouldBeEmpty()
                two.leases().acquire("r2").shouldBePresent().close()
                lease.close()
                lease.close()
                two.leases().acquire("r1").shouldBePresent().close()
            }
        }
    }

    test("an attempt to acquire a run that is driven does not raise its token") {
        newStore().open().use { journal ->
            journal.runs().create(record("r1"), "{}").use { lease ->
                journal.leases().acquire("r1").shouldBeEmpty()
                journal.events().append(lease, 1, eventsOf("a")).soon()
            }
        }
    }

    test("a lease that is closed twice does not release the next one") {
        newStore().open().use { journal ->
            val first = journal.runs().create(record("r1"), "{}")
            first.close()
            journal.leases().acquire("r1").get().use {
                first.close()
                journal.leases().acquire("r1").shouldBeEmpty()
            }
        }
    }

    test("a lease is held until it is closed, also when its journal is closed before") {
        val store = newStore()
        val journal = store.open()
        val lease = journal.runs().create(record("r1"), "{}")
        journal.close()
        store.open().use { other ->
            other.leases().acquire("r1").shouldBeEmpty()
            lease.close()
            other.leases().acquire("r1").shouldBePresent().close()
        }
    }

    test("the holder is named with its process and since when; there is none without a lease") {
        val store = newStore()
        store.open().use { journal ->
            journal.leases().holder("r1").shouldBeEmpty()
            val before = Instant.now()
            journal.runs().create(record("r1"), "{}").use {
                val holder = journal.leases().holder("r1").get()
                holder.pid() shouldBe ProcessHandle.current().pid()
                (holder.since() >= before && holder.since() <= Instant.now()) shouldBe true
                holder.host().length shouldBeGreaterThan 0
                store.open().use { other -> other.leases().holder("r1").get() shouldBe holder }
                journal.leases().holder("r2").shouldBeEmpty()
            }
            journal.leases().holder("r1").shouldBeEmpty()
            val between = Instant.now()
            journal.leases().acquire("r1").get().use {
                (journal.leases().holder("r1").get().since() >= between) shouldBe true
            }
        }
    }

    test("a run that does not exist cannot be acquired") {
        newStore().open().use { journal ->
            shouldThrow<JournalException> { journal.leases().acquire("unknown") }.message shouldBe
                "There is no run unknown in this journal."
            journal.leases().holder("unknown").shouldBeEmpty()
        }
    }
}
