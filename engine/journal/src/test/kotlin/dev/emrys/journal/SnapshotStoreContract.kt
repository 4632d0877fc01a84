package dev.emrys.journal

import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.optional.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlin.random.Random

private const val VERSION = 7

private fun form(size: Int, seed: Int = size) = Random(seed).nextBytes(size)

suspend fun FunSpecContainerScope.snapshotStoreContract(newStore: () -> Store) {
    test("the newest snapshot of a run is read back, small or large, those of each run apart") {
        newStore().open().use { journal ->
            val one = journal.runs().create(record("r1"), "{}")
            val two = journal.runs().create(record("r2"), "{}")
            journal.events().append(one, 1, eventsOf("a", "b", "c", "d")).soon()
            journal.events().append(two, 1, eventsOf("x")).soon()
            val snapshots = journal.snapshots()
            snapshots.newest("r1", VERSION).shouldBeEmpty()
            snapshots.newest("unknown", VERSION).shouldBeEmpty()
            val part = SqliteSnapshotStore.PART_BYTES
            listOf(1, part, part + 1, 20 * part).forEachIndexed { index, size ->
                snapshots.write(one, Snapshot(index + 1L, VERSION, form(size))).soon()
                val newest = snapshots.newest("r1", VERSION).get()
                newest.seq() shouldBe index + 1
                newest.version() shouldBe VERSION
                newest.form().contentEquals(form(size)) shouldBe true
            }
            snapshots.newest("r2", VERSION).shouldBeEmpty()
        }
    }

    test("a snapshot of another version is ignored") {
        newStore().open().use { journal ->
            val lease = journal.runs().create(record("r1"), "{}")
            journal.events().append(lease, 1, eventsOf("a")).soon()
            journal.snapshots().write(lease, Snapshot(1, VERSION, form(9))).soon()
            journal.snapshots().newest("r1", VERSION - 1).shouldBeEmpty()
            journal.snapshots().newest("r1", VERSION + 1).shouldBeEmpty()
        }
    }

    test("a snapshot of events that are not in the journal is refused") {
        newStore().open().use { journal ->
            val lease = journal.runs().create(record("r1"), "{}")
            journal.events().append(lease, 1, eventsOf("a")).soon()
            failureOf(journal.snapshots().write(lease, Snapshot(2, VERSION, form(9))))
                .message shouldBe
                "A snapshot of run r1 at event 2 cannot be stored before that event."
            journal.snapshots().newest("r1", VERSION).shouldBeEmpty()
        }
    }

    test("a snapshot with an old fencing token is refused, and changes nothing") {
        val store = newStore()
        store.open().use { first ->
            store.open().use { second ->
                val old = first.runs().create(record("r1"), "{}")
                first.events().append(old, 1, eventsOf("a", "b")).soon()
                first.snapshots().write(old, Snapshot(1, VERSION, form(9))).soon()
                old.close()
                second.leases().acquire("r1").get().use {
                    failureOf(first.snapshots().write(old, Snapshot(2, VERSION, form(10))))
                        .shouldBeInstanceOf<LeaseLostException>()
                    second.snapshots().newest("r1", VERSION).get().seq() shouldBe 1
                }
            }
        }
    }

    test("a snapshot is seen by every other journal, and when it is opened again") {
        val store = newStore()
        store.open().use { journal ->
            val lease = journal.runs().create(record("r1"), "{}")
            journal.events().append(lease, 1, eventsOf("a")).soon()
            journal.snapshots().write(lease, Snapshot(1, VERSION, form(9))).soon()
            store.open().use { it.snapshots().newest("r1", VERSION).get().seq() shouldBe 1 }
            lease.close()
        }
        store.open().use { it.snapshots().newest("r1", VERSION).get().seq() shouldBe 1 }
    }

    test("a closed journal takes no snapshot") {
        val journal = newStore().open()
        val lease = journal.runs().create(record("r1"), "{}")
        journal.events().append(lease, 1, eventsOf("a")).soon()
        journal.close()
        failureOf(journal.snapshots().write(lease, Snapshot(1, VERSION, form(9)))).message shouldBe
            "The journal is closed."
        lease.close()
    }
}
