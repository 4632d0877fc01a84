package dev.emrys.journal

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.optional.shouldBeEmpty
import io.kotest.matchers.shouldBe

private const val PARTS = 30

class SqliteSnapshotStoreTest :
    FunSpec({
        fun form() = ByteArray(PARTS * SqliteSnapshotStore.PART_BYTES)

        test("one snapshot per run is kept, all parts of the earlier ones are deleted") {
            val folder = tempdir().toPath()
            sqlite(folder).use { journal ->
                val lease = journal.runs().create(record("r1"), "{}")
                journal.events().append(lease, 1, eventsOf("a", "b", "c")).soon()
                (1L..3L).forEach { seq ->
                    journal.snapshots().write(lease, Snapshot(seq, 1, form())).soon()
                }
                plainSql(folder).use {
                    it.rows("SELECT DISTINCT seq FROM snapshots") shouldBe listOf(listOf(3))
                    it.rows("SELECT count(*) FROM snapshots") shouldBe listOf(listOf(PARTS))
                }
            }
        }

        test("appends are written between the parts of a snapshot") {
            val folder = tempdir().toPath()
            sqlite(folder).use { journal ->
                val lease = journal.runs().create(record("r1"), "{}")
                journal.events().append(lease, 1, eventsOf("a")).soon()
                val stored = journal.snapshots().write(lease, Snapshot(1, 1, form()))
                val before = journal.events().append(lease, 2, eventsOf("b"))
                before.soon()
                val parts =
                    plainSql(folder).use {
                        it.rows("SELECT count(*) FROM snapshots")[0][0] as Int
                    }
                // Behind one part, and not behind all of them.
                PARTS shouldBeGreaterThan parts
                stored.soon()
                journal.snapshots().newest("r1", 1).get().form().size shouldBe form().size
            }
        }

        test("a snapshot that was written in part only is ignored, and deleted with the next") {
            val folder = tempdir().toPath()
            sqlite(folder).use { journal ->
                val lease = journal.runs().create(record("r1"), "{}")
                journal.events().append(lease, 1, eventsOf("a", "b", "c")).soon()
                journal.snapshots().write(lease, Snapshot(1, 1, ByteArray(3))).soon()
                journal.snapshots().write(lease, Snapshot(2, 1, form())).soon()
                plainSql(folder).use { it.run("UPDATE snapshots SET last = 0") }
                journal.snapshots().newest("r1", 1).shouldBeEmpty()
                plainSql(folder).use {
                    it.run("UPDATE snapshots SET last = 1 WHERE part = ${PARTS - 1}")
                    it.run("DELETE FROM snapshots WHERE part = 2")
                }
                journal.snapshots().newest("r1", 1).shouldBeEmpty()
                journal.snapshots().write(lease, Snapshot(3, 1, ByteArray(3))).soon()
                plainSql(folder).use {
                    it.rows("SELECT seq FROM snapshots") shouldBe listOf(listOf(3))
                }
            }
        }

        test("a snapshot of an event that is not in the file is ignored") {
            val folder = tempdir().toPath()
            sqlite(folder).use { journal ->
                val lease = journal.runs().create(record("r1"), "{}")
                journal.events().append(lease, 1, eventsOf("a", "b")).soon()
                journal.snapshots().write(lease, Snapshot(2, 1, ByteArray(3))).soon()
                plainSql(folder).use { it.run("DELETE FROM events WHERE seq = 2") }
                journal.snapshots().newest("r1", 1).shouldBeEmpty()
            }
        }
    })
