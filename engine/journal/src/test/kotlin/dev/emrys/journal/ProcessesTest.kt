package dev.emrys.journal

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.optional.shouldBeEmpty
import io.kotest.matchers.optional.shouldBePresent
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.time.Instant

class ProcessesTest :
    FunSpec({
        test("two processes append to one file at once, and nothing of either is lost") {
            val folder = tempdir().toPath()
            val each = 300
            SqliteJournal.open(folder).use { journal ->
                journal.create(record("here"), "{}")
                journal.create(record("there"), "{}")
                ChildProcess("append", folder.toString(), "there", each.toString()).use { child ->
                    child.answer() shouldBe "ready"
                    child.goOn()
                    (1..each)
                        .map { journal.append("here", it.toLong(), facts("here/$it")) }
                        .forEach { it.soon() }
                    child.answer() shouldBe "done"
                }
                listOf("here", "there").forEach { run ->
                    journal.events(run) shouldContainExactly (1..each).map { fact("$run/$it") }
                }
            }
        }

        test("within a process a run has one driver, whatever journal it came through") {
            val folder = tempdir().toPath()
            SqliteJournal.open(folder).use { one ->
                SqliteJournal.open(folder).use { two ->
                    val owned = one.own("r1").get()
                    one.own("r1").shouldBeEmpty()
                    two.own("r1").shouldBeEmpty()
                    two.own("r2").shouldBePresent().close()
                    owned.close()
                    owned.close()
                    two.own("r1").shouldBePresent().close()
                }
            }
        }

        test("an ownership closed twice does not free the next one") {
            SqliteJournal.open(tempdir().toPath()).use { journal ->
                val first = journal.own("r1").get()
                first.close()
                journal.own("r1").get().use {
                    first.close()
                    journal.own("r1").shouldBeEmpty()
                }
            }
        }

        test("the holder is named with its process and since when, and nobody when there is none") {
            val folder = tempdir().toPath()
            SqliteJournal.open(folder).use { journal ->
                journal.holder("r1").shouldBeEmpty()
                val before = Instant.now()
                journal.own("r1").get().use {
                    val holder = journal.holder("r1").get()
                    holder.pid() shouldBe ProcessHandle.current().pid()
                    (holder.since() >= before && holder.since() <= Instant.now()) shouldBe true
                    holder.host().length shouldBeGreaterThan 0
                    journal.holder("r2").shouldBeEmpty()
                }
                journal.holder("r1").shouldBeEmpty()
            }
        }

        test(
            "looking at who drives never drops the lock, from whatever way the folder is reached"
        ) {
            val folder = tempdir().toPath()
            val link = tempdir().toPath().resolve("link")
            Files.createSymbolicLink(link, folder)
            SqliteJournal.open(folder).use { journal ->
                SqliteJournal.open(link).use { other ->
                    journal.own("r1").get().use {
                        repeat(3) {
                            journal.holder("r1").shouldBePresent()
                            other.holder("r1").get().pid() shouldBe ProcessHandle.current().pid()
                            other.own("r1").shouldBeEmpty()
                        }
                        ChildProcess("own", folder.toString(), "r1").use {
                            it.answer() shouldBe "refused"
                        }
                    }
                }
            }
        }

        test(
            "another process holds the run until it is killed, and looking does not take it away"
        ) {
            val folder = tempdir().toPath()
            SqliteJournal.open(folder).use { journal ->
                ChildProcess("own", folder.toString(), "r1").use { child ->
                    child.answer() shouldBe "owned"
                    repeat(3) {
                        journal.own("r1").shouldBeEmpty()
                        journal.holder("r1").get().pid() shouldBe child.pid
                    }
                    child.kill()
                    journal.holder("r1").shouldBeEmpty()
                    journal.own("r1").get().use {
                        journal.holder("r1").get().pid() shouldBe ProcessHandle.current().pid()
                    }
                }
            }
        }

        test("a lock whose holder cannot be written down is not kept") {
            val folder = tempdir().toPath()
            SqliteJournal.open(folder).use { journal ->
                val inTheWay = folder.resolve("locks/r1.holder/x")
                Files.createDirectories(inTheWay)
                runCatching { journal.own("r1") }
                    .exceptionOrNull()
                    .let { (it is JournalException) shouldBe true }
                Files.delete(inTheWay)
                Files.delete(inTheWay.parent)
                journal.own("r1").shouldBePresent().close()
            }
        }
    })
